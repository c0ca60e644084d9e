import type { Stub, StubAnswer } from "./serve.ts";

const CODES: Record<number, string> = {
  400: "invalid_parameter",
  401: "unauthorized",
  402: "not_enough_credits",
  403: "permission_denied",
  404: "document_not_found",
};

/** Brevo's `POST /v3/smtp/email`, which answers 201. */
export function brevoStub(): Stub {
  let count = 0;
  return {
    provider: "brevo",
    handle({ method, path, headers, json }) {
      if (!headers["api-key"]) return error(401);
      if (method !== "POST" || path !== "/v3/smtp/email") return error(404);
      const complete =
        json?.sender?.email && json.to?.[0]?.email && json.subject && json.textContent;
      if (!complete) return { status: 400, body: { code: "missing_parameter", message: "?" } };
      count += 1;
      return { status: 201, body: { messageId: `<stub-${count}@relay.example>` } };
    },
    error,
  };
}

function error(status: number): StubAnswer {
  const message = status === 401 ? "Key not found" : `Stubbed ${status}`;
  return { status, body: { code: CODES[status] ?? "error", message } };
}
