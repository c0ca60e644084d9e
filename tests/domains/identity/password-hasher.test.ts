import { expect, test } from "@jest/globals";
import { parseOptions } from "@node-rs/argon2";
import { PasswordHasher } from "../../../src/domains/identity/accounts/password-hasher.ts";

test("hashes with OWASP's argon2id parameters and verifies", async () => {
  const hasher = new PasswordHasher();
  const hash = await hasher.hash("correct horse battery");
  expect(parseOptions(hash)).toMatchObject({
    algorithm: 2,
    memoryCost: 19_456,
    timeCost: 2,
    parallelism: 1,
  });
  expect(await hasher.verify(hash, "correct horse battery")).toBe(true);
  expect(await hasher.verify(hash, "correct horse batterx")).toBe(false);
  expect(await hasher.verify(null, "correct horse battery")).toBe(false);
});

test("the same characters typed in another way are the same password", async () => {
  const hasher = new PasswordHasher();
  const hash = await hasher.hash("Ångström café");
  expect(await hasher.verify(hash, "A\u030angstro\u0308m cafe\u0301")).toBe(true);
});

test("works on two at once, lets some wait, and sends the rest away", async () => {
  const hasher = new PasswordHasher({ maxConcurrent: 2, maxWaiting: 3 });
  const all = Array.from({ length: 8 }, () => hasher.verify(null, "a password"));
  const results = await Promise.allSettled(all);
  expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(5);
  for (const result of results.slice(5)) {
    expect(result).toMatchObject({ reason: { extensions: { code: "RATE_LIMITED" } } });
  }
  expect(await hasher.verify(null, "afterwards there is room")).toBe(false);
});
