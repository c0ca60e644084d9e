import type { Stub, StubAnswer } from "./serve.ts";

export const STUB_TWILIO = {
  accountSid: "AC00000000000000000000000000000001",
  authToken: "stub-token",
};

const CODES: Record<number, number> = { 400: 21211, 401: 20003, 404: 20404, 429: 20429 };
const EXPECTED = `Basic ${Buffer.from(`${STUB_TWILIO.accountSid}:${STUB_TWILIO.authToken}`).toString("base64")}`;

/** Twilio's `POST /2010-04-01/Accounts/{sid}/Messages.json`: form in, 201 out. */
export function twilioStub(): Stub {
  let count = 0;
  return {
    provider: "twilio",
    handle({ method, path, headers, text }) {
      if (headers["authorization"] !== EXPECTED) return error(401);
      const messages = `/2010-04-01/Accounts/${STUB_TWILIO.accountSid}/Messages.json`;
      if (method !== "POST" || path !== messages) return error(404);
      const form = new URLSearchParams(text);
      const isForm = headers["content-type"]?.startsWith("application/x-www-form-urlencoded");
      if (!isForm || !form.get("Body") || !(form.get("From") ?? form.get("MessagingServiceSid"))) {
        return {
          status: 400,
          body: { code: 21602, message: "Message body is required.", status: 400 },
        };
      }
      if (!/^\+[1-9]\d{6,14}$/.test(form.get("To") ?? "")) return error(400);
      count += 1;
      const sid = `SM${String(count).padStart(32, "0")}`;
      return { status: 201, body: { sid, status: "queued", to: form.get("To"), error_code: null } };
    },
    error,
  };
}

const error = (status: number): StubAnswer => ({
  status,
  body: {
    code: CODES[status] ?? 20500,
    message: `Stubbed ${status}`,
    more_info: `https://www.twilio.com/docs/errors/${CODES[status] ?? 20500}`,
    status,
  },
});
