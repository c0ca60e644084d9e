import { randomUUID } from "node:crypto";
import { timestampedSignature } from "../../../src/platform/crypto/webhook-signatures.ts";
import type { Stub, StubAnswer, StubRequest } from "./serve.ts";

export const STUB_STRIPE = {
  secretKey: "sk_test_stub_of_stripe",
  webhookSecret: "whsec_stub_of_stripe",
};

const PERIOD_SECONDS = 30 * 86_400;
const nowSeconds = (): number => Math.floor(Date.now() / 1000);
const newId = (prefix: string): string => `${prefix}_${randomUUID().replaceAll("-", "")}`;

/** A subscription with the fields that the API of 2026-10-28 sends. */
export type StripeStubSubscription = ReturnType<typeof stripeSubscription>;

/** @param values Periods begin now and last thirty days unless told; `created` in seconds */
export const stripeSubscription = (values: {
  id?: string;
  customer: string;
  userId?: string | null;
  price?: string;
  status?: string;
  periodEnd?: number;
  cancelAt?: number | null;
}) => ({
  id: values.id ?? newId("sub"),
  object: "subscription",
  status: values.status ?? "active",
  livemode: false,
  customer: values.customer,
  cancel_at: values.cancelAt ?? null,
  cancel_at_period_end: false,
  canceled_at: null,
  ended_at: null,
  trial_end: null,
  billing_mode: { type: "flexible", flexible: null },
  latest_invoice: "in_1",
  metadata: (values.userId == null ? {} : { user_id: values.userId }) as Record<string, string>,
  items: {
    object: "list",
    has_more: false,
    data: [
      {
        id: newId("si"),
        object: "subscription_item",
        quantity: 1,
        current_period_start: nowSeconds(),
        current_period_end: values.periodEnd ?? nowSeconds() + PERIOD_SECONDS,
        price: { id: values.price ?? "price_pro_monthly", object: "price", product: "prod_1" },
      },
    ],
  },
});

/** A bill of a subscription. */
export const stripeInvoice = (of: {
  customer: string;
  subscription: string;
  userId?: string | null;
  paid: boolean;
}) => ({
  id: newId("in"),
  object: "invoice",
  status: of.paid ? "paid" : "open",
  customer: of.customer,
  billing_reason: "subscription_cycle",
  amount_paid: of.paid ? 1_990 : 0,
  amount_due: 1_990,
  currency: "usd",
  attempt_count: 1,
  next_payment_attempt: null,
  parent: {
    type: "subscription_details",
    quote_details: null,
    subscription_details: {
      subscription: of.subscription,
      metadata: of.userId == null ? {} : { user_id: of.userId },
    },
  },
});

/** A page that was paid. */
export const stripeSession = (of: {
  customer: string;
  subscription: string;
  userId: string | null;
}) => ({
  id: newId("cs_test"),
  object: "checkout.session",
  mode: "subscription",
  status: "complete",
  payment_status: "paid",
  client_reference_id: of.userId,
  customer: of.customer,
  subscription: of.subscription,
  invoice: "in_1",
  amount_total: 1_990,
  currency: "usd",
  metadata: {},
  livemode: false,
  url: null,
});

/** An event as Stripe delivers it. @param created In seconds */
export const stripeEvent = (type: string, object: object, created = nowSeconds()) => ({
  id: newId("evt"),
  object: "event",
  api_version: "2026-10-28.endive",
  created,
  livemode: false,
  pending_webhooks: 1,
  request: { id: null, idempotency_key: null },
  type,
  data: { object },
});

/** Sends an event to a server as Stripe does. */
export async function deliverStripe(
  url: string,
  event: object,
  options: { secret?: string; at?: Date } = {},
): Promise<Response> {
  const body = Buffer.from(JSON.stringify(event, null, 2));
  const { secret = STUB_STRIPE.webhookSecret, at = new Date() } = options;
  return fetch(`${url}/webhooks/stripe`, {
    method: "POST",
    headers: {
      "content-type": "application/json; charset=utf-8",
      "stripe-signature": timestampedSignature(body, secret, at),
    },
    body,
  });
}

export interface StripeStub {
  readonly stub: Stub;
  /** Has somebody pay on an open page. @returns what Stripe would report, oldest first */
  pay(checkoutUrl: string): ReturnType<typeof stripeEvent>[];
  /** Changes what the API answers about a subscription, or adds one. */
  put(subscription: StripeStubSubscription): void;
}

interface Session {
  readonly customer: string;
  readonly userId: string;
  readonly price: string;
}

interface Account {
  readonly sessions: Map<string, Session>;
  readonly subscriptions: Map<string, StripeStubSubscription>;
  /** Answers by idempotency key, with the body that they were given for. */
  readonly answers: Map<string, { text: string; answer: StubAnswer }>;
}

/** Stripe's customers, checkout pages, portal and subscriptions; bodies are forms. */
export function stripeStub(): StripeStub {
  const account: Account = { sessions: new Map(), subscriptions: new Map(), answers: new Map() };
  return {
    stub: { provider: "stripe", error, handle: (request) => handle(account, request) },
    pay: (checkoutUrl) => pay(account, checkoutUrl),
    put: (subscription) => void account.subscriptions.set(subscription.id, subscription),
  };
}

function handle(account: Account, request: StubRequest): StubAnswer {
  const { method, headers, text } = request;
  if (headers["authorization"] !== `Bearer ${STUB_STRIPE.secretKey}`) return error(401);
  if (method !== "POST") return read(account, request);
  if (!headers["content-type"]?.startsWith("application/x-www-form-urlencoded")) return error(400);
  const key = headers["idempotency-key"];
  const earlier = key === undefined ? undefined : account.answers.get(key);
  if (earlier) {
    if (earlier.text !== text) return error(400, "idempotency_error");
    return { ...earlier.answer, headers: { "idempotent-replayed": "true" } };
  }
  const answer = write(account, request);
  if (key !== undefined) account.answers.set(key, { text, answer });
  return answer;
}

function read({ subscriptions }: Account, { path, query }: StubRequest): StubAnswer {
  if (path === "/v1/subscriptions") {
    const data = [...subscriptions.values()].filter((one) => one.customer === query["customer"]);
    return { status: 200, body: { object: "list", has_more: false, url: path, data } };
  }
  const found = subscriptions.get(path.split("/")[3] ?? "");
  return found ? { status: 200, body: found } : error(404);
}

function write(account: Account, { path, text, origin }: StubRequest): StubAnswer {
  const form = new URLSearchParams(text);
  if (path === "/v1/customers") {
    return { status: 200, body: { id: newId("cus"), object: "customer" } };
  }
  if (path === "/v1/checkout/sessions") return openPage(account, form, origin);
  if (path === "/v1/billing_portal/sessions") {
    const url = `${origin}/portal/${form.get("customer")}`;
    return { status: 200, body: { id: newId("bps"), object: "billing_portal.session", url } };
  }
  const subscription = account.subscriptions.get(path.split("/")[3] ?? "");
  if (!subscription) return error(404);
  const flag = form.get("cancel_at_period_end");
  if (flag !== null) subscription.cancel_at_period_end = flag === "true";
  if (flag === "false" || form.get("cancel_at") === "") subscription.cancel_at = null;
  return { status: 200, body: subscription };
}

function openPage(account: Account, form: URLSearchParams, origin: string): StubAnswer {
  const price = form.get("line_items[0][price]");
  const customer = form.get("customer");
  const userId = form.get("subscription_data[metadata][user_id]");
  if (price === null || customer === null || userId === null) return error(400);
  if (form.get("mode") !== "subscription") return error(400);
  const id = newId("cs_test");
  account.sessions.set(id, { price, customer, userId });
  const url = `${origin}/c/pay/${id}`;
  return { status: 200, body: { id, object: "checkout.session", status: "open", url } };
}

function pay(account: Account, checkoutUrl: string): ReturnType<typeof stripeEvent>[] {
  const session = account.sessions.get(checkoutUrl.split("/").at(-1) ?? "");
  if (!session) throw new Error("No such page is open.");
  const { customer, userId, price } = session;
  const subscription = stripeSubscription({ customer, userId, price });
  account.subscriptions.set(subscription.id, subscription);
  const bill = stripeInvoice({ customer, subscription: subscription.id, userId, paid: true });
  const at = nowSeconds();
  return [
    stripeEvent("customer.subscription.created", { ...subscription, status: "incomplete" }, at - 3),
    stripeEvent("invoice.paid", bill, at - 2),
    stripeEvent("customer.subscription.updated", { ...subscription }, at - 1),
    stripeEvent(
      "checkout.session.completed",
      stripeSession({ customer, subscription: subscription.id, userId }),
      at,
    ),
  ];
}

const TYPES: Readonly<Record<number, string>> = {
  402: "card_error",
  429: "rate_limit_error",
  500: "api_error",
  503: "api_error",
};

function error(status: number, type = TYPES[status] ?? "invalid_request_error"): StubAnswer {
  const message = `Stubbed ${status}`;
  return { status, body: { error: { type, code: "stubbed", message } } };
}
