import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { RevenueCatAppStore } from "../../src/integrations/revenuecat/revenuecat-app-store.ts";
import { RevenueCatWebhooks } from "../../src/integrations/revenuecat/revenuecat-webhooks.ts";
import {
  revenueCatDelivery,
  revenueCatEvent,
  startStubs,
  STUB_REVENUECAT,
  type Stubs,
} from "../support/stubs/index.ts";
import { createWorld, type World } from "../support/world.ts";
import { everyFault, failure, nobody, plainGuard, TIMEOUT_MS } from "./faults.ts";

const DAY = 86_400_000;
const NOW = Date.now();
const USER = "usr_1";
const ANONYMOUS = "$RCAnonymousID:87c6";
const { apiKey, authorization, signingSecret } = STUB_REVENUECAT;
let stubs: Stubs;
let world: World;
beforeAll(async () => {
  stubs = await startStubs();
  world = await createWorld({
    nodes: 1,
    workers: 0,
    env: {
      REVENUECAT_WEBHOOK_AUTHORIZATION: authorization,
      REVENUECAT_WEBHOOK_SECRETS: `older,${signingSecret}`,
    },
  });
});
beforeEach(() => stubs.reset());
afterAll(async () => {
  await world.stop();
  await stubs.close();
});

const webhooks = new RevenueCatWebhooks({ authorization });
const readOf = (type: string, fields: Record<string, unknown> = {}) =>
  webhooks.read(
    revenueCatEvent(type, {
      app_user_id: USER,
      event_timestamp_ms: NOW,
      product_id: "vip_monthly",
      transaction_id: "t1",
      expiration_at_ms: NOW + DAY,
      ...fields,
    }),
  );
const subject = (fields: Record<string, unknown>) =>
  webhooks.describe(revenueCatEvent("RENEWAL", { event_timestamp_ms: NOW, ...fields })).subject;

describe("what events mean", () => {
  const end = new Date(NOW + DAY);
  test.each([
    ["INITIAL_PURCHASE", {}, { status: "ACTIVE", periodEnd: end, cancelAtPeriodEnd: false }],
    ["INITIAL_PURCHASE", { period_type: "TRIAL" }, { status: "TRIALING", periodEnd: end }],
    ["RENEWAL", {}, { status: "ACTIVE", periodEnd: end }],
    ["UNCANCELLATION", {}, { status: "ACTIVE", cancelAtPeriodEnd: false }],
    ["SUBSCRIPTION_EXTENDED", {}, { status: "ACTIVE", periodEnd: end }],
    ["SUBSCRIPTION_PAUSED", {}, { status: "ACTIVE", periodEnd: end, cancelAtPeriodEnd: true }],
    ["CANCELLATION", { cancel_reason: "UNSUBSCRIBE" }, { status: "ACTIVE", periodEnd: end }],
    ["BILLING_ISSUE", {}, { status: "PAST_DUE", graceUntil: end }],
    ["EXPIRATION", {}, { status: "EXPIRED", periodEnd: end }],
    ["EXPIRATION", { expiration_reason: "SUBSCRIPTION_PAUSED" }, { status: "PAUSED" }],
    ["REFUND_REVERSED", {}, { status: "ACTIVE", periodEnd: end }],
  ])("%s %j", (type, fields, state) => {
    expect(readOf(type, fields)).toEqual([
      expect.objectContaining({
        kind: "SUBSCRIPTION",
        userId: USER,
        subscriptionId: `${USER}/vip_monthly`,
        ...state,
      }),
    ]);
  });

  test.each([{ cancel_reason: "CUSTOMER_SUPPORT" }, { cancel_reason: "UNKNOWN", price: -4.99 }])(
    "a refund ends access at once: %j",
    (fields) => {
      expect(readOf("CANCELLATION", fields)).toMatchObject([
        { kind: "SUBSCRIPTION", status: "EXPIRED", periodEnd: new Date(NOW) },
        { kind: "REFUND", paymentId: "t1", productId: "vip_monthly", amount: null },
      ]);
    },
  );

  test("grace counts where the store gives it", () => {
    const grace = { grace_period_expiration_at_ms: NOW + 3 * DAY };
    expect(readOf("BILLING_ISSUE", grace)).toMatchObject([{ graceUntil: new Date(NOW + 3 * DAY) }]);
  });

  test("what may be for good or may be points is told both ways, with the price as it was paid", () => {
    const paid = { currency: "JPY", price: 4.2, price_in_purchased_currency: 600 };
    expect(readOf("NON_RENEWING_PURCHASE", { ...paid, expiration_at_ms: null })).toMatchObject([
      { kind: "SUBSCRIPTION", status: "ACTIVE", periodEnd: null },
      { kind: "PURCHASE", paymentId: "t1", quantity: 1, amount: 600, currency: "JPY" },
    ]);
    const dollars = { currency: "usd", price: 4.99, price_in_purchased_currency: 4.99 };
    expect(readOf("NON_RENEWING_PURCHASE", dollars)[1]).toMatchObject({
      amount: 499,
      currency: "USD",
    });
  });

  test("units of a currency are the same purchase as their transaction", () => {
    const fields = { source: "in_app_purchase", purchase_environment: "SANDBOX", adjustments: [] };
    expect(readOf("VIRTUAL_CURRENCY_TRANSACTION", fields)).toMatchObject([
      { kind: "PURCHASE", paymentId: "t1", sandbox: true },
    ]);
  });

  test("a grant without a product gives nothing, one with a product a day at most", () => {
    expect(readOf("TEMPORARY_ENTITLEMENT_GRANT", { product_id: undefined })).toEqual([]);
    const long = readOf("TEMPORARY_ENTITLEMENT_GRANT", { expiration_at_ms: NOW + 9 * DAY });
    expect(long).toMatchObject([{ status: "ACTIVE", periodEnd: new Date(NOW + DAY) }]);
  });

  test("a transfer names nobody but both sides", () => {
    const event = revenueCatEvent("TRANSFER", {
      event_timestamp_ms: NOW,
      transferred_from: ["usr_a", ANONYMOUS],
      transferred_to: ["$RCAnonymousID:9", "usr_b"],
    });
    expect(webhooks.describe(event).subject).toBe("usr_b");
    expect(webhooks.read(event)).toMatchObject([
      { kind: "TRANSFER", fromUserIds: ["usr_a", ANONYMOUS], toUserId: "usr_b" },
    ]);
  });

  test.each(["TEST", "PRODUCT_CHANGE", "INVOICE_ISSUANCE", "PAYWALL_SHOWN", "constructor"])(
    "%s changes nothing",
    (type) => {
      expect(readOf(type)).toEqual([]);
    },
  );

  test("a known type that lacks what it needs is an error, a test purchase is marked", () => {
    expect(() => readOf("RENEWAL", { product_id: null })).toThrow();
    expect(readOf("RENEWAL", { environment: "SANDBOX" })).toMatchObject([{ sandbox: true }]);
  });
});

test("the buyer is our user, wherever the event names it, and all events of one have one subject", () => {
  const original = { original_app_user_id: ANONYMOUS, aliases: [ANONYMOUS, USER] };
  expect(subject({ app_user_id: USER })).toBe(USER);
  expect(subject({ app_user_id: ANONYMOUS, ...original })).toBe(USER);
  expect(subject({ app_user_id: ANONYMOUS, original_app_user_id: USER })).toBe(USER);
  expect(subject({ app_user_id: ANONYMOUS })).toBe(ANONYMOUS);
  expect(readOf("RENEWAL", { app_user_id: ANONYMOUS, ...original })).toMatchObject([
    { userId: USER, customerId: USER },
  ]);
});

describe("deliveries", () => {
  const post = async ({ body, headers }: { body: Buffer; headers: Record<string, string> }) =>
    fetch(`${world.url}/webhooks/revenuecat`, {
      method: "POST",
      headers,
      body: new Uint8Array(body),
    });
  const event = (type = "TEST") =>
    revenueCatEvent(type, { app_user_id: USER, event_timestamp_ms: Date.now() });

  test("are answered with exactly 200: new, again, and of an unknown type", async () => {
    const one = event();
    for (const each of [one, one, event("SOMETHING_NEW")]) {
      expect((await post(revenueCatDelivery(each))).status).toBe(200);
    }
    const bare = { api_version: "1.0", event: { id: "bare", type: "SOMETHING_NEW" } };
    expect((await post(revenueCatDelivery(bare))).status).toBe(200);
  });

  test("need both proofs when both are set; either of two secrets counts", async () => {
    const at = new Date();
    const proofs = [
      [{ authorization, signingSecret: "older" }, 200],
      [{ authorization }, 401],
      [{ signingSecret }, 401],
      [{ authorization: "Bearer wrong", signingSecret }, 401],
      [{ authorization, signingSecret: "wrong" }, 401],
      [{ authorization, signingSecret, at: new Date(at.getTime() - 310_000) }, 401],
      [{ authorization, signingSecret, at: new Date(at.getTime() + 310_000) }, 401],
    ] as const;
    for (const [proof, status] of proofs) {
      expect([proof, (await post(revenueCatDelivery(event(), proof))).status]).toEqual([
        proof,
        status,
      ]);
    }
  });
});

describe("asking for a buyer", () => {
  const store = (change: { baseUrl?: string; apiKey?: string } = {}) =>
    new RevenueCatAppStore({
      baseUrl: `${stubs.url}/revenuecat`,
      apiKey,
      timeoutMs: TIMEOUT_MS,
      guard: plainGuard("revenuecat"),
      ...change,
    });
  const iso = (ms: number) => new Date(ms).toISOString();

  test("somebody who bought nothing has nothing", async () => {
    expect(await store().reportsOf("usr_new/../x")).toEqual([]);
    expect(stubs.requests("revenuecat")[0]?.path).toBe("/v1/subscribers/usr_new%2F..%2Fx");
  });

  test.each([
    ["running", {}, { status: "ACTIVE", cancelAtPeriodEnd: false, occurredAt: new Date(NOW) }],
    ["trial", { period_type: "trial" }, { status: "TRIALING" }],
    [
      "cancelled",
      { unsubscribe_detected_at: iso(NOW + 1) },
      { status: "ACTIVE", cancelAtPeriodEnd: true, occurredAt: new Date(NOW + 1) },
    ],
    [
      "unpaid, in grace",
      { billing_issues_detected_at: iso(NOW + 2), grace_period_expires_date: iso(NOW + 2 * DAY) },
      { status: "PAST_DUE", graceUntil: new Date(NOW + 2 * DAY) },
    ],
    ["over", { expires_date: iso(NOW - 5) }, { status: "EXPIRED", periodEnd: new Date(NOW - 5) }],
    [
      "over, in grace",
      {
        expires_date: iso(NOW - 5),
        billing_issues_detected_at: iso(NOW - 6),
        grace_period_expires_date: iso(NOW + DAY),
      },
      { status: "PAST_DUE", graceUntil: new Date(NOW + DAY) },
    ],
    [
      "refunded",
      { refunded_at: iso(NOW + 3) },
      { status: "EXPIRED", periodEnd: new Date(NOW + 3) },
    ],
    ["for good", { expires_date: null }, { status: "ACTIVE", periodEnd: null }],
  ])("a subscription that is %s", async (name, fields, state) => {
    const user = `usr_${name.replaceAll(" ", "_")}`;
    const purchased = name.startsWith("over") ? NOW - DAY : NOW;
    stubs.revenueCat.subscribe(user, "vip_monthly", {
      purchase_date: iso(purchased),
      expires_date: iso(NOW + DAY),
      ...fields,
    });
    expect(await store().reportsOf(user)).toMatchObject([
      { kind: "SUBSCRIPTION", subscriptionId: `${user}/vip_monthly`, userId: user, ...state },
    ]);
  });

  test("single purchases have the id that webhooks tell", async () => {
    stubs.revenueCat.buy("usr_points", "points_100", "t9", new Date(NOW));
    expect(await store().reportsOf("usr_points")).toMatchObject([
      { kind: "SUBSCRIPTION", periodEnd: null },
      { kind: "PURCHASE", paymentId: "t9", productId: "points_100", status: "SUCCEEDED" },
    ]);
  });

  test.each(everyFault("retryable"))("$name", async ({ behaviour, expected }) => {
    stubs.script("revenuecat", behaviour);
    expect(await failure(store().reportsOf(USER), [apiKey, USER])).toMatchObject(expected);
  });

  test("a wrong key is our fault, and nobody at home may be tried again", async () => {
    const wrong = await failure(store({ apiKey: "sk_wrong" }).reportsOf(USER), ["sk_wrong"]);
    expect(wrong).toMatchObject({ outcome: "misconfigured", status: 401 });
    const away = await failure(store({ baseUrl: await nobody() }).reportsOf(USER), [apiKey]);
    expect(away.outcome).toBe("retryable");
  });
});
