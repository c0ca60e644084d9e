import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { DodoCreditStore } from "../../src/integrations/dodo/dodo-credit-store.ts";
import { DodoWebhooks } from "../../src/integrations/dodo/dodo-webhooks.ts";
import {
  standardWebhookHeaders,
  standardWebhookKey,
} from "../../src/platform/crypto/webhook-signatures.ts";
import { dodoPayment, startStubs, STUB_DODO, type Stubs } from "../support/stubs/index.ts";
import { everyFault, failure, nobody, plainGuard, TIMEOUT_MS } from "./faults.ts";

const WISH = {
  userId: "usr_1",
  email: "ada@example.com",
  name: "Ada",
  productId: "pdt_credits_5",
  reference: "cko_1",
  returnUrl: "https://shop.example/paid",
  cancelUrl: "facet://wallet",
};
const SECRETS = [STUB_DODO.apiKey, WISH.email];
let stubs: Stubs;
beforeAll(async () => {
  stubs = await startStubs();
});
beforeEach(() => stubs.reset());
afterAll(() => stubs.close());

const store = (change: { baseUrl?: string; apiKey?: string; retries?: number } = {}) =>
  new DodoCreditStore({
    baseUrl: change.baseUrl ?? `${stubs.url}/dodo`,
    apiKey: change.apiKey ?? STUB_DODO.apiKey,
    timeoutMs: TIMEOUT_MS,
    sandbox: true,
    guard: plainGuard("dodo", { retries: change.retries ?? 0 }),
  });

describe("pages", () => {
  test("are opened for one product, with our reference and user", async () => {
    const page = await store().startCheckout(WISH);
    expect(page.url).toContain(page.id);
    expect(stubs.requests("dodo")[0]).toMatchObject({
      method: "POST",
      path: "/checkouts",
      json: {
        product_cart: [{ product_id: "pdt_credits_5", quantity: 1 }],
        customer: { email: WISH.email, name: "Ada" },
        return_url: WISH.returnUrl,
        cancel_url: WISH.cancelUrl,
        metadata: { user_id: "usr_1", reference: "cko_1" },
      },
    });
  });

  test("are opened for people without a mail address or a name", async () => {
    await store().startCheckout({ ...WISH, email: null });
    await store().startCheckout({ ...WISH, name: null });
    const bodies = stubs.requests("dodo").map(({ json }) => json.customer);
    expect(bodies).toEqual([undefined, { email: WISH.email }]);
  });

  test("tell what was paid on them", async () => {
    const { id } = await store().startCheckout(WISH);
    expect(await store().purchaseOf(id)).toBeNull();
    const metadata = { user_id: "usr_1", reference: "cko_1" };
    stubs.dodo.pay(id, dodoPayment({ paymentId: "pay_1", metadata }));
    expect(await store().purchaseOf(id)).toEqual({
      kind: "PURCHASE",
      store: "DODO",
      customerId: "cus_1",
      userId: "usr_1",
      occurredAt: new Date("2026-11-21T01:59:00.123Z"),
      sandbox: true,
      paymentId: "pay_1",
      reference: "cko_1",
      productId: "pdt_credits_5",
      quantity: 1,
      status: "SUCCEEDED",
      amount: 499,
      currency: "USD",
    });
  });

  test("a wrong key and an unknown page are our fault", async () => {
    const wrong = await failure(store({ apiKey: "wrong" }).startCheckout(WISH), SECRETS);
    expect(wrong).toMatchObject({ outcome: "misconfigured", status: 401 });
    const unknown = await failure(store().purchaseOf("cks_none"), SECRETS);
    expect(unknown).toMatchObject({ outcome: "misconfigured", status: 404 });
  });
});

describe("faults", () => {
  test.each(everyFault("retryable"))(
    "$name, on opening a page",
    async ({ behaviour, expected }) => {
      stubs.script("dodo", { ...behaviour, times: 5 });
      expect(await failure(store().startCheckout(WISH), SECRETS)).toMatchObject(expected);
      expect(stubs.requests("dodo").length).toBeLessThanOrEqual(1);
    },
  );

  test.each(everyFault("retryable"))("$name, on asking for it", async ({ behaviour, expected }) => {
    const { id } = await store().startCheckout(WISH);
    stubs.script("dodo", { ...behaviour, times: 5 });
    expect(await failure(store().purchaseOf(id), SECRETS)).toMatchObject(expected);
  });

  test("a page whose answer was lost is opened once more: that costs nothing", async () => {
    stubs.script("dodo", { cut: "after" });
    expect(await store({ retries: 1 }).startCheckout(WISH)).toMatchObject({
      id: expect.anything(),
    });
    expect(stubs.requests("dodo")).toHaveLength(2);
  });

  test("nobody listens", async () => {
    const error = await failure(store({ baseUrl: await nobody() }).startCheckout(WISH), SECRETS);
    expect(error.outcome).toBe("retryable");
  });
});

describe("webhooks", () => {
  const webhooks = new DodoWebhooks({ secrets: [STUB_DODO.webhookSecret], sandbox: false });
  const event = (type: string, data: object) => ({
    business_id: "bus_1",
    type,
    timestamp: "2026-11-21T02:00:00.5Z",
    data,
  });
  const read = (type: string, data: object) => webhooks.read(event(type, data));
  const refund = (status: string, amount: number | null = 200) =>
    read("refund.succeeded", { refund_id: "ref_1", payment_id: "pay_1", status, amount });
  const dispute = (type: string, status?: string) =>
    read(type, { dispute_id: "dis_1", payment_id: "pay_1", dispute_status: status });

  test("are described by their header and what they are about", () => {
    const payment = dodoPayment({ paymentId: "pay_1" });
    const headers = { "webhook-id": "msg_1" };
    expect(webhooks.describe(event("payment.succeeded", payment), headers)).toEqual({
      eventId: "msg_1",
      type: "payment.succeeded",
      occurredAt: new Date("2026-11-21T02:00:00.500Z"),
      subject: "pay_1",
    });
    const other = event("subscription.active", { customer: { customer_id: "cus_1" } });
    expect(webhooks.describe(other, headers).subject).toBe("cus_1");
    expect(webhooks.describe(event("payout.success", {}), headers).subject).toBe("bus_1");
    expect(() => webhooks.describe(other, {})).toThrow("no id");
    expect(() => webhooks.describe({ hello: "world" }, headers)).toThrow();
  });

  test("the state decides, not the moment that the type names", () => {
    const statusOf = (type: string, status: string | null) =>
      read(type, dodoPayment({ status })).map((report) => "status" in report && report.status);
    expect(statusOf("payment.processing", "succeeded")).toEqual(["SUCCEEDED"]);
    expect(statusOf("payment.failed", "failed")).toEqual(["FAILED"]);
    expect(statusOf("payment.cancelled", "cancelled")).toEqual(["CANCELED"]);
    for (const open of [
      "processing",
      "requires_customer_action",
      "partially_captured",
      "new",
      null,
    ])
      expect(statusOf("payment.succeeded", open)).toEqual(["PENDING"]);
  });

  test("refunds count once they moved money, whole ones without an amount", () => {
    expect(refund("succeeded")).toMatchObject([{ kind: "REFUND", refundId: "ref_1", amount: 200 }]);
    expect(refund("succeeded", null)).toMatchObject([{ amount: null }]);
    for (const status of ["failed", "pending", "review"]) expect(refund(status)).toEqual([]);
  });

  test("disputes are open until the money is gone", () => {
    const stateOf = (type: string, status?: string) =>
      dispute(type, status).map((report) => "state" in report && report.state);
    expect(stateOf("dispute.opened", "dispute_opened")).toEqual(["OPENED"]);
    expect(stateOf("dispute.opened", "dispute_lost")).toEqual(["LOST"]);
    expect(stateOf("dispute.lost")).toEqual(["LOST"]);
    expect(stateOf("dispute.accepted")).toEqual(["LOST"]);
    expect(stateOf("dispute.won", "dispute_won")).toEqual([]);
    expect(stateOf("dispute.cancelled")).toEqual([]);
  });

  test("what is not about purchases is nothing to us, what cannot be read is thrown", () => {
    for (const type of ["subscription.renewed", "license_key.created", "payout.success", "new"]) {
      expect(read(type, { anything: true })).toEqual([]);
    }
    expect(read("payment.succeeded", { ...dodoPayment({}), subscription_id: "sub_1" })).toEqual([]);
    expect(() => read("payment.succeeded", { ...dodoPayment({}), product_cart: null })).toThrow();
    expect(() => read("payment.succeeded", { ...dodoPayment({}), total_amount: "499" })).toThrow();
    expect(() => read("refund.succeeded", {})).toThrow();
  });

  test("the old secret counts while it is replaced by a new one", () => {
    const old = STUB_DODO.webhookSecret;
    const fresh = "whsec_dGhlLW5ldy1zZWNyZXQ=";
    const body = Buffer.from(JSON.stringify(event("payout.success", {})));
    const now = new Date();
    const both = new DodoWebhooks({ secrets: [fresh, old], sandbox: false });
    for (const secret of [old, fresh]) {
      const headers = standardWebhookHeaders("msg_1", body, standardWebhookKey(secret), now);
      expect(both.verify(body, headers, now)).toEqual({ ok: true });
    }
    const headers = standardWebhookHeaders("msg_1", body, standardWebhookKey(fresh), now);
    expect(webhooks.verify(body, headers, now)).toMatchObject({ ok: false });
    expect(() => new DodoWebhooks({ secrets: [], sandbox: false })).toThrow("missing");
  });
});
