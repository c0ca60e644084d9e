import { timestampedSignature } from "../../../src/platform/crypto/webhook-signatures.ts";
import type { Stub, StubAnswer } from "./serve.ts";

export const STUB_REVENUECAT = {
  apiKey: "sk_stub_revenuecat",
  authorization: "Bearer stub-webhook-header",
  signingSecret: "rc_stub_secret",
};

/** A subscription as `GET /v1/subscribers/{id}` shows it; dates in ISO 8601. */
export interface StubSubscription {
  purchase_date: string;
  expires_date: string | null;
  [field: string]: unknown;
}

interface StubSubscriber {
  subscriptions: Record<string, StubSubscription>;
  non_subscriptions: Record<string, Record<string, unknown>[]>;
}

export interface RevenueCatStub {
  stub: Stub;
  /** Lets a buyer have a subscription; the same product again takes the place of the former. */
  subscribe(appUserId: string, productId: string, subscription: StubSubscription): void;
  /** Lets a buyer have bought something once. */
  buy(appUserId: string, productId: string, transactionId: string, at: Date): void;
}

/** RevenueCat's `GET /v1/subscribers/{app_user_id}`: who is not known is made, as in the real one. */
export function revenueCatStub(): RevenueCatStub {
  const subscribers = new Map<string, StubSubscriber>();
  const of = (id: string): StubSubscriber => {
    const known = subscribers.get(id) ?? { subscriptions: {}, non_subscriptions: {} };
    subscribers.set(id, known);
    return known;
  };
  return {
    subscribe: (id, productId, subscription) => {
      of(id).subscriptions[productId] = { ...NOTHING, ...subscription };
    },
    buy: (id, productId, transactionId, at) => {
      const { non_subscriptions: all } = of(id);
      const purchase = {
        id: `rc_${transactionId}`,
        is_sandbox: false,
        purchase_date: at.toISOString(),
        original_purchase_date: at.toISOString(),
        store: "app_store",
        store_transaction_id: transactionId,
      };
      all[productId] = [...(all[productId] ?? []), purchase];
    },
    stub: {
      provider: "revenuecat",
      handle({ method, path, headers }) {
        if (headers["authorization"] !== `Bearer ${STUB_REVENUECAT.apiKey}`) return error(401);
        const [, id] = /^\/v1\/subscribers\/([^/]+)$/.exec(path) ?? [];
        if (method !== "GET" || id === undefined) return error(404);
        const appUserId = decodeURIComponent(id);
        const isNew = !subscribers.has(appUserId);
        return { status: isNew ? 201 : 200, body: answer(appUserId, of(appUserId)) };
      },
      error,
    },
  };
}

const NOTHING = {
  auto_resume_date: null,
  billing_issues_detected_at: null,
  grace_period_expires_date: null,
  is_sandbox: false,
  ownership_type: "PURCHASED",
  period_type: "normal",
  refunded_at: null,
  store: "app_store",
  unsubscribe_detected_at: null,
};

const answer = (appUserId: string, subscriber: StubSubscriber) => {
  const now = new Date();
  return {
    request_date: now.toISOString(),
    request_date_ms: now.getTime(),
    subscriber: {
      original_app_user_id: appUserId,
      first_seen: now.toISOString(),
      last_seen: now.toISOString(),
      management_url: null,
      entitlements: {},
      other_purchases: {},
      ...subscriber,
    },
  };
};

const error = (status: number): StubAnswer => ({
  status,
  body: { code: status === 401 ? 7225 : 7000, message: `Stubbed ${status}` },
});

/** An event as RevenueCat sends it; `fields` go above what most events have. */
export function revenueCatEvent(
  type: string,
  fields: { app_user_id?: string; event_timestamp_ms: number; [field: string]: unknown },
): { api_version: string; event: Record<string, unknown> & { id: string } } {
  const { app_user_id: user } = fields;
  return {
    api_version: "1.0",
    event: {
      id: crypto.randomUUID().toUpperCase(),
      type,
      app_id: "app1",
      store: "APP_STORE",
      environment: "PRODUCTION",
      ...(user !== undefined && { original_app_user_id: user, aliases: [user] }),
      ...fields,
    },
  };
}

/** The body and headers of a delivery, proved in both ways, each signed anew. */
export function revenueCatDelivery(
  envelope: object,
  proof: { authorization?: string; signingSecret?: string; at?: Date } = STUB_REVENUECAT,
): { body: Buffer; headers: Record<string, string> } {
  const body = Buffer.from(JSON.stringify(envelope));
  const { authorization, signingSecret, at = new Date() } = proof;
  return {
    body,
    headers: {
      "content-type": "application/json",
      ...(authorization !== undefined && { authorization }),
      ...(signingSecret !== undefined && {
        "x-revenuecat-webhook-signature": timestampedSignature(body, signingSecret, at),
      }),
    },
  };
}
