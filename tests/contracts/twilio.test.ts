import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { TwilioSmsSender } from "../../src/integrations/twilio/twilio-sms-sender.ts";
import { startStubs, STUB_TWILIO, type Stubs } from "../support/stubs/index.ts";
import { everyFault, failure, nobody, plainGuard, TIMEOUT_MS } from "./faults.ts";

const SMS = { id: "sms_1", to: "+85512345678", text: "123456 is your code – អរគុណ" };
const SECRETS = [STUB_TWILIO.authToken, SMS.to, "123456"];
let stubs: Stubs;
beforeAll(async () => {
  stubs = await startStubs();
});
beforeEach(() => stubs.reset());
afterAll(() => stubs.close());

const sender = (change: { baseUrl?: string; from?: string; authToken?: string } = {}) =>
  new TwilioSmsSender({
    baseUrl: `${stubs.url}/twilio`,
    ...STUB_TWILIO,
    from: "+15005550006",
    timeoutMs: TIMEOUT_MS,
    guard: plainGuard("twilio", { retries: 3 }),
    ...change,
  });

test("sends one message as a form", async () => {
  await sender().send(SMS);
  const [sent] = stubs.requests("twilio");
  expect(Object.fromEntries(new URLSearchParams(sent?.text))).toEqual({
    To: SMS.to,
    From: "+15005550006",
    Body: SMS.text,
  });
});

test("a messaging service takes the place of a number", async () => {
  await sender({ from: "MG1" }).send(SMS);
  const form = new URLSearchParams(stubs.requests("twilio")[0]?.text);
  expect([form.get("MessagingServiceSid"), form.get("From")]).toEqual(["MG1", null]);
});

test("a wrong token is our fault, a wrong number the person's", async () => {
  const wrong = await failure(sender({ authToken: "wrong" }).send(SMS), SECRETS);
  expect(wrong).toMatchObject({ outcome: "misconfigured", status: 401 });
  const bad = await failure(sender().send({ ...SMS, to: "+0" }), SECRETS);
  expect(bad).toMatchObject({ outcome: "refused_input", code: "PROVIDER_REJECTED", status: 400 });
});

test("an accepted request that failed at once is a failure", async () => {
  stubs.script("twilio", {
    status: 201,
    body: { sid: "SM1", status: "failed", error_code: 30003 },
  });
  expect((await failure(sender().send(SMS), SECRETS)).outcome).toBe("refused_input");
});

describe("faults: never sent twice, whatever the guard's own number of repeats", () => {
  test.each(everyFault("unknown"))("$name", async ({ behaviour, expected }) => {
    stubs.script("twilio", { ...behaviour, times: 5 });
    const error = await failure(sender().send(SMS), SECRETS);
    expect(error).toMatchObject(expected);
    expect(stubs.requests("twilio").length).toBeLessThanOrEqual(1);
  });

  test("nobody listens: certainly not sent", async () => {
    const error = await failure(sender({ baseUrl: await nobody() }).send(SMS), SECRETS);
    expect(error.outcome).toBe("retryable");
  });
});
