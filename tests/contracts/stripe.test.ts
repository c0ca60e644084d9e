import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { StripeSubscriptionStore } from "../../src/integrations/stripe/stripe-subscription-store.ts";
import { STUB_STRIPE, startStubs, stripeSubscription, type Stubs } from "../support/stubs/index.ts";
import { everyFault, failure as failureOf, nobody, plainGuard, TIMEOUT_MS } from "./faults.ts";

let stubs: Stubs;
beforeAll(async () => {
  stubs = await startStubs();
  // The first call loads the SDK, which must not count as a slow answer.
  await store({ timeoutMs: 20_000 }).subscriptionsOf("cus_none");
});
beforeEach(() => stubs.reset());
afterAll(() => stubs.close());

const store = (
  options: { baseUrl?: string; timeoutMs?: number; secretKey?: string; retries?: number } = {},
) => {
  const { timeoutMs = TIMEOUT_MS, retries, ...rest } = options;
  return new StripeSubscriptionStore({
    baseUrl: stubs.stripeUrl,
    secretKey: STUB_STRIPE.secretKey,
    guard: plainGuard("stripe", { timeoutMs, ...(retries !== undefined && { retries }) }),
    timeoutMs,
    ...rest,
  });
};
const failure = (call: Promise<unknown>) =>
  failureOf(call, [STUB_STRIPE.secretKey, "sk_test_wrong"]);
const checkout = (change: object = {}) => ({
  userId: "usr_1",
  customerId: "cus_1",
  productId: "price_pro_monthly",
  successUrl: "https://app.example/done?session={CHECKOUT_SESSION_ID}",
  cancelUrl: "facet://plans",
  key: `checkout:${Math.random()}`,
  ...change,
});

test("sends forms with our keys, names the user everywhere, and tells nothing about ourselves", async () => {
  const page = await store().startCheckout(checkout({ key: "checkout:usr_1:PRO:1" }));
  expect(page.url).toContain(page.id);

  const [sent] = stubs.requests("stripe");
  expect(sent).toMatchObject({ method: "POST", path: "/v1/checkout/sessions" });
  expect(sent?.headers).toMatchObject({
    authorization: `Bearer ${STUB_STRIPE.secretKey}`,
    "content-type": "application/x-www-form-urlencoded",
    "idempotency-key": "checkout:usr_1:PRO:1",
    "stripe-version": "2026-10-28.endive",
  });
  expect(sent?.headers).not.toHaveProperty("x-stripe-client-telemetry");
  expect(Object.fromEntries(new URLSearchParams(sent?.text))).toEqual({
    mode: "subscription",
    "line_items[0][price]": "price_pro_monthly",
    "line_items[0][quantity]": "1",
    customer: "cus_1",
    client_reference_id: "usr_1",
    "metadata[user_id]": "usr_1",
    "subscription_data[metadata][user_id]": "usr_1",
    success_url: "https://app.example/done?session={CHECKOUT_SESSION_ID}",
    cancel_url: "facet://plans",
  });
});

test("a user becomes one customer, and a key opens one page, however often they are asked for", async () => {
  const users = [1, 2, 3].map(() => store().createCustomer({ id: "usr_9", email: "a@b.example" }));
  expect(new Set(await Promise.all(users)).size).toBe(1);
  const pages = [1, 2, 3].map(() => store().startCheckout(checkout({ key: "same" })));
  expect(new Set((await Promise.all(pages)).map(({ id }) => id)).size).toBe(1);

  const other = checkout({ key: "same", productId: "price_premium_monthly" });
  expect(await failure(store().startCheckout(other))).toMatchObject({
    outcome: "refused_input",
    status: 400,
  });
});

test("an answer that was lost is asked for again with the same key: the work is done once", async () => {
  stubs.script("stripe", { cut: "after" }, { status: 500 });
  const patient = store({ retries: 2 });
  const page = await patient.startCheckout(checkout({ key: "lost" }));
  const sent = stubs.requests("stripe");
  expect(sent.map(({ headers }) => headers["idempotency-key"])).toEqual(["lost", "lost", "lost"]);
  expect(page).toEqual(await patient.startCheckout(checkout({ key: "lost" })));
});

test("a subscription is canceled with its period and resumed, however its end was set", async () => {
  const subscription = stripeSubscription({ customer: "cus_2", userId: "usr_2" });
  stubs.stripe.put(subscription);
  const set = (cancel: boolean, key: string) =>
    store().setCancelAtPeriodEnd({ subscriptionId: subscription.id, cancel, key });

  const canceled = await set(true, "cancel:1");
  expect(canceled).toMatchObject({ status: "ACTIVE", cancelAtPeriodEnd: true, userId: "usr_2" });
  expect(canceled.sandbox).toBe(true);
  expect(Math.abs(canceled.occurredAt.getTime() - Date.now())).toBeLessThan(2_000);
  expect(await set(false, "resume:1")).toMatchObject({ cancelAtPeriodEnd: false });

  const dated = stripeSubscription({ customer: "cus_2", cancelAt: 1_900_000_000 });
  stubs.stripe.put(dated);
  const [first, second] = await store().subscriptionsOf("cus_2");
  expect(first).toMatchObject({ cancelAtPeriodEnd: false });
  expect(second).toMatchObject({ cancelAtPeriodEnd: true, subscriptionId: dated.id });
  const change = { subscriptionId: dated.id, cancel: false, key: "resume:2" };
  expect(await store().setCancelAtPeriodEnd(change)).toMatchObject({ cancelAtPeriodEnd: false });
});

test("leads to the portal of a customer", async () => {
  const portal = { customerId: "cus_3", returnUrl: "facet://plans" };
  expect((await store().openPortal(portal)).url).toContain("cus_3");
});

describe("faults", () => {
  for (const { name, behaviour, expected } of everyFault("retryable")) {
    test(name, async () => {
      stubs.script("stripe", behaviour);
      const error = await failure(store().startCheckout(checkout()));
      expect(error).toMatchObject({ provider: "stripe", ...expected });
      expect(stubs.requests("stripe").length).toBeLessThanOrEqual(1);
    });
  }

  test("a wrong key is for the operator, and is never shown", async () => {
    const error = await failure(store({ secretKey: "sk_test_wrong" }).subscriptionsOf("cus_1"));
    expect(error).toMatchObject({ outcome: "misconfigured", status: 401 });
  });

  test("nobody listens", async () => {
    const error = await failure(store({ baseUrl: await nobody() }).subscriptionsOf("cus_1"));
    expect(error).toMatchObject({ outcome: "retryable" });
  });

  test("a subscription of a status that nobody knows is not guessed at", async () => {
    stubs.stripe.put(stripeSubscription({ customer: "cus_4", status: "hibernating" }));
    const error = await failure(store().subscriptionsOf("cus_4"));
    expect(error).toMatchObject({ outcome: "retryable", code: "PROVIDER_BAD_ANSWER" });
  });
});
