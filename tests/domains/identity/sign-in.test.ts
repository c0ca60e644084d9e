import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { codes, createBed, newAccount, PASSWORD, type IdentityBed } from "./identity-bed.ts";

let bed: IdentityBed;
let strict: IdentityBed;
beforeAll(async () => {
  bed = await createBed();
  strict = await createBed({
    limits: { loginsPerMinute: 10, failedLoginsPerAccount: 5, registrationsPerHour: 5 },
  });
});
afterAll(async () => {
  await bed.close();
  await strict.close();
});

const device = () => ({ deviceId: randomUUID(), deviceSecret: randomUUID(), platform: "ANDROID" });
const withDevice = (input: object) => bed.must("LoginWithDevice", { input });
const countOf = async (of: IdentityBed, table: string) =>
  Number((await of.database.query<{ n: string }>(`select count(*) as n from ${table}`))[0]!.n);

test("a device is a guest at first sight and the same user ever after", async () => {
  const mine = device();
  const first = (await withDevice(mine)).session;
  const again = (await withDevice(mine)).session;
  expect(first.viewer).toMatchObject({ isGuest: true, email: null, role: "CUSTOMER" });
  expect(again.viewer.id).toBe(first.viewer.id);
  expect(again.refreshToken).not.toBe(first.refreshToken);
  expect((await withDevice(device())).session.viewer.id).not.toBe(first.viewer.id);
});

test("a wrong secret of a known device is refused and opens nothing", async () => {
  const mine = device();
  await withDevice(mine);
  const [users, sessions] = [await countOf(bed, "users"), await countOf(bed, "sessions")];
  const refused = await withDevice({ ...mine, deviceSecret: randomUUID() });
  expect(refused.session).toBeNull();
  expect(codes(refused)).toEqual(["INVALID_CREDENTIALS"]);
  expect([await countOf(bed, "users"), await countOf(bed, "sessions")]).toEqual([users, sessions]);
});

test("twenty first calls of one device at once make one guest", async () => {
  const mine = device();
  const users = await countOf(bed, "users");
  const answers = await Promise.all(Array.from({ length: 20 }, () => withDevice(mine)));
  expect(new Set(answers.map(({ session }) => session.viewer.id)).size).toBe(1);
  expect(await countOf(bed, "users")).toBe(users + 1);
});

test("a device id or secret of the wrong form is refused at its place", async () => {
  for (const [field, value] of Object.entries({ deviceId: "short", deviceSecret: "short" })) {
    const answer = await bed.send("LoginWithDevice", { input: { ...device(), [field]: value } });
    expect(answer.errors?.[0]?.extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      fields: [{ path: ["input", field] }],
    });
  }
});

test("an unknown address and a wrong password get the same answer for about the same work", async () => {
  await newAccount(bed, "ann@example.com");
  const timed = async (identifier: string) => {
    const started = performance.now();
    const answer = await bed.must("LoginWithPassword", {
      input: { identifier, password: "not the password" },
    });
    return { answer, ms: performance.now() - started };
  };
  // The fastest of several: other work on the machine only ever adds time.
  const fastest = (tries: { ms: number }[]) => Math.min(...tries.map(({ ms }) => ms));
  const known = [];
  const unknown = [];
  for (let round = 0; round < 3; round += 1) {
    known.push(await timed("ann@example.com"));
    unknown.push(await timed("nobody@example.com"));
  }
  expect(unknown[0]!.answer).toEqual(known[0]!.answer);
  expect(codes(unknown[0]!.answer)).toEqual(["INVALID_CREDENTIALS"]);
  const ratio = fastest(unknown) / fastest(known);
  expect(ratio).toBeGreaterThan(0.5);
  expect(ratio).toBeLessThan(2);
});

test("a malformed address is refused at its place", async () => {
  const answer = await bed.send("LoginWithPassword", {
    input: { identifier: "nobody", password: PASSWORD },
  });
  expect(answer.errors?.[0]?.extensions).toMatchObject({
    code: "BAD_USER_INPUT",
    fields: [{ path: ["input", "identifier"] }],
  });
});

test("five wrong passwords close an account for a quarter of an hour, from any address, also at once", async () => {
  await newAccount(strict, "bea@example.com");
  const wrong = (n: number) =>
    strict.send(
      "LoginWithPassword",
      { input: { identifier: "bea@example.com", password: "a guess" } },
      { ip: `198.51.100.${n}` },
    );
  const answers = await Promise.all(Array.from({ length: 12 }, (_, n) => wrong(n)));
  expect(answers.filter(({ data }) => data !== null)).toHaveLength(5);
  const right = await strict.send(
    "LoginWithPassword",
    { input: { identifier: "bea@example.com", password: PASSWORD } },
    { ip: "198.51.100.99" },
  );
  expect(right.errors?.[0]?.extensions).toMatchObject({ code: "RATE_LIMITED" });
  expect(right.errors?.[0]?.extensions.retryAfterMs).toBeGreaterThan(800_000);
});

test("a right password forgets the wrong ones before it", async () => {
  await newAccount(strict, "cat@example.com");
  const attempt = (password: string, n: number) =>
    strict.must(
      "LoginWithPassword",
      { input: { identifier: "cat@example.com", password } },
      { ip: `198.51.101.${n}` },
    );
  for (let round = 0; round < 3; round += 1) {
    const guesses = Array.from({ length: 4 }, (_, n) => attempt("a guess", round * 8 + n));
    for (const guess of await Promise.all(guesses)) {
      expect(codes(guess)).toEqual(["INVALID_CREDENTIALS"]);
    }
    expect(codes(await attempt(PASSWORD, round * 8 + 4))).toEqual([]);
  }
});

test("ten tries a minute per address, counted per field and not per request", async () => {
  const tries = Array.from({ length: 11 }, (_, n) =>
    strict.send(
      "LoginWithPassword",
      { input: { identifier: `n${n}@example.com`, password: "a guess" } },
      { ip: "203.0.113.7" },
    ),
  );
  const limited = (await Promise.all(tries)).filter((answer) => answer.errors);
  expect(limited).toHaveLength(1);
  expect(limited[0]!.errors?.[0]?.extensions.code).toBe("RATE_LIMITED");
});

test("five registrations an hour per address, five mails an hour per mailbox", async () => {
  const register = (email: string, ip: string) =>
    strict.send(
      "RegisterWithEmail",
      { input: { email, password: PASSWORD, firstName: "", lastName: "" } },
      { ip },
    );
  const perCaller = await Promise.all(
    Array.from({ length: 6 }, (_, n) => register(`new${n}@example.com`, "203.0.113.8")),
  );
  expect(perCaller.filter((answer) => answer.errors)).toHaveLength(1);
  const perMailbox = [];
  for (let n = 0; n < 6; n += 1) {
    perMailbox.push(await register("victim@example.com", `203.0.114.${n}`));
  }
  expect(perMailbox.at(-1)?.errors?.[0]?.extensions.code).toBe("RATE_LIMITED");
  await strict.mail("victim@example.com", 4);
  expect(strict.mailsTo("victim@example.com")).toHaveLength(5);
});

test("the audit says who, what, from where and how it ended, and no secret", async () => {
  await newAccount(bed, "dee@example.com");
  const from = { ip: "203.0.113.77", userAgent: "audit/1" };
  const attempt = (identifier: string, password: string) =>
    bed.must("LoginWithPassword", { input: { identifier, password } }, from);
  await attempt("dee@example.com", "a secret guess");
  await attempt("nobody@example.com", "a secret guess");
  const { session } = await attempt("dee@example.com", PASSWORD);
  const rows = await bed.database.query<{ user_id: string | null; outcome: string }>(
    "select * from auth_events where ip = $1 order by id",
    ["203.0.113.77"],
  );
  expect(rows).toMatchObject([
    { user_id: session.viewer.id, action: "LOGIN_PASSWORD", outcome: "INVALID_CREDENTIALS" },
    { user_id: null, action: "LOGIN_PASSWORD", outcome: "INVALID_CREDENTIALS" },
    { user_id: session.viewer.id, outcome: "OK", user_agent: "audit/1" },
  ]);
  const text = JSON.stringify(rows);
  for (const secret of ["secret guess", PASSWORD, session.refreshToken, "nobody@"]) {
    expect(text).not.toContain(secret);
  }
});

test("the viewer is read and changed by its owner alone", async () => {
  const { accessToken: token } = await newAccount(bed, "flo@example.com");
  const stranger = await bed.send("Viewer");
  expect(stranger.errors?.[0]?.extensions).toMatchObject({
    code: "UNAUTHENTICATED",
    reason: "MISSING_TOKEN",
  });
  const change = {
    firstName: "  Flo ",
    language: "KH",
    skinType: "OILY",
    dateOfBirth: "1990-02-28",
    gender: "FEMALE",
  };
  const { viewer } = await bed.must("UpdateProfile", { input: change }, { token });
  expect(viewer).toMatchObject({ ...change, firstName: "Flo", lastName: "Lovelace" });
  const cleared = await bed.must(
    "UpdateProfile",
    { input: { dateOfBirth: null, gender: null } },
    { token },
  );
  expect(cleared.viewer).toMatchObject({ dateOfBirth: null, gender: null, skinType: "OILY" });
  for (const [field, value] of [
    ["dateOfBirth", "2190-01-01"],
    ["dateOfBirth", "1850-01-01"],
    ["skinType", null],
  ] as const) {
    const answer = await bed.send("UpdateProfile", { input: { [field]: value } }, { token });
    expect(answer.errors?.[0]?.extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      fields: [{ path: ["input", field] }],
    });
  }
});
