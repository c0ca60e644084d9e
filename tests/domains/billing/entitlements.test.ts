import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { randomUUID } from "node:crypto";
import {
  bundledPlans,
  entitlementsChanged,
  paymentFailed,
  planDocumentSchema,
} from "../../../src/domains/billing/index.ts";
import type {
  InvoiceReport,
  Store,
  SubscriptionReport,
} from "../../../src/domains/billing/billing.ports.ts";
import { PlanService } from "../../../src/domains/billing/plans/plan.service.ts";
import { QuotaRepository } from "../../../src/domains/billing/quota.repository.ts";
import { QuotaService } from "../../../src/domains/billing/quota.service.ts";
import { BillingReports } from "../../../src/domains/billing/reports/billing-reports.ts";
import { ReturnUrls } from "../../../src/domains/billing/return-url.ts";
import {
  createSubscriptionRoom,
  type SubscriptionRoom,
} from "../../../src/domains/billing/subscriptions/subscription.module.ts";
import { StripeSubscriptionStore } from "../../../src/integrations/stripe/stripe-subscription-store.ts";
import { Database } from "../../../src/platform/db/database.ts";
import { countStatements } from "../../../src/platform/db/statements.ts";
import { UnitOfWork } from "../../../src/platform/db/unit-of-work.ts";
import { DomainEvents } from "../../../src/platform/events/domain-events.ts";
import { Feed } from "../../../src/platform/events/feed.ts";
import { Ids } from "../../../src/platform/ids/ids.ts";
import { Idempotency } from "../../../src/platform/jobs/idempotency.ts";
import { createLogger } from "../../../src/platform/observe/logger.ts";
import type { Nudges } from "../../../src/platform/realtime/nudges.ts";
import { plainGuard } from "../../contracts/faults.ts";
import { until } from "../../support/until.ts";
import { freshDatabase } from "../../support/database.ts";
import {
  startStubs,
  STUB_STRIPE,
  stripeSubscription,
  type Stubs,
} from "../../support/stubs/index.ts";

const DAY_MS = 86_400_000;
const GRACE_DAYS = 3;
const nobodyListens: Nudges = {
  send: () => undefined,
  listen: () => Promise.resolve(() => undefined),
  isConnected: () => true,
  onReconnect: () => () => undefined,
  close: () => Promise.resolve(),
};

let fresh: Awaited<ReturnType<typeof freshDatabase>>;
let database: Database;
let uow: UnitOfWork;
let stubs: Stubs;
let now = new Date();
const clock = { now: () => now };
const told: string[] = [];
const plans = new PlanService({
  current: () => planDocumentSchema({ skinAnalysesPerMonth: undefined }).parse(bundledPlans),
});
beforeAll(async () => {
  const log = createLogger("silent");
  [fresh, stubs] = await Promise.all([freshDatabase(), startStubs()]);
  database = await Database.open({
    url: fresh.url,
    poolSize: 8,
    applicationName: "entitlements-test",
    entities: [],
    migrations: [],
    log,
  });
  uow = new UnitOfWork(database, log);
});
beforeEach(() => {
  now = new Date("2026-11-21T10:00:00Z");
  told.length = 0;
});
afterAll(async () => {
  await database.close();
  await fresh.drop();
  await stubs.close();
});

function room(
  options: { acceptSandbox?: boolean } = {},
): SubscriptionRoom & { reports: BillingReports } {
  const reports = new BillingReports();
  const events = new DomainEvents();
  for (const type of [paymentFailed, entitlementsChanged]) {
    events.on<{ userId: string }>(type, (_tx, { userId }) => {
      told.push(`${type.name} ${userId}`);
      return Promise.resolve();
    });
  }
  const made = createSubscriptionRoom({
    unitOfWork: uow,
    database,
    ids: new Ids(() => 1, { now: () => new Date() }),
    feed: new Feed(database, nobodyListens),
    events,
    idempotency: new Idempotency(database),
    rateLimiter: { consume: () => Promise.resolve() },
    clock,
    users: { find: () => Promise.resolve(null) },
    plans,
    returnUrls: new ReturnUrls({ publicUrl: "http://x", allowedOrigins: [], appSchemes: [] }),
    subscriptionStore: new StripeSubscriptionStore({
      baseUrl: stubs.stripeUrl,
      secretKey: STUB_STRIPE.secretKey,
      timeoutMs: 5_000,
      guard: plainGuard("stripe", { timeoutMs: 5_000 }),
    }),
    reports,
    graceDays: GRACE_DAYS,
    acceptSandbox: options.acceptSandbox ?? true,
  });
  return { ...made, reports };
}

const inDays = (days: number): Date => new Date(now.getTime() + days * DAY_MS);
const newUser = (): string => `usr_${randomUUID()}`;

const report = (userId: string, change: Partial<SubscriptionReport> = {}): SubscriptionReport => ({
  kind: "SUBSCRIPTION",
  store: "REVENUECAT",
  customerId: null,
  userId,
  occurredAt: now,
  sandbox: false,
  subscriptionId: `${userId}/vip`,
  productId: "vip_monthly",
  status: "ACTIVE",
  periodEnd: inDays(30),
  graceUntil: null,
  cancelAtPeriodEnd: false,
  rank: 1,
  ...change,
});
const failed = (userId: string, subscriptionId: string, store: Store): InvoiceReport => ({
  kind: "INVOICE",
  store,
  customerId: null,
  userId,
  occurredAt: new Date(now.getTime() + 1_000),
  sandbox: false,
  subscriptionId,
  invoiceId: "in_1",
  outcome: "FAILED",
  amount: 499,
  currency: "USD",
});

async function plansAfter(
  reports: readonly (SubscriptionReport | InvoiceReport)[],
  options: { acceptSandbox?: boolean } = {},
): Promise<string[]> {
  const made = room(options);
  for (const each of reports) await uow.run((tx) => made.reports.apply(tx, each));
  return held(made, reports[0]?.userId ?? "");
}
const held = async (made: SubscriptionRoom, userId: string): Promise<string[]> =>
  (await made.entitlements.plansOf([userId])).map(({ plan }) => plan);

test("VIP with an end in the past: no; without an end: for good; with an end ahead: until then", async () => {
  expect(await plansAfter([report(newUser(), { periodEnd: inDays(-1) })])).toEqual([]);

  const lifelong = newUser();
  const lifetime = report(lifelong, { periodEnd: null, productId: "vip_lifetime" });
  expect(await plansAfter([lifetime])).toEqual(["VIP"]);

  const monthly = newUser();
  expect(await plansAfter([report(monthly)])).toEqual(["VIP"]);
  now = inDays(29.9);
  expect(await held(room(), monthly)).toEqual(["VIP"]);
  now = inDays(0.2);
  expect(await held(room(), monthly)).toEqual([]);
  now = inDays(40_000);
  expect(await held(room(), lifelong)).toEqual(["VIP"]);
});

test("only what runs gives a plan, and nothing that is sold nowhere does", async () => {
  const given = async (status: SubscriptionReport["status"]) =>
    (await plansAfter([report(newUser(), { status })])).length > 0;
  expect(await given("TRIALING")).toBe(true);
  for (const status of ["INCOMPLETE", "PAUSED", "CANCELED", "EXPIRED"] as const) {
    expect([status, await given(status)]).toEqual([status, false]);
  }
  expect(await plansAfter([report(newUser(), { productId: "of_yesterday" })])).toEqual([]);
});

test("a failed payment leaves the plan for the days of grace, or as long as the store says", async () => {
  const userId = newUser();
  const bought = report(userId, { subscriptionId: userId });
  expect(await plansAfter([bought, failed(userId, userId, "REVENUECAT")])).toEqual(["VIP"]);
  expect(told).toEqual([
    `billing.entitlements_changed ${userId}`,
    `billing.payment_failed ${userId}`,
  ]);
  now = inDays(GRACE_DAYS - 0.1);
  expect(await held(room(), userId)).toEqual(["VIP"]);
  now = inDays(0.2);
  expect(await held(room(), userId)).toEqual([]);
  // It is not sold a second time while the first one may still be paid.
  expect(await room().entitlements.isSubscribed(userId, "VIP")).toBe(true);
  expect(await room().entitlements.isSubscribed(userId, "PRO")).toBe(false);

  const patient = newUser();
  const grace = { status: "PAST_DUE", periodEnd: inDays(-1), graceUntil: inDays(10) } as const;
  expect(await plansAfter([report(patient, grace)])).toEqual(["VIP"]);
  now = inDays(10.1);
  expect(await held(room(), patient)).toEqual([]);
});

test("a test purchase gives nothing in production", async () => {
  expect(await plansAfter([report(newUser(), { sandbox: true })])).toEqual(["VIP"]);
  const options = { acceptSandbox: false };
  expect(await plansAfter([report(newUser(), { sandbox: true })], options)).toEqual([]);
});

test("plans of a hundred users with many subscriptions each take one statement", async () => {
  const made = room();
  const users = Array.from({ length: 100 }, newUser);
  for (const userId of users) {
    await uow.run(async (tx) => {
      await made.reports.apply(tx, report(userId));
      const second = { productId: "premium_monthly", subscriptionId: `${userId}/premium` };
      await made.reports.apply(tx, report(userId, second));
    });
  }
  const { result, count } = await countStatements(() => made.entitlements.plansOf(users));
  expect(result).toHaveLength(200);
  expect(count.statements).toBe(1);

  const quotas = new QuotaService({
    repository: new QuotaRepository(database),
    clock,
    plans,
    entitlements: made.entitlements,
    timeZoneOf: () => Promise.resolve(null),
  });
  const [userId = ""] = users;
  const usage = await countStatements(async () =>
    quotas.usageOf({ id: userId, timeZone: null }, await made.entitlements.plansOf([userId])),
  );
  expect(usage.count.statements).toBe(2);
  const taking = await countStatements(() =>
    uow.run((tx) => quotas.take(tx, userId, "PAL_QUESTIONS")),
  );
  // begin, plans, count, commit
  expect(taking.count.statements).toBe(4);
});

test("five messages a day, whoever asks at once; the next day has five again, and a plan has no limit", async () => {
  const made = room();
  const quotas = new QuotaService({
    repository: new QuotaRepository(database),
    clock,
    plans,
    entitlements: made.entitlements,
    timeZoneOf: () => Promise.resolve("Asia/Phnom_Penh"),
  });
  const userId = newUser();
  const send = async (times: number) => {
    const tries = Array.from({ length: times }, () =>
      uow.run((tx) => quotas.take(tx, userId, "CHAT_MESSAGES")),
    );
    const ends = await Promise.allSettled(tries);
    return ends.filter(({ status }) => status === "fulfilled").length;
  };
  expect(await send(50)).toBe(5);
  now = new Date("2026-11-21T16:59:59Z");
  expect(await send(1)).toBe(0);
  now = new Date("2026-11-21T17:00:00Z");
  expect(await send(50)).toBe(5);
  const pro = { store: "STRIPE", productId: "price_pro_monthly" } as const;
  await uow.run((tx) => made.reports.apply(tx, report(userId, pro)));
  expect(await send(50)).toBe(50);
});

test("a guest's subscriptions become the account's, also those that are reported later for the guest", async () => {
  const made = room();
  const [guest, account] = [newUser(), newUser()];
  const customerId = `cus_${guest}`;
  const at = { store: "STRIPE", customerId, productId: "price_pro_monthly" } as const;
  const apply = (each: SubscriptionReport) => uow.run((tx) => made.reports.apply(tx, each));
  await apply(report(guest, { ...at, subscriptionId: `${guest}/1` }));
  const move = { fromUserId: guest, toUserId: account };
  expect(await uow.run((tx) => made.merge(tx, move))).toEqual({ subscriptions: 1 });
  expect(told.slice(-1)).toEqual([`billing.entitlements_changed ${account}`]);
  await apply(
    report(guest, { ...at, subscriptionId: `${guest}/2`, productId: "price_premium_monthly" }),
  );
  expect(await held(made, account)).toEqual(["PREMIUM", "PRO"]);
  expect(await held(made, guest)).toEqual([]);
});

test("who leaves stops paying, and is forgotten", async () => {
  const made = room();
  const userId = newUser();
  const customerId = `cus_${userId}`;
  const wire = stripeSubscription({ customer: customerId, userId });
  stubs.stripe.put(wire);
  const at = { store: "STRIPE", customerId, productId: "price_pro_monthly" } as const;
  await uow.run((tx) => made.reports.apply(tx, report(userId, { ...at, subscriptionId: wire.id })));
  expect(await made.export(userId)).toHaveLength(1);
  for (let times = 0; times < 2; times += 1) await made.erase(userId);
  expect(wire.cancel_at_period_end).toBe(true);
  expect(await made.export(userId)).toEqual([]);
  const rows = await database.query("select 1 from store_customers where user_id = $1", [userId]);
  expect(rows).toEqual([]);
});

test("a read that an event overtook is done again", async () => {
  const made = room();
  const userId = newUser();
  const customerId = `cus_${userId}`;
  const wire = stripeSubscription({ customer: customerId, userId, status: "paused" });
  stubs.stripe.put(wire);
  stubs.reset();
  const at = { store: "STRIPE", customerId, productId: "price_pro_monthly" } as const;
  const own = { ...at, subscriptionId: wire.id };
  await uow.run((tx) => made.reports.apply(tx, report(userId, own)));
  const [row] = await database.query<{ id: string }>(
    "select id from subscriptions where user_id = $1",
    [userId],
  );
  stubs.script("stripe", { delayMs: 300 });
  const reading = made.subscriptions.refresh(row?.id ?? "");
  await until(() => stubs.requests("stripe").length > 0);
  const later = { ...own, occurredAt: inDays(0.1), cancelAtPeriodEnd: true };
  await uow.run((tx) => made.reports.apply(tx, report(userId, later)));
  await reading;
  expect(stubs.requests("stripe")).toHaveLength(2);
  expect(await held(made, userId)).toEqual([]);
});
