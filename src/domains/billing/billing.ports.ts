import type { IncomingHttpHeaders } from "node:http";

/** Where money is paid. */
export type Store = "STRIPE" | "DODO" | "REVENUECAT";

/** Of a report: where it is from, and whose it is. */
interface ReportOrigin {
  readonly store: Store;
  /** The buyer's id in the store; null when the store knows none beside ours. */
  readonly customerId: string | null;
  /** Our user as the report names it; null when only the store's id tells who it is. */
  readonly userId: string | null;
  /** When it happened at the store. */
  readonly occurredAt: Date;
  /** Whether it was a test purchase. */
  readonly sandbox: boolean;
}

/** Of which user a store's customer is. */
export interface CustomerReport extends ReportOrigin {
  readonly kind: "CUSTOMER";
}

export type SubscriptionStatus =
  "INCOMPLETE" | "TRIALING" | "ACTIVE" | "PAST_DUE" | "PAUSED" | "CANCELED" | "EXPIRED";

/** All of a subscription as it was at `occurredAt`. */
export interface SubscriptionReport extends ReportOrigin {
  readonly kind: "SUBSCRIPTION";
  /** The store's id of the subscription. */
  readonly subscriptionId: string;
  /** The store's id of what was subscribed to; the plan document tells the plan. */
  readonly productId: string;
  readonly status: SubscriptionStatus;
  /** Null: it never ends. */
  readonly periodEnd: Date | null;
  /** Until when access stays although a payment failed; null when the store leaves that to us. */
  readonly graceUntil: Date | null;
  readonly cancelAtPeriodEnd: boolean;
  /** Among reports of the same moment the higher one counts: an end above a change, a change above a beginning. */
  readonly rank: number;
}

/** A bill of a subscription was paid, or its payment failed. */
export interface InvoiceReport extends ReportOrigin {
  readonly kind: "INVOICE";
  readonly subscriptionId: string;
  readonly invoiceId: string;
  readonly outcome: "PAID" | "FAILED";
  /** In the smallest unit of the currency. */
  readonly amount: number;
  /** ISO 4217, upper case. */
  readonly currency: string;
}

/** A single purchase, such as of credits. */
export interface PurchaseReport extends ReportOrigin {
  readonly kind: "PURCHASE";
  /** The store's id of the payment: a purchase is granted once per payment. */
  readonly paymentId: string;
  /** What we called the checkout that led to it; null when it was none of ours, as in a phone's store. */
  readonly reference: string | null;
  readonly productId: string;
  readonly quantity: number;
  readonly status: "PENDING" | "SUCCEEDED" | "FAILED" | "CANCELED";
  /** In the smallest unit of the currency; null when the store does not tell. */
  readonly amount: number | null;
  readonly currency: string | null;
}

/** Money of a purchase went back to the buyer. */
export interface RefundReport extends ReportOrigin {
  readonly kind: "REFUND";
  /** The store's id of the refund: it is applied once. */
  readonly refundId: string;
  readonly paymentId: string;
  /** What was given back, where the store tells it. */
  readonly productId?: string;
  /** In the smallest unit of the currency; null: all of it. */
  readonly amount: number | null;
}

/** The buyer has called the payment into question at the bank, or has won there. */
export interface DisputeReport extends ReportOrigin {
  readonly kind: "DISPUTE";
  readonly disputeId: string;
  readonly paymentId: string;
  readonly state: "OPENED" | "LOST";
}

/** What some users had bought belongs to another one from now on. */
export interface TransferReport extends ReportOrigin {
  readonly kind: "TRANSFER";
  readonly fromUserIds: readonly string[];
  readonly toUserId: string;
}

/** What a store says, in our words. */
export type BillingReport =
  | CustomerReport
  | SubscriptionReport
  | InvoiceReport
  | PurchaseReport
  | RefundReport
  | DisputeReport
  | TransferReport;

/** How a store's webhooks are proved and read. */
export interface StoreWebhooks {
  /** Names the route: `POST /webhooks/<provider>`. */
  readonly provider: string;
  verify(
    rawBody: Buffer,
    headers: IncomingHttpHeaders,
    now: Date,
  ): { readonly ok: true } | { readonly ok: false; readonly reason: string };
  /** Finds what is needed to store an event. @throws Error when it is none */
  describe(
    payload: unknown,
    headers: IncomingHttpHeaders,
  ): {
    readonly eventId: string;
    readonly type: string;
    readonly occurredAt: Date;
    readonly subject: string;
  };
  /** What the event says; empty when it is nothing to us. @throws Error when it is of a known type and not readable */
  read(payload: unknown): readonly BillingReport[];
}

/** Sells subscriptions on the web. All methods throw ProviderError. */
export interface SubscriptionStore {
  /** Makes the customer of a user; the same one when it is asked again. */
  createCustomer(user: { readonly id: string; readonly email: string | null }): Promise<string>;
  /** Opens a page where the subscription is paid. The same key gives the same page. */
  startCheckout(checkout: {
    readonly userId: string;
    readonly customerId: string;
    readonly productId: string;
    readonly successUrl: string;
    readonly cancelUrl: string;
    readonly key: string;
  }): Promise<{ readonly id: string; readonly url: string }>;
  /** Opens a page where cards and subscriptions are changed. */
  openPortal(portal: {
    readonly customerId: string;
    readonly returnUrl: string;
  }): Promise<{ readonly url: string }>;
  /** Ends a subscription with its period, or lets it go on after all; answers its new state. */
  setCancelAtPeriodEnd(change: {
    readonly subscriptionId: string;
    readonly cancel: boolean;
    readonly key: string;
  }): Promise<SubscriptionReport>;
  /** All that a customer has, as it is now. */
  subscriptionsOf(customerId: string): Promise<readonly SubscriptionReport[]>;
}

/** Sells packages of credits. All methods throw ProviderError. */
export interface CreditStore {
  /** Opens a page where a package is paid. `reference` comes back with the payment. */
  startCheckout(checkout: {
    readonly userId: string;
    readonly email: string | null;
    readonly name: string | null;
    readonly productId: string;
    readonly reference: string;
    readonly returnUrl: string;
    readonly cancelUrl: string;
  }): Promise<{ readonly id: string; readonly url: string }>;
  /** What became of a checkout: its purchase, or null when nothing was tried yet. */
  purchaseOf(checkoutId: string): Promise<PurchaseReport | null>;
}

/** Tells what was bought in the stores of phones. Throws ProviderError. */
export interface AppStore {
  /** All that a user has bought, as it is now. */
  reportsOf(userId: string): Promise<readonly BillingReport[]>;
}
