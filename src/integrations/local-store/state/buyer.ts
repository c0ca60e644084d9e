import { z } from "zod";

const time = z.number().int();

const checkout = z.object({
  id: z.string(),
  store: z.enum(["stripe", "dodo"]),
  userId: z.string(),
  productId: z.string(),
  /** What our checkout is called at Dodo. */
  reference: z.string().nullable(),
  successUrl: z.string(),
  cancelUrl: z.string(),
  openedAt: time,
});

const subscription = z.object({
  id: z.string(),
  userId: z.string(),
  productId: z.string(),
  status: z.enum(["active", "past_due", "canceled"]),
  startedAt: time,
  periodStart: time,
  periodEnd: time,
  cancelAtPeriodEnd: z.boolean(),
  endedAt: time.nullable(),
});

const refund = z.object({ id: z.string(), amount: z.number().int(), at: time });

const payment = z.object({
  id: z.string(),
  store: z.enum(["stripe", "dodo"]),
  userId: z.string(),
  checkoutId: z.string().nullable(),
  /** Set when it paid a bill of a subscription. */
  subscriptionId: z.string().nullable(),
  productId: z.string(),
  reference: z.string().nullable(),
  amount: z.number().int(),
  currency: z.string(),
  status: z.enum(["succeeded", "failed", "cancelled"]),
  at: time,
  refunds: z.array(refund),
});

const phoneItem = z.object({
  productId: z.string(),
  renews: z.boolean(),
  transactionId: z.string(),
  originalTransactionId: z.string(),
  price: z.number(),
  currency: z.string(),
  boughtAt: time,
  expiresAt: time.nullable(),
  state: z.enum(["active", "canceled", "billing issue", "expired", "refunded"]),
  /** The last webhook about it: it tells all that is true of the item. */
  lastEvent: z.unknown(),
});

/** All that one person has in the local store. Times are milliseconds, amounts the smallest unit of the currency. */
export const buyerSchema = z.object({
  customerId: z.string(),
  userId: z.string(),
  email: z.string().nullable(),
  name: z.string().nullable(),
  /** Where the page of the customer leads back to. */
  portalReturnUrl: z.string().nullable(),
  /** When the last event happened; the next one is later, so that their order is never in doubt. */
  lastEventAt: time,
  checkouts: z.array(checkout),
  subscriptions: z.array(subscription),
  payments: z.array(payment),
  phone: z.array(phoneItem),
});

export type Buyer = z.infer<typeof buyerSchema>;
export type Checkout = z.infer<typeof checkout>;
export type Subscription = z.infer<typeof subscription>;
export type Payment = z.infer<typeof payment>;
export type PhoneItem = z.infer<typeof phoneItem>;

/** Somebody who has not bought anything. */
export const newBuyer = (customerId: string, userId: string): Buyer => ({
  customerId,
  userId,
  email: null,
  name: null,
  portalReturnUrl: null,
  lastEventAt: 0,
  checkouts: [],
  subscriptions: [],
  payments: [],
  phone: [],
});

/** Money of a payment that has not gone back. */
export const leftOf = ({ amount, refunds }: Payment): number =>
  refunds.reduce((left, refund) => left - refund.amount, amount);

/** The payment that paid a checkout; undefined while it is open. */
export const paymentOf = (buyer: Buyer, checkoutId: string): Payment | undefined =>
  buyer.payments.find((each) => each.checkoutId === checkoutId && each.status === "succeeded");

/** Puts a changed thing in the place of the one with its id, or adds it. */
export const withOne = <T extends { readonly id: string }>(all: readonly T[], one: T): T[] =>
  all.some(({ id }) => id === one.id)
    ? all.map((each) => (each.id === one.id ? one : each))
    : [...all, one];
