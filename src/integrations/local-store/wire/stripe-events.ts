import { periodAfter, type Goods } from "../goods.ts";
import type { Buyer, Checkout, Payment, Subscription } from "../state/buyer.ts";
import { leftOf } from "../state/buyer.ts";
import { randomName } from "../state/names.ts";
import { seconds, type WireEvent } from "./wire-event.ts";

const API_VERSION = "2026-10-28.endive";
const RETRY_MS = 3 * 86_400_000;

type StripeEvent = Omit<WireEvent, "place">;

function stripeEvent(type: string, object: object, at: number, previous?: object): StripeEvent {
  const id = `evt_${randomName()}`;
  return {
    provider: "stripe",
    id,
    at,
    payload: {
      id,
      object: "event",
      api_version: API_VERSION,
      created: seconds(at),
      livemode: false,
      pending_webhooks: 1,
      request: { id: null, idempotency_key: null },
      type,
      data: { object, ...(previous && { previous_attributes: previous }) },
    },
  };
}

/** `customer.subscription.created`, `.updated` or `.deleted` about a subscription as it is then. */
export function subscriptionEvent(
  change: "created" | "updated" | "deleted",
  subject: { readonly buyer: Buyer; readonly subscription: Subscription; readonly goods: Goods },
  at: number,
  options: { readonly status?: string; readonly previous?: object } = {},
): StripeEvent {
  const { buyer, subscription, goods } = subject;
  const object = subscriptionObject(buyer, subscription, goods, options.status);
  return stripeEvent(`customer.subscription.${change}`, object, at, options.previous);
}

/** `checkout.session.completed` of a checkout that was paid. */
export const checkoutCompleted = (
  buyer: Buyer,
  checkout: Checkout,
  payment: Payment,
  at: number,
): StripeEvent =>
  stripeEvent(
    "checkout.session.completed",
    {
      id: checkout.id,
      object: "checkout.session",
      mode: "subscription",
      status: "complete",
      payment_status: "paid",
      client_reference_id: checkout.userId,
      customer: buyer.customerId,
      customer_details: { email: buyer.email, name: buyer.name },
      subscription: payment.subscriptionId,
      invoice: invoiceIdOf(payment),
      amount_total: payment.amount,
      currency: payment.currency.toLowerCase(),
      metadata: { user_id: checkout.userId },
      livemode: false,
      url: null,
      expires_at: seconds(checkout.openedAt) + 86_400,
    },
    at,
  );

/** `invoice.paid` or `invoice.payment_failed` of a bill of a subscription. */
export function invoiceEvent(
  subject: { readonly buyer: Buyer; readonly subscription: Subscription },
  payment: Payment,
  reason: "subscription_create" | "subscription_cycle",
  at: number,
): StripeEvent {
  const { buyer, subscription } = subject;
  const paid = payment.status === "succeeded";
  return stripeEvent(
    paid ? "invoice.paid" : "invoice.payment_failed",
    {
      id: invoiceIdOf(payment),
      object: "invoice",
      status: paid ? "paid" : "open",
      customer: buyer.customerId,
      billing_reason: reason,
      amount_paid: paid ? payment.amount : 0,
      amount_due: payment.amount,
      currency: payment.currency.toLowerCase(),
      attempt_count: 1,
      next_payment_attempt: paid ? null : seconds(at + RETRY_MS),
      hosted_invoice_url: null,
      created: seconds(at),
      livemode: false,
      parent: {
        type: "subscription_details",
        quote_details: null,
        subscription_details: {
          subscription: subscription.id,
          metadata: { user_id: subscription.userId },
        },
      },
    },
    at,
  );
}

/** `payment_intent.payment_failed`: a card was declined on the page of a checkout. */
export const cardDeclined = (buyer: Buyer, payment: Payment, at: number): StripeEvent =>
  stripeEvent(
    "payment_intent.payment_failed",
    {
      id: intentIdOf(payment),
      object: "payment_intent",
      status: "requires_payment_method",
      amount: payment.amount,
      currency: payment.currency.toLowerCase(),
      customer: buyer.customerId,
      metadata: {},
      livemode: false,
      last_payment_error: {
        type: "card_error",
        code: "card_declined",
        decline_code: "insufficient_funds",
        message: "Your card has insufficient funds.",
      },
    },
    at,
  );

/** `charge.refunded`: some or all money of a bill went back. */
export const chargeRefunded = (buyer: Buyer, payment: Payment, at: number): StripeEvent => {
  const left = leftOf(payment);
  return stripeEvent(
    "charge.refunded",
    {
      id: payment.id.replace(/^pay_/, "ch_"),
      object: "charge",
      status: "succeeded",
      paid: true,
      amount: payment.amount,
      amount_refunded: payment.amount - left,
      refunded: left === 0,
      currency: payment.currency.toLowerCase(),
      customer: buyer.customerId,
      payment_intent: intentIdOf(payment),
      metadata: {},
      livemode: false,
    },
    at,
  );
};

function subscriptionObject(
  buyer: Buyer,
  subscription: Subscription,
  goods: Goods,
  status?: string,
): object {
  const { id, periodStart, periodEnd, cancelAtPeriodEnd, endedAt } = subscription;
  return {
    id,
    object: "subscription",
    status: status ?? subscription.status,
    customer: buyer.customerId,
    cancel_at: cancelAtPeriodEnd ? seconds(periodEnd) : null,
    cancel_at_period_end: cancelAtPeriodEnd,
    canceled_at: endedAt === null ? null : seconds(endedAt),
    ended_at: endedAt === null ? null : seconds(endedAt),
    trial_end: null,
    created: seconds(subscription.startedAt),
    start_date: seconds(subscription.startedAt),
    currency: goods.currency.toLowerCase(),
    livemode: false,
    billing_mode: { type: "flexible", flexible: null },
    latest_invoice: null,
    metadata: { user_id: subscription.userId },
    items: {
      object: "list",
      has_more: false,
      url: `/v1/subscription_items?subscription=${id}`,
      data: [
        {
          id: id.replace(/^sub_/, "si_"),
          object: "subscription_item",
          subscription: id,
          quantity: 1,
          current_period_start: seconds(periodStart),
          current_period_end: seconds(periodEnd),
          price: priceObject(goods),
        },
      ],
    },
  };
}

const priceObject = ({ productId, price, currency, lasts }: Goods): object => ({
  id: productId,
  object: "price",
  product: productId.replace(/^price_/, "prod_"),
  unit_amount: price,
  currency: currency.toLowerCase(),
  recurring: { interval: (lasts ?? "MONTH").toLowerCase(), interval_count: 1 },
});

const invoiceIdOf = ({ id }: Payment): string => id.replace(/^pay_/, "in_");
const intentIdOf = ({ id }: Payment): string => id.replace(/^pay_/, "pi_");

/** A subscription that begins at a time. */
export const begun = (
  id: string,
  checkout: Checkout,
  goods: Goods,
  startedAt: number,
): Subscription => ({
  id,
  userId: checkout.userId,
  productId: checkout.productId,
  status: "active",
  startedAt,
  periodStart: startedAt,
  periodEnd: periodAfter(startedAt, goods.lasts),
  cancelAtPeriodEnd: false,
  endedAt: null,
});
