import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { BrevoMailer } from "../../src/integrations/brevo/brevo-mailer.ts";
import { startStubs, type Stubs } from "../support/stubs/index.ts";
import { everyFault, failure, nobody, plainGuard, TIMEOUT_MS } from "./faults.ts";

const API_KEY = "xkeysib-secret";
const MAIL = {
  id: "eml_1",
  to: "ada@example.com",
  subject: "សួស្តី",
  text: "https://facet.example/verify?token=secret-token",
  html: "<p>Hello</p>",
};
let stubs: Stubs;
beforeAll(async () => {
  stubs = await startStubs();
});
beforeEach(() => stubs.reset());
afterAll(() => stubs.close());

const mailer = (baseUrl = `${stubs.url}/brevo/v3`) =>
  new BrevoMailer({
    baseUrl,
    apiKey: API_KEY,
    from: { email: "hello@facet.example", name: "facet" },
    timeoutMs: TIMEOUT_MS,
    guard: plainGuard("brevo", { retries: 3 }),
  });

test("sends one mail with its outbox id", async () => {
  await mailer().send(MAIL);
  const [sent] = stubs.requests("brevo");
  expect(sent?.headers["api-key"]).toBe(API_KEY);
  expect(sent?.json).toEqual({
    sender: { email: "hello@facet.example", name: "facet" },
    to: [{ email: MAIL.to }],
    subject: MAIL.subject,
    htmlContent: MAIL.html,
    textContent: MAIL.text,
    headers: { "Idempotency-Key": "eml_1" },
  });
});

describe("faults: never sent twice, whatever the guard's own number of repeats", () => {
  const harmless = new Set(["other JSON"]);
  const faults = everyFault("unknown").filter(({ name }) => !harmless.has(name));
  test.each(faults)("$name", async ({ behaviour, expected }) => {
    stubs.script("brevo", { ...behaviour, times: 5 });
    const error = await failure(mailer().send(MAIL), [API_KEY, MAIL.to, "secret-token"]);
    expect(error).toMatchObject(expected);
    expect(stubs.requests("brevo").length).toBeLessThanOrEqual(1);
  });

  test("nobody listens: certainly not sent", async () => {
    const error = await failure(mailer(`${await nobody()}/v3`).send(MAIL), [API_KEY]);
    expect(error.outcome).toBe("retryable");
  });
});
