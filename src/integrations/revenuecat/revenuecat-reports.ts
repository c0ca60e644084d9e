interface Origin {
  readonly store: "REVENUECAT";
  /** The app user id as RevenueCat names the buyer; it may be an anonymous one. */
  readonly customerId: string | null;
  /** Our user; null while the buyer has not signed in. */
  readonly userId: string | null;
  readonly occurredAt: Date;
  readonly sandbox: boolean;
}

/** A subscription, or something else that may give a plan, as it was at a moment. */
export interface RevenueCatSubscription extends Origin {
  readonly kind: "SUBSCRIPTION";
  readonly subscriptionId: string;
  readonly productId: string;
  readonly status: "TRIALING" | "ACTIVE" | "PAST_DUE" | "PAUSED" | "EXPIRED";
  readonly periodEnd: Date | null;
  readonly graceUntil: Date | null;
  readonly cancelAtPeriodEnd: boolean;
  readonly rank: number;
}

/** Something that was bought once. */
export interface RevenueCatPurchase extends Origin {
  readonly kind: "PURCHASE";
  readonly paymentId: string;
  readonly reference: null;
  readonly productId: string;
  readonly quantity: number;
  readonly status: "SUCCEEDED";
  readonly amount: number | null;
  readonly currency: string | null;
}

/** Such a purchase was undone. */
export interface RevenueCatRefund extends Origin {
  readonly kind: "REFUND";
  readonly refundId: string;
  readonly paymentId: string;
  readonly productId: string;
  readonly amount: null;
}

/** Purchases changed hands. */
export interface RevenueCatTransfer extends Origin {
  readonly kind: "TRANSFER";
  readonly fromUserIds: readonly string[];
  readonly toUserId: string;
}

/** What RevenueCat says. */
export type RevenueCatReport =
  RevenueCatSubscription | RevenueCatPurchase | RevenueCatRefund | RevenueCatTransfer;

/** Ids that the apps set after sign-in; RevenueCat makes up others until then. */
export const isOurs = (appUserId: string): boolean => appUserId.startsWith("usr_");

/**
 * The identity of a subscription: buyer and product. Of the transaction ids of the stores some events have none, and
 * nobody has one product twice at a time.
 */
export const subscriptionIdOf = (appUserId: string, productId: string): string =>
  `${appUserId}/${productId}`;

/** Which report of one moment counts: an end above a change, a change above a beginning. */
export const RANKS = {
  GRANT: 0,
  BEGINNING: 10,
  RENEWAL: 20,
  EXTENSION: 21,
  UNCANCELLATION: 22,
  CANCELLATION: 30,
  PAUSE: 31,
  BILLING_ISSUE: 32,
  EXPIRATION: 40,
  REFUND: 50,
  REFUND_REVERSED: 51,
} as const;
