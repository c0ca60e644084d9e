import {
  checkoutSession,
  invoice,
  subscription,
  type StripeEvent,
  type WireSubscription,
} from "./stripe-wire.ts";

interface Origin {
  readonly store: "STRIPE";
  readonly customerId: string | null;
  readonly userId: string | null;
  readonly occurredAt: Date;
  readonly sandbox: boolean;
}

/** Of which user a customer is. */
export interface StripeCustomer extends Origin {
  readonly kind: "CUSTOMER";
}

/** All of a subscription at one moment. */
export interface StripeSubscription extends Origin {
  readonly kind: "SUBSCRIPTION";
  readonly subscriptionId: string;
  readonly productId: string;
  readonly status:
    "INCOMPLETE" | "TRIALING" | "ACTIVE" | "PAST_DUE" | "PAUSED" | "CANCELED" | "EXPIRED";
  readonly periodEnd: Date | null;
  readonly graceUntil: null;
  readonly cancelAtPeriodEnd: boolean;
  readonly rank: number;
}

/** A bill that was paid or not. */
export interface StripeInvoice extends Origin {
  readonly kind: "INVOICE";
  readonly subscriptionId: string;
  readonly invoiceId: string;
  readonly outcome: "PAID" | "FAILED";
  readonly amount: number;
  readonly currency: string;
}

export type StripeReport = StripeCustomer | StripeSubscription | StripeInvoice;

/** Events of one second: an end counts more than a change, a change more than a beginning. */
const RANKS: Readonly<Record<string, number>> = {
  "customer.subscription.created": 1,
  "customer.subscription.updated": 2,
  "customer.subscription.paused": 2,
  "customer.subscription.resumed": 2,
  "customer.subscription.deleted": 3,
};

const STATUSES: Readonly<Record<string, StripeSubscription["status"]>> = {
  incomplete: "INCOMPLETE",
  incomplete_expired: "EXPIRED",
  trialing: "TRIALING",
  active: "ACTIVE",
  past_due: "PAST_DUE",
  // All tries to collect have failed: it goes on once the bill is paid.
  unpaid: "PAUSED",
  paused: "PAUSED",
  canceled: "CANCELED",
};

/** What an event says; empty when it is nothing to us. @throws Error when it is of a known type and not readable */
export function reportsOfEvent(event: StripeEvent): StripeReport[] {
  const { type, created: occurredAt, livemode } = event;
  const about = event.data.object;
  const moment = { occurredAt, sandbox: !livemode };
  const rank = RANKS[type];
  if (rank !== undefined) return [subscriptionReport(subscription.parse(about), moment, rank)];
  switch (type) {
    case "checkout.session.completed":
    case "checkout.session.async_payment_succeeded":
      return customerReports(about, moment);
    case "invoice.paid":
      return invoiceReports(about, moment, "PAID");
    case "invoice.payment_failed":
      return invoiceReports(about, moment, "FAILED");
    default:
      return [];
  }
}

type Moment = Pick<Origin, "occurredAt" | "sandbox">;

/** A subscription as it was at a moment. @throws Error when its status is not known */
export function subscriptionReport(
  wire: WireSubscription,
  moment: Moment,
  rank: number,
): StripeSubscription {
  const status = STATUSES[wire.status];
  if (!status) throw new Error(`The status ${wire.status} of a subscription is not known.`);
  return {
    kind: "SUBSCRIPTION",
    store: "STRIPE",
    ...moment,
    customerId: wire.customer,
    userId: wire.metadata?.["user_id"] ?? null,
    subscriptionId: wire.id,
    productId: wire.items.data[0]?.price.id ?? "",
    status,
    periodEnd: periodEndOf(wire),
    graceUntil: null,
    cancelAtPeriodEnd: wire.cancel_at_period_end || wire.cancel_at != null,
    rank,
  };
}

/** The end of the longest item, or an earlier end that was asked for. */
function periodEndOf({ current_period_end: own, items, cancel_at: cut }: WireSubscription) {
  const ends = items.data.flatMap((item) => item.current_period_end ?? []);
  const paid = own ?? latest(ends);
  if (!cut) return paid;
  return paid && paid < cut ? paid : cut;
}

const latest = (times: readonly Date[]): Date | null =>
  times.reduce<Date | null>((best, time) => (best && best > time ? best : time), null);

/** Says whose the customer is; what was bought is told by the subscription itself. */
function customerReports(about: object, moment: Moment): StripeCustomer[] {
  const session = checkoutSession.parse(about);
  const userId = session.client_reference_id ?? session.metadata?.["user_id"] ?? null;
  const customerId = session.customer ?? null;
  if (session.mode !== "subscription" || userId === null || customerId === null) return [];
  return [{ kind: "CUSTOMER", store: "STRIPE", ...moment, customerId, userId }];
}

function invoiceReports(
  about: object,
  moment: Moment,
  outcome: StripeInvoice["outcome"],
): StripeInvoice[] {
  const bill = invoice.parse(about);
  const details = bill.parent?.subscription_details;
  const subscriptionId = details?.subscription ?? bill.subscription ?? null;
  if (subscriptionId === null) return [];
  return [
    {
      kind: "INVOICE",
      store: "STRIPE",
      ...moment,
      customerId: bill.customer ?? null,
      userId: details?.metadata?.["user_id"] ?? null,
      subscriptionId,
      invoiceId: bill.id,
      outcome,
      amount: outcome === "PAID" ? bill.amount_paid : bill.amount_due,
      currency: bill.currency.toUpperCase(),
    },
  ];
}
