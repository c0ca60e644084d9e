import type { Buyer, Payment } from "../state/buyer.ts";
import { randomName } from "../state/names.ts";
import type { WireEvent } from "./wire-event.ts";

const BUSINESS = "bus_local";

type DodoEvent = Omit<WireEvent, "place">;

function dodoEvent(type: string, data: object, at: number): DodoEvent {
  return {
    provider: "dodo",
    id: `msg_${randomName()}`,
    at,
    payload: { business_id: BUSINESS, type, timestamp: new Date(at).toISOString(), data },
  };
}

/** `payment.succeeded`, `.failed` or `.cancelled`. */
export const paymentEvent = (buyer: Buyer, payment: Payment, at: number): DodoEvent =>
  dodoEvent(`payment.${payment.status}`, paymentObject(buyer, payment), at);

/** `refund.succeeded` of the last refund of a payment. @throws Error when it has none */
export function refundEvent(buyer: Buyer, payment: Payment, at: number): DodoEvent {
  const refund = payment.refunds.at(-1);
  if (!refund) throw new Error("There is no refund to tell of.");
  return dodoEvent(
    "refund.succeeded",
    {
      payload_type: "Refund",
      refund_id: refund.id,
      payment_id: payment.id,
      business_id: BUSINESS,
      brand_id: BUSINESS,
      status: "succeeded",
      amount: refund.amount,
      currency: payment.currency,
      is_partial: refund.amount < payment.amount,
      reason: null,
      customer: customerObject(buyer),
      metadata: {},
      created_at: new Date(refund.at).toISOString(),
    },
    at,
  );
}

const paymentObject = (buyer: Buyer, payment: Payment): object => ({
  payload_type: "Payment",
  payment_id: payment.id,
  business_id: BUSINESS,
  brand_id: BUSINESS,
  status: payment.status,
  total_amount: payment.amount,
  currency: payment.currency,
  settlement_amount: payment.amount,
  settlement_currency: payment.currency,
  tax: 0,
  created_at: new Date(payment.at).toISOString(),
  customer: customerObject(buyer),
  billing: { country: "US" },
  product_cart: [{ product_id: payment.productId, quantity: 1 }],
  metadata: { user_id: payment.userId, reference: payment.reference },
  checkout_session_id: payment.checkoutId,
  refunds: payment.refunds.map(({ id, amount }) => ({ refund_id: id, amount })),
  disputes: [],
  subscription_ids: [],
  digital_products_delivered: false,
  is_multi_subscription: false,
  is_update_payment_method: false,
  retry_attempt: 0,
  payment_provider: "local",
  error_code: payment.status === "failed" ? "INSUFFICIENT_FUNDS" : null,
  error_message: payment.status === "failed" ? "The card has insufficient funds." : null,
});

const customerObject = ({ customerId, email, name }: Buyer): object => ({
  customer_id: customerId,
  email: email ?? "nobody@facet.example",
  name: name ?? "Nobody",
});
