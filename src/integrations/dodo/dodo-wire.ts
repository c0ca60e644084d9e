import { z } from "zod";

/** What of Dodo's objects is read here; its other fields may come and go. */
const id = z.string().min(1).max(255);
const time = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
const money = z.int().min(0).max(2_147_483_647);
const currency = z.string().regex(/^[A-Z]{3}$/);

/** A payment's state; null while the buyer has not begun to pay. Unknown ones are read as undecided. */
const paymentStatus = z.string().nullish();

/** `GET /payments/{id}`, and the data of `payment.*` webhooks. */
export const dodoPayment = z.object({
  payment_id: id,
  status: paymentStatus,
  total_amount: money,
  currency,
  customer: z.object({ customer_id: id }),
  metadata: z.record(z.string(), z.unknown()).nullish(),
  product_cart: z
    .array(z.object({ product_id: id, quantity: z.int().min(1).max(1_000) }))
    .nullish(),
  /** Set when it was a bill of a subscription. */
  subscription_id: z.string().nullish(),
  subscription_ids: z.array(z.string()).nullish(),
  created_at: time,
});
export type DodoPayment = z.infer<typeof dodoPayment>;

/** The data of `refund.*` webhooks. */
export const dodoRefund = z.object({
  refund_id: id,
  payment_id: id,
  status: z.string(),
  amount: money.nullish(),
  customer: z.object({ customer_id: id }).nullish(),
});

/** The data of `dispute.*` webhooks. */
export const dodoDispute = z.object({
  dispute_id: id,
  payment_id: id,
  dispute_status: z.string().nullish(),
  customer: z.object({ customer_id: id }).nullish(),
});

/** Every webhook, before its data is looked at. */
export const dodoEvent = z.object({
  type: z.string().min(1).max(255),
  timestamp: time,
  business_id: id,
  data: z.record(z.string(), z.unknown()),
});

/** `POST /checkouts`. */
export const dodoNewCheckout = z.object({ session_id: id, checkout_url: z.url() });

/** `GET /checkouts/{id}`. */
export const dodoCheckout = z.object({
  id: z.string(),
  payment_id: id.nullish(),
  payment_status: paymentStatus,
});
