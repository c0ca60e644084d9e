import { randomUUID } from "node:crypto";
import type { Stub, StubAnswer } from "./serve.ts";

export const STUB_DODO = {
  apiKey: "stub-dodo-key",
  webhookSecret: "whsec_c3R1Yi1kb2RvLXNlY3JldC1vbmU=",
};

const CODES: Record<number, string> = {
  400: "INVALID_REQUEST_BODY",
  401: "UNAUTHORIZED",
  404: "NOT_FOUND",
  409: "PRODUCT_IS_DELETED",
  422: "INVALID_DISCOUNT_CODE",
  429: "TOO_MANY_REQUESTS",
};

/** A payment as Dodo shows it. */
export type DodoStubPayment = ReturnType<typeof dodoPayment>;

/** A payment with all fields that Dodo sends. */
export const dodoPayment = (values: {
  paymentId?: string;
  status?: string | null;
  total?: number;
  productId?: string;
  metadata?: Record<string, string>;
}) => ({
  payload_type: "Payment",
  payment_id: values.paymentId ?? `pay_${randomUUID()}`,
  business_id: "bus_1",
  brand_id: "bus_1",
  status: values.status === undefined ? "succeeded" : values.status,
  total_amount: values.total ?? 499,
  currency: "USD",
  settlement_amount: values.total ?? 499,
  settlement_currency: "USD",
  tax: 0,
  created_at: "2026-11-21T01:59:00.123456Z",
  customer: { customer_id: "cus_1", email: "a@b.c", name: "A" },
  billing: { country: "US" },
  product_cart: [{ product_id: values.productId ?? "pdt_credits_5", quantity: 1 }] as
    { product_id: string; quantity: number }[] | null,
  metadata: values.metadata ?? {},
  checkout_session_id: "cks_1",
  subscription_id: null as string | null,
  subscription_ids: [] as string[],
  refunds: [],
  disputes: [],
  digital_products_delivered: false,
  is_update_payment_method: false,
  retry_attempt: 0,
  error_code: null,
  error_message: null,
});

export interface DodoStub {
  readonly stub: Stub;
  /** Has somebody pay, or try to pay, on a page that was opened before. */
  pay(sessionId: string, payment: DodoStubPayment): void;
}

interface Session {
  readonly id: string;
  payment: DodoStubPayment | null;
}

/** Dodo's `POST /checkouts`, `GET /checkouts/{id}` and `GET /payments/{id}`. */
export function dodoStub(): DodoStub {
  const sessions = new Map<string, Session>();
  const payments = new Map<string, DodoStubPayment>();
  return {
    stub: {
      provider: "dodo",
      error,
      handle({ method, path, headers, json, origin }) {
        if (headers["authorization"] !== `Bearer ${STUB_DODO.apiKey}`) return error(401);
        const [, kind, id] = path.split("/");
        if (method === "POST" && kind === "checkouts") return open(sessions, json, origin);
        if (method !== "GET" || id === undefined) return error(404);
        const found = kind === "checkouts" ? shown(sessions.get(id)) : payments.get(id);
        return found ? { status: 200, body: found } : error(404);
      },
    },
    pay: (sessionId, payment) => {
      const session = sessions.get(sessionId);
      if (!session) throw new Error("No such page is open.");
      session.payment = payment;
      payments.set(payment.payment_id, payment);
    },
  };
}

function open(sessions: Map<string, Session>, json: any, origin: string): StubAnswer {
  if (!json?.product_cart?.[0]?.product_id) return error(400);
  const id = `cks_${randomUUID()}`;
  sessions.set(id, { id, payment: null });
  const url = `${origin}/pay/${id}`;
  return { status: 200, body: { session_id: id, checkout_url: url } };
}

const shown = (session: Session | undefined) =>
  session && {
    id: session.id,
    created_at: "2026-11-21T01:58:00Z",
    customer_email: null,
    payment_id: session.payment?.payment_id ?? null,
    payment_status: session.payment?.status ?? null,
  };

const error = (status: number): StubAnswer => ({
  status,
  body: { code: CODES[status] ?? "INTERNAL_SERVER_ERROR", message: `Stubbed ${status}` },
});
