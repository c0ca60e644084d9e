import { z } from "zod";
import {
  isOurs,
  RANKS,
  subscriptionIdOf,
  type RevenueCatPurchase,
  type RevenueCatRefund,
  type RevenueCatReport,
  type RevenueCatSubscription,
  type RevenueCatTransfer,
} from "./revenuecat-reports.ts";
import {
  currencyEvent,
  grantEvent,
  purchaseEvent,
  transferEvent,
  type PurchaseEvent,
} from "./revenuecat-wire.ts";

const MAX_GRANT_MS = 24 * 3_600_000;

type Reader = (event: unknown) => readonly RevenueCatReport[];
type State = Pick<RevenueCatSubscription, "status" | "rank"> & Partial<RevenueCatSubscription>;

/**
 * What each type of event says. A type that is missing here says nothing to us: tests, statistics, what the future
 * brings, and PRODUCT_CHANGE, which announces a change that RENEWAL brings about.
 */
const READERS: Readonly<Record<string, Reader>> = {
  INITIAL_PURCHASE: running(RANKS.BEGINNING),
  RENEWAL: running(RANKS.RENEWAL),
  SUBSCRIPTION_EXTENDED: running(RANKS.EXTENSION),
  UNCANCELLATION: running(RANKS.UNCANCELLATION),
  REFUND_REVERSED: running(RANKS.REFUND_REVERSED),
  SUBSCRIPTION_PAUSED: subscribed(() => ({
    status: "ACTIVE",
    cancelAtPeriodEnd: true,
    rank: RANKS.PAUSE,
  })),
  BILLING_ISSUE: subscribed((event) => ({
    status: "PAST_DUE",
    // Who offers no grace has access to what is paid for, and no longer.
    graceUntil: event.grace_period_expiration_at_ms ?? event.expiration_at_ms,
    rank: RANKS.BILLING_ISSUE,
  })),
  EXPIRATION: subscribed((event) => ({
    status: event.expiration_reason === "SUBSCRIPTION_PAUSED" ? "PAUSED" : "EXPIRED",
    periodEnd: event.expiration_at_ms ?? event.event_timestamp_ms,
    rank: RANKS.EXPIRATION,
  })),
  CANCELLATION: read(purchaseEvent, (event) =>
    isRefund(event) ? refunded(event) : [subscription(event, canceled(event))],
  ),
  NON_RENEWING_PURCHASE: read(purchaseEvent, (event) => [
    subscription(event, { status: "ACTIVE", rank: RANKS.BEGINNING }),
    ...purchased(event, event.environment),
  ]),
  VIRTUAL_CURRENCY_TRANSACTION: read(currencyEvent, (event) =>
    event.source === "in_app_purchase" || event.source === null
      ? purchased(event, event.purchase_environment ?? event.environment)
      : [],
  ),
  TEMPORARY_ENTITLEMENT_GRANT: read(grantEvent, granted),
  TRANSFER: read(transferEvent, transferred),
};

/** Whether events of a type are read at all. */
export const isKnownType = (type: string): boolean => Object.hasOwn(READERS, type);

/**
 * What an event says. Whether its product gives a plan or points is not known here: an event that may be about either
 * is told both ways.
 * @throws ZodError when it is of a known type and not readable
 */
export const reportsOfEvent = (type: string, event: unknown): readonly RevenueCatReport[] =>
  isKnownType(type) ? (READERS[type]?.(event) ?? []) : [];

/** Our user among the ids of a buyer, else the first of them. */
export function buyerOf(ids: readonly (string | null)[]): {
  customerId: string | null;
  userId: string | null;
} {
  const known = ids.filter((id) => id !== null);
  const userId = known.find(isOurs) ?? null;
  return { userId, customerId: userId ?? known[0] ?? null };
}

type Named = Pick<PurchaseEvent, "app_user_id" | "original_app_user_id" | "aliases">;

/** All ids of the buyer of an event, the most telling one first. */
export const idsOf = (event: Named): (string | null)[] => [
  event.app_user_id,
  event.original_app_user_id,
  ...event.aliases,
];

function read<T>(schema: z.ZodType<T>, reports: (event: T) => RevenueCatReport[]): Reader {
  return (event) => reports(schema.parse(event));
}

function subscribed(state: (event: PurchaseEvent) => State): Reader {
  return read(purchaseEvent, (event) => [subscription(event, state(event))]);
}

function running(rank: number): Reader {
  return subscribed((event) => ({
    status: event.period_type === "TRIAL" ? "TRIALING" : "ACTIVE",
    rank,
  }));
}

/** Access stays until the end of what is paid for. */
const canceled = (event: PurchaseEvent): State => ({
  status: event.period_type === "TRIAL" ? "TRIALING" : "ACTIVE",
  cancelAtPeriodEnd: true,
  rank: RANKS.CANCELLATION,
});

const isRefund = ({ cancel_reason: reason, price }: PurchaseEvent): boolean =>
  reason === "CUSTOMER_SUPPORT" || (price ?? 0) < 0;

function refunded(event: PurchaseEvent): RevenueCatReport[] {
  const end = subscription(event, {
    status: "EXPIRED",
    periodEnd: event.event_timestamp_ms,
    rank: RANKS.REFUND,
  });
  const { transaction_id: paymentId, product_id: productId } = event;
  if (paymentId === null) return [end];
  const refund: RevenueCatRefund = {
    kind: "REFUND",
    ...originOf(event, event.environment),
    refundId: `${paymentId}/refund`,
    paymentId,
    productId,
    amount: null,
  };
  return [end, refund];
}

type Sold = Named &
  Pick<PurchaseEvent, "product_id" | "expiration_at_ms" | "event_timestamp_ms" | "environment">;

function subscription(event: Sold, state: State): RevenueCatSubscription {
  const origin = originOf(event, event.environment);
  return {
    kind: "SUBSCRIPTION",
    ...origin,
    subscriptionId: subscriptionIdOf(origin.customerId, event.product_id),
    productId: event.product_id,
    periodEnd: event.expiration_at_ms,
    graceUntil: null,
    cancelAtPeriodEnd: false,
    ...state,
  };
}

function purchased(
  event: z.infer<typeof currencyEvent> | PurchaseEvent,
  environment: string | null,
): RevenueCatPurchase[] {
  const { transaction_id: paymentId, product_id: productId } = event;
  if (paymentId === null || productId === null) return [];
  return [
    {
      kind: "PURCHASE",
      ...originOf(event, environment),
      paymentId,
      reference: null,
      productId,
      quantity: 1,
      status: "SUCCEEDED",
      ...priceOf(event),
    },
  ];
}

/** Without a product nobody can say which plan it is for; the purchase itself follows within the day. */
function granted(event: z.infer<typeof grantEvent>): RevenueCatReport[] {
  const { product_id: productId, expiration_at_ms: asked } = event;
  if (productId === null) return [];
  const latest = event.event_timestamp_ms.getTime() + MAX_GRANT_MS;
  const periodEnd = new Date(Math.min(asked?.getTime() ?? latest, latest));
  const known = { ...event, product_id: productId };
  return [subscription(known, { status: "ACTIVE", periodEnd, rank: RANKS.GRANT })];
}

function transferred(event: z.infer<typeof transferEvent>): RevenueCatTransfer[] {
  const { customerId } = buyerOf(event.transferred_to);
  if (customerId === null) return [];
  const from = event.transferred_from.filter((id) => !event.transferred_to.includes(id));
  if (from.length === 0) return [];
  return [
    {
      kind: "TRANSFER",
      store: "REVENUECAT",
      ...buyerOf(event.transferred_to),
      occurredAt: event.event_timestamp_ms,
      sandbox: event.environment === "SANDBOX",
      fromUserIds: from,
      toUserId: customerId,
    },
  ];
}

function originOf(
  event: Named & { event_timestamp_ms: Date },
  environment: string | null,
): {
  store: "REVENUECAT";
  customerId: string;
  userId: string | null;
  occurredAt: Date;
  sandbox: boolean;
} {
  const { customerId, userId } = buyerOf(idsOf(event));
  if (customerId === null) throw new Error("An event of a purchase names no buyer.");
  return {
    store: "REVENUECAT",
    customerId,
    userId,
    occurredAt: event.event_timestamp_ms,
    sandbox: environment === "SANDBOX",
  };
}

type Priced = Pick<PurchaseEvent, "currency" | "price" | "price_in_purchased_currency">;

function priceOf(event: Priced): { amount: number | null; currency: string | null } {
  const { price_in_purchased_currency: price } = event;
  const currency = event.currency?.toUpperCase() ?? "";
  if (price == null || price < 0 || !/^[A-Z]{3}$/.test(currency)) {
    return { amount: null, currency: null };
  }
  const { maximumFractionDigits: digits = 2 } = new Intl.NumberFormat("en", {
    style: "currency",
    currency,
  }).resolvedOptions();
  return { amount: Math.round(price * 10 ** digits), currency };
}
