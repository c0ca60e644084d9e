import { z } from "zod";

const seconds = z.number().transform((time) => new Date(time * 1000));
/** An id, or the whole thing where it was expanded. */
const reference = z.union([z.string(), z.object({ id: z.string() }).transform(({ id }) => id)]);
const metadata = z.record(z.string(), z.string()).nullish();

/** The envelope of every event. */
export const stripeEvent = z.object({
  id: z.string(),
  object: z.literal("event"),
  type: z.string(),
  created: seconds,
  livemode: z.boolean(),
  data: z.object({ object: z.looseObject({ id: z.string().nullish(), object: z.string() }) }),
});
export type StripeEvent = z.infer<typeof stripeEvent>;

/** Whose thing an event is about; of things without a customer, nothing. */
export const withCustomer = z.object({ customer: reference.nullish() });

/** Of a page where something is paid. */
export const checkoutSession = z.object({
  mode: z.string(),
  customer: reference.nullish(),
  client_reference_id: z.string().nullish(),
  metadata,
});

/** Older versions of the API tell the end of the period on the subscription, newer ones on its items. */
export const subscription = z.object({
  id: z.string(),
  status: z.string(),
  livemode: z.boolean().nullish(),
  customer: reference,
  current_period_end: seconds.nullish(),
  cancel_at: seconds.nullish(),
  cancel_at_period_end: z.boolean(),
  metadata,
  items: z.object({
    data: z
      .array(
        z.object({
          current_period_end: seconds.nullish(),
          price: z.object({ id: z.string() }),
        }),
      )
      .min(1),
  }),
});
export type WireSubscription = z.infer<typeof subscription>;

/** Older versions of the API name the subscription on the invoice, newer ones on its parent. */
export const invoice = z.object({
  id: z.string(),
  customer: reference.nullish(),
  currency: z.string(),
  amount_paid: z.number(),
  amount_due: z.number(),
  subscription: reference.nullish(),
  parent: z
    .object({
      subscription_details: z.object({ subscription: reference.nullish(), metadata }).nullish(),
    })
    .nullish(),
});
