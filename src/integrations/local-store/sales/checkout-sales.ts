import type { Goods } from "../goods.ts";
import {
  leftOf,
  paymentOf,
  withOne,
  type Buyer,
  type Checkout,
  type Payment,
} from "../state/buyer.ts";
import type { Change } from "../state/buyers.ts";
import { newName, randomName } from "../state/names.ts";
import { paymentEvent, refundEvent } from "../wire/dodo-events.ts";
import {
  begun,
  cardDeclined,
  chargeRefunded,
  checkoutCompleted,
  invoiceEvent,
  subscriptionEvent,
} from "../wire/stripe-events.ts";
import { inOrder } from "../wire/wire-event.ts";

/** Room for what comes first of an action. */
const BEFORE_MS = 1_000;

/** Opens a checkout; the one that is open under its id already stays as it is. */
export function openCheckout(
  buyer: Buyer,
  checkout: Checkout,
  who: { readonly email: string | null; readonly name: string | null },
): Change | null {
  if (buyer.checkouts.some(({ id }) => id === checkout.id)) return null;
  const email = who.email ?? buyer.email;
  const name = who.name ?? buyer.name;
  const checkouts = [...buyer.checkouts, checkout];
  return { buyer: { ...buyer, email, name, checkouts }, events: [] };
}

/** Pays a checkout. Nothing happens when it is paid already: two clicks pay once. */
export function payCheckout(
  buyer: Buyer,
  checkout: Checkout,
  goods: Goods,
  at: Date,
): Change | null {
  if (paymentOf(buyer, checkout.id)) return null;
  const now = at.getTime();
  if (checkout.store === "dodo") {
    const payment = attempt(buyer, checkout, goods, "succeeded", now);
    const paid = { ...buyer, payments: [...buyer.payments, payment] };
    return { buyer: paid, events: inOrder([paymentEvent(buyer, payment, now)]) };
  }
  const subscription = begun(newName("sub", buyer.customerId), checkout, goods, now);
  const payment = {
    ...attempt(buyer, checkout, goods, "succeeded", now),
    subscriptionId: subscription.id,
  };
  const subject = { buyer, subscription, goods };
  return {
    buyer: {
      ...buyer,
      subscriptions: [...buyer.subscriptions, subscription],
      payments: [...buyer.payments, payment],
    },
    events: inOrder([
      subscriptionEvent("created", subject, now - BEFORE_MS, { status: "incomplete" }),
      subscriptionEvent("updated", subject, now, { previous: { status: "incomplete" } }),
      invoiceEvent(subject, payment, "subscription_create", now),
      checkoutCompleted(buyer, checkout, payment, now),
    ]),
  };
}

/** Lets the payment of a checkout fail; it may be tried again. */
export function failCheckout(
  buyer: Buyer,
  checkout: Checkout,
  goods: Goods,
  at: Date,
): Change | null {
  if (paymentOf(buyer, checkout.id)) return null;
  const now = at.getTime();
  const payment = attempt(buyer, checkout, goods, "failed", now);
  const failed = { ...buyer, payments: [...buyer.payments, payment] };
  const event =
    checkout.store === "dodo"
      ? paymentEvent(failed, payment, now)
      : cardDeclined(failed, payment, now);
  return { buyer: failed, events: inOrder([event]) };
}

/** Lets the buyer give up. Stripe says nothing of it; Dodo tells it. The page stays open, as theirs do. */
export function cancelCheckout(
  buyer: Buyer,
  checkout: Checkout,
  goods: Goods,
  at: Date,
): Change | null {
  if (checkout.store === "stripe" || paymentOf(buyer, checkout.id)) return null;
  const payment = attempt(buyer, checkout, goods, "cancelled", at.getTime());
  const canceled = { ...buyer, payments: [...buyer.payments, payment] };
  return { buyer: canceled, events: inOrder([paymentEvent(canceled, payment, at.getTime())]) };
}

/** Gives money of a payment back. Nothing happens when it is more than is left, or nothing. */
export function refund(buyer: Buyer, paymentId: string, amount: number, at: Date): Change | null {
  const payment = buyer.payments.find(({ id }) => id === paymentId);
  if (payment?.status !== "succeeded" || amount < 1 || amount > leftOf(payment)) return null;
  const now = at.getTime();
  const refunds = [...payment.refunds, { id: `ref_${randomName()}`, amount, at: now }];
  const refunded = { ...payment, refunds };
  const after = { ...buyer, payments: withOne(buyer.payments, refunded) };
  const event =
    payment.store === "dodo"
      ? refundEvent(after, refunded, now)
      : chargeRefunded(after, refunded, now);
  return { buyer: after, events: inOrder([event]) };
}

/** Where a buyer goes who has paid. Each store adds what it tells the page that it leads back to. */
export function afterPaying({ store, id, successUrl }: Checkout, payment: Payment): string {
  if (store === "stripe") return successUrl.replaceAll(/(\{|%7B)CHECKOUT_SESSION_ID(\}|%7D)/gi, id);
  const back = new URL(successUrl);
  back.searchParams.set("payment_id", payment.id);
  back.searchParams.set("status", "succeeded");
  return back.href;
}

const attempt = (
  buyer: Buyer,
  checkout: Checkout,
  goods: Goods,
  status: Payment["status"],
  at: number,
): Payment => ({
  id: newName("pay", buyer.customerId),
  store: checkout.store,
  userId: checkout.userId,
  checkoutId: checkout.id,
  subscriptionId: null,
  productId: checkout.productId,
  reference: checkout.reference,
  amount: goods.price,
  currency: goods.currency,
  status,
  at,
  refunds: [],
});
