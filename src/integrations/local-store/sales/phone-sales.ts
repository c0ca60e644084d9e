import { decimalsOf, periodAfter, type Goods } from "../goods.ts";
import type { Buyer, PhoneItem } from "../state/buyer.ts";
import type { Change } from "../state/buyers.ts";
import { randomName } from "../state/names.ts";
import { phoneEvent, type PhoneEventType } from "../wire/revenuecat-events.ts";
import { inOrder } from "../wire/wire-event.ts";

const GRACE_MS = 3 * 86_400_000;

/** What can happen to something that was bought on a phone. */
export type PhoneAct = (buyer: Buyer, item: PhoneItem, goods: Goods, at: Date) => Change | null;

/** Buys on the phone. Nothing happens when the subscription runs already, or lasts for ever. */
export function buy(buyer: Buyer, goods: Goods, at: Date): Change | null {
  const renews = goods.lasts !== null && goods.lasts !== "FOREVER";
  const owned = buyer.phone.filter(({ productId }) => productId === goods.productId);
  if (goods.lasts !== null && owned.some(isHeld)) return null;
  const transactionId = `local_${randomName()}`;
  const item: PhoneItem = {
    productId: goods.productId,
    renews,
    transactionId,
    originalTransactionId: transactionId,
    price: goods.price / 10 ** decimalsOf(goods.currency),
    currency: goods.currency,
    boughtAt: at.getTime(),
    expiresAt: renews ? periodAfter(at.getTime(), goods.lasts) : null,
    state: "active",
    lastEvent: null,
  };
  // A subscription that is bought again takes the place of the one that is over.
  const others = renews ? buyer.phone.filter((each) => !owned.includes(each)) : buyer.phone;
  return told({ ...buyer, phone: others }, item, at, [
    renews ? "INITIAL_PURCHASE" : "NON_RENEWING_PURCHASE",
  ]);
}

/** The next period was paid. */
export const renewOnPhone: PhoneAct = (buyer, item, goods, at) => {
  if (!item.renews || item.expiresAt === null || !isHeld(item)) return null;
  const renewed: PhoneItem = {
    ...item,
    state: "active",
    transactionId: `local_${randomName()}`,
    boughtAt: at.getTime(),
    expiresAt: periodAfter(item.expiresAt, goods.lasts),
  };
  return told(buyer, renewed, at, ["RENEWAL"]);
};

/** The buyer turned the renewal off: it is held until its period ends. */
export const cancelOnPhone: PhoneAct = (buyer, item, _goods, at) =>
  item.renews && item.state === "active"
    ? told(buyer, { ...item, state: "canceled" }, at, [
        "CANCELLATION",
        { cancel_reason: "UNSUBSCRIBE" },
      ])
    : null;

/** The buyer turned the renewal on again. */
export const uncancelOnPhone: PhoneAct = (buyer, item, _goods, at) =>
  item.state === "canceled"
    ? told(buyer, { ...item, state: "active" }, at, ["UNCANCELLATION"])
    : null;

/** The renewal could not be paid; the store waits three days. */
export const failOnPhone: PhoneAct = (buyer, item, _goods, at) =>
  item.renews && item.state === "active"
    ? told(buyer, { ...item, state: "billing issue" }, at, [
        "BILLING_ISSUE",
        { grace_period_expiration_at_ms: at.getTime() + GRACE_MS },
      ])
    : null;

/** The period is over, now. */
export const expireOnPhone: PhoneAct = (buyer, item, _goods, at) => {
  if (!item.renews || !isHeld(item)) return null;
  const expired: PhoneItem = { ...item, state: "expired", expiresAt: at.getTime() };
  const reason = item.state === "billing issue" ? "BILLING_ERROR" : "UNSUBSCRIBE";
  return told(buyer, expired, at, ["EXPIRATION", { expiration_reason: reason }]);
};

/** The store gave the money back. */
export const refundOnPhone: PhoneAct = (buyer, item, _goods, at) => {
  if (item.state === "refunded") return null;
  const details = { cancel_reason: "CUSTOMER_SUPPORT", price: -item.price };
  return told(buyer, { ...item, state: "refunded" }, at, ["CANCELLATION", details]);
};

/** Whether it still gives what was bought. */
export const isHeld = ({ state }: PhoneItem): boolean =>
  state !== "expired" && state !== "refunded";

function told(
  buyer: Buyer,
  item: PhoneItem,
  at: Date,
  [type, details]: readonly [PhoneEventType, Readonly<Record<string, unknown>>?],
): Change {
  const event = phoneEvent(type, buyer.userId, item, at.getTime(), details);
  const kept = { ...item, lastEvent: event.payload };
  const isIt = ({ originalTransactionId }: PhoneItem): boolean =>
    originalTransactionId === item.originalTransactionId;
  const phone = buyer.phone.some(isIt)
    ? buyer.phone.map((each) => (isIt(each) ? kept : each))
    : [...buyer.phone, kept];
  return { buyer: { ...buyer, phone }, events: inOrder([event]) };
}
