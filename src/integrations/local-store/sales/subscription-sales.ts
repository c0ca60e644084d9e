import { periodAfter, type Goods } from "../goods.ts";
import { withOne, type Buyer, type Payment, type Subscription } from "../state/buyer.ts";
import type { Change } from "../state/buyers.ts";
import { newName } from "../state/names.ts";
import { invoiceEvent, subscriptionEvent } from "../wire/stripe-events.ts";
import { inOrder } from "../wire/wire-event.ts";

/** What can happen to a subscription that was sold on the web. */
export type SubscriptionAct = (
  buyer: Buyer,
  subscription: Subscription,
  goods: Goods,
  at: Date,
) => Change | null;

/** The next period is paid: at its end, or late after a payment failed. */
export const renew: SubscriptionAct = (buyer, subscription, goods, at) => {
  if (subscription.endedAt !== null) return null;
  // The period of a bill that is not paid has begun already.
  const next = subscription.status === "past_due" ? subscription : advanced(subscription, goods);
  const renewed: Subscription = { ...next, status: "active" };
  return billed(buyer, subscription, renewed, goods, "succeeded", at);
};

/** The next period begins, and its bill cannot be paid. */
export const failRenewal: SubscriptionAct = (buyer, subscription, goods, at) => {
  if (subscription.endedAt !== null) return null;
  const next = subscription.status === "past_due" ? subscription : advanced(subscription, goods);
  return billed(buyer, subscription, { ...next, status: "past_due" }, goods, "failed", at);
};

/** It ends with its period. */
export const cancelAtPeriodEnd: SubscriptionAct = (buyer, subscription, goods, at) =>
  scheduled(buyer, subscription, goods, at, true);

/** It goes on after all. */
export const resume: SubscriptionAct = (buyer, subscription, goods, at) =>
  scheduled(buyer, subscription, goods, at, false);

/** It ends at once. */
export const endNow: SubscriptionAct = (buyer, subscription, goods, at) => {
  if (subscription.endedAt !== null) return null;
  const ended: Subscription = { ...subscription, status: "canceled", endedAt: at.getTime() };
  const subject = { buyer, subscription: ended, goods };
  return {
    buyer: { ...buyer, subscriptions: withOne(buyer.subscriptions, ended) },
    events: inOrder([subscriptionEvent("deleted", subject, at.getTime())]),
  };
};

function scheduled(
  buyer: Buyer,
  subscription: Subscription,
  goods: Goods,
  at: Date,
  cancel: boolean,
): Change | null {
  if (subscription.endedAt !== null || subscription.cancelAtPeriodEnd === cancel) return null;
  const changed = { ...subscription, cancelAtPeriodEnd: cancel };
  const subject = { buyer, subscription: changed, goods };
  const previous = { cancel_at_period_end: !cancel };
  return {
    buyer: { ...buyer, subscriptions: withOne(buyer.subscriptions, changed) },
    events: inOrder([subscriptionEvent("updated", subject, at.getTime(), { previous })]),
  };
}

function billed(
  buyer: Buyer,
  before: Subscription,
  after: Subscription,
  goods: Goods,
  status: "succeeded" | "failed",
  at: Date,
): Change {
  const payment: Payment = {
    id: newName("pay", buyer.customerId),
    store: "stripe",
    userId: after.userId,
    checkoutId: null,
    subscriptionId: after.id,
    productId: after.productId,
    reference: null,
    amount: goods.price,
    currency: goods.currency,
    status,
    at: at.getTime(),
    refunds: [],
  };
  const subject = { buyer, subscription: after, goods };
  const previous = { status: before.status };
  return {
    buyer: {
      ...buyer,
      subscriptions: withOne(buyer.subscriptions, after),
      payments: [...buyer.payments, payment],
    },
    events: inOrder([
      subscriptionEvent("updated", subject, at.getTime(), { previous }),
      invoiceEvent(subject, payment, "subscription_cycle", at.getTime()),
    ]),
  };
}

const advanced = (subscription: Subscription, goods: Goods): Subscription => ({
  ...subscription,
  periodStart: subscription.periodEnd,
  periodEnd: periodAfter(subscription.periodEnd, goods.lasts),
});
