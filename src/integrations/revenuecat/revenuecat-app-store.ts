import { HttpClient } from "../../platform/http/http-client.ts";
import type { ProviderGuard } from "../../platform/resilience/guard.ts";
import {
  RANKS,
  subscriptionIdOf,
  type RevenueCatPurchase,
  type RevenueCatReport,
  type RevenueCatSubscription,
} from "./revenuecat-reports.ts";
import {
  subscriberAnswer,
  type Subscriber,
  type WireSinglePurchase,
  type WireSubscription,
} from "./revenuecat-wire.ts";

export interface RevenueCatAppStoreOptions {
  /** Without the version, such as `https://api.revenuecat.com`. */
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly timeoutMs: number;
  readonly guard: ProviderGuard;
}

/** Asks RevenueCat what a user has bought: `GET /v1/subscribers/{app_user_id}`, which may be repeated. */
export class RevenueCatAppStore {
  private readonly http: HttpClient;

  constructor(private readonly options: RevenueCatAppStoreOptions) {
    this.http = new HttpClient({
      provider: "revenuecat",
      baseUrl: options.baseUrl,
      timeoutMs: options.timeoutMs,
      headers: { authorization: `Bearer ${options.apiKey}` },
    });
  }

  /** All that a user has bought, as it is now. @throws ProviderError */
  async reportsOf(userId: string): Promise<readonly RevenueCatReport[]> {
    const call = { operation: "subscriber", repeatable: true };
    const { subscriber, request_date_ms: now } = await this.options.guard.run(call, (signal) =>
      this.http.json({
        method: "GET",
        path: `v1/subscribers/${encodeURIComponent(userId)}`,
        schema: subscriberAnswer,
        signal,
      }),
    );
    return reportsOfSubscriber(userId, subscriber, now);
  }
}

function reportsOfSubscriber(
  userId: string,
  { subscriptions, non_subscriptions: singles }: Subscriber,
  now: Date,
): RevenueCatReport[] {
  return [
    ...Object.entries(subscriptions).map(([productId, state]) =>
      subscriptionOf(userId, productId, state, now),
    ),
    ...Object.entries(singles).flatMap(([productId, purchases]) =>
      purchases.flatMap((purchase) => purchasesOf(userId, productId, purchase)),
    ),
  ];
}

/**
 * Dated by its latest fact and not by the time of the answer, which may be older than an event that is on its way: an
 * event that happened later still counts.
 */
function subscriptionOf(
  userId: string,
  productId: string,
  state: WireSubscription,
  now: Date,
): RevenueCatSubscription {
  const { expires_date: end, grace_period_expires_date: grace } = state;
  const facts: Fact[] = [
    { at: state.purchase_date, rank: RANKS.BEGINNING, status: "ACTIVE" },
    { at: state.unsubscribe_detected_at, rank: RANKS.CANCELLATION, status: "ACTIVE" },
    { at: state.billing_issues_detected_at, rank: RANKS.BILLING_ISSUE, status: "PAST_DUE" },
    {
      at: passed(latest(end, grace), now),
      rank: RANKS.EXPIRATION,
      status: state.auto_resume_date === null ? "EXPIRED" : "PAUSED",
    },
    { at: state.refunded_at, rank: RANKS.REFUND, status: "EXPIRED" },
  ];
  const { at, rank, status } = latestFact(facts);
  const running = status === "ACTIVE" && state.period_type?.toUpperCase() === "TRIAL";
  return {
    kind: "SUBSCRIPTION",
    ...originOf(userId, at, state.is_sandbox),
    subscriptionId: subscriptionIdOf(userId, productId),
    productId,
    status: running ? "TRIALING" : status,
    periodEnd: state.refunded_at ?? end,
    graceUntil: status === "PAST_DUE" ? (grace ?? end) : null,
    cancelAtPeriodEnd: state.unsubscribe_detected_at !== null,
    rank,
  };
}

interface Fact {
  readonly at: Date | null;
  readonly rank: number;
  readonly status: Exclude<RevenueCatSubscription["status"], "TRIALING">;
}

/** An end counts whatever is dated after it. */
function latestFact(facts: readonly Fact[]): Fact & { at: Date } {
  const known = facts.filter((fact): fact is Fact & { at: Date } => fact.at !== null);
  const ended = known.filter(({ status }) => status === "EXPIRED" || status === "PAUSED");
  const at = new Date(Math.max(...known.map((fact) => fact.at.getTime())));
  const telling =
    ended.at(-1) ??
    known.reduce((best, fact) => (fact.at.getTime() >= best.at.getTime() ? fact : best));
  return { ...telling, at };
}

/** What gives a plan for good and what gives points look alike here: both are told. */
function purchasesOf(
  userId: string,
  productId: string,
  { purchase_date: at, store_transaction_id: paymentId, is_sandbox: sandbox }: WireSinglePurchase,
): (RevenueCatSubscription | RevenueCatPurchase)[] {
  // Without its transaction it could not be told from the one that a webhook reports.
  if (paymentId === null) return [];
  const origin = originOf(userId, at, sandbox);
  return [
    {
      kind: "SUBSCRIPTION",
      ...origin,
      subscriptionId: subscriptionIdOf(userId, productId),
      productId,
      status: "ACTIVE",
      periodEnd: null,
      graceUntil: null,
      cancelAtPeriodEnd: false,
      rank: RANKS.BEGINNING,
    },
    {
      kind: "PURCHASE",
      ...origin,
      paymentId,
      reference: null,
      productId,
      quantity: 1,
      status: "SUCCEEDED",
      amount: null,
      currency: null,
    },
  ];
}

const originOf = (userId: string, occurredAt: Date, sandbox: boolean | null | undefined) => ({
  store: "REVENUECAT" as const,
  customerId: userId,
  userId,
  occurredAt,
  sandbox: sandbox === true,
});

const latest = (a: Date | null, b: Date | null): Date | null =>
  a === null ? b : b === null || a.getTime() >= b.getTime() ? a : b;

const passed = (at: Date | null, now: Date): Date | null =>
  at !== null && at.getTime() <= now.getTime() ? at : null;
