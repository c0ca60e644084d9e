import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import type { MailMessage, Mailer } from "../../../src/platform/mail/mailer.ts";
import { ProviderError } from "../../../src/platform/resilience/provider-error.ts";
import { until } from "../../support/until.ts";
import { createBed, registration, type IdentityBed } from "./identity-bed.ts";

/** A mail service that fails as often as told. */
class FlakyMailer implements Mailer {
  readonly sent: MailMessage[] = [];
  tries = 0;
  failures = 0;
  outcome: ProviderError["outcome"] = "retryable";

  send(message: MailMessage): Promise<void> {
    this.tries += 1;
    if (this.failures <= 0) {
      this.sent.push(message);
      return Promise.resolve();
    }
    this.failures -= 1;
    const fault = { provider: "mail", code: "PROVIDER_UNAVAILABLE", message: "The mail is down." };
    return Promise.reject(new ProviderError({ ...fault, outcome: this.outcome }));
  }
}

const mailer = new FlakyMailer();
let bed: IdentityBed;
let counter = 0;
beforeAll(async () => {
  bed = await createBed({ mailer });
});
beforeEach(() => {
  Object.assign(mailer, { tries: 0, failures: 0, outcome: "retryable" });
  mailer.sent.length = 0;
});
afterAll(() => bed.close());

const cron = () => bed.identity.crons!.find(({ name }) => name === "send_due_mail")!.run();
const register = async () => {
  const email = `reader${(counter += 1)}@example.com`;
  await bed.must("RegisterWithEmail", { input: registration(email) });
  return email;
};
const rowFor = async (email: string) =>
  (await bed.database.query<any>("select * from mail_outbox where to_address = $1", [email]))[0];

test("a mail that fails is sent by a later turn, with the same id, and then forgotten", async () => {
  mailer.failures = 2;
  const email = await register();
  await until(
    () => rowFor(email),
    (row) => row.last_error === "PROVIDER_UNAVAILABLE",
  );
  await cron();
  expect(mailer.tries).toBe(1); // Its next turn is not there yet.
  bed.clock.forward(61);
  await cron();
  bed.clock.forward(301);
  await Promise.all([cron(), cron(), cron()]);
  expect(mailer.tries).toBe(3);
  const row = await rowFor(email);
  expect(mailer.sent).toMatchObject([{ id: row.id, to: email }]);
  expect(mailer.sent[0]?.html).toContain("/verify-email?token=");
  expect(row).toMatchObject({ sealed_mail: null, last_error: null, attempts: 3 });
  bed.clock.forward(86_400);
  await cron();
  expect(mailer.tries).toBe(3);
});

test("after five tries it is given up", async () => {
  mailer.failures = 100;
  const email = await register();
  await until(() => mailer.tries === 1);
  for (let turn = 0; turn < 8; turn += 1) {
    bed.clock.forward(86_400);
    await cron();
  }
  expect(mailer.tries).toBe(5);
  expect(await rowFor(email)).toMatchObject({ sealed_mail: null, sent_at: null, attempts: 5 });
});

test("a receiver that the service refuses is not tried again", async () => {
  Object.assign(mailer, { failures: 100, outcome: "refused_input" });
  const email = await register();
  await until(
    () => rowFor(email),
    (row) => row.sealed_mail === null,
  );
  bed.clock.forward(86_400);
  await cron();
  expect(mailer.tries).toBe(1);
});

test("a registration that is rolled back sends no mail", async () => {
  await bed.database.query("alter table auth_events rename to auth_events_away");
  const answer = await bed.send("RegisterWithEmail", { input: registration("lost@example.com") });
  await bed.database.query("alter table auth_events_away rename to auth_events");
  expect(answer.errors).toHaveLength(1);
  expect(await rowFor("lost@example.com")).toBeUndefined();
  expect(mailer.tries).toBe(0);
});
