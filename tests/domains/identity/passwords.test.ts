import { afterAll, beforeAll, expect, test } from "@jest/globals";
import {
  codes,
  createBed,
  newAccount,
  PASSWORD,
  registration,
  type IdentityBed,
} from "./identity-bed.ts";

let bed: IdentityBed;
let strict: IdentityBed;
beforeAll(async () => {
  bed = await createBed();
  strict = await createBed({ limits: { failedLoginsPerAccount: 5, registrationsPerHour: 5 } });
});
afterAll(async () => {
  await bed.close();
  await strict.close();
});

const NEXT = "a better horse battery";
const login = (identifier: string, password: string) =>
  bed.must("LoginWithPassword", { input: { identifier, password } });
const forgot = (identifier: string) => bed.must("ForgotPassword", { input: { identifier } });
const reset = (token: string, newPassword = NEXT) =>
  bed.must("ResetPassword", { input: { token, newPassword } });
const change = (token: string, currentPassword: string, newPassword = NEXT) =>
  bed.must("ChangePassword", { input: { currentPassword, newPassword } }, { token });
const isSignedIn = async (token: string) =>
  (await bed.send("Viewer", {}, { token })).errors === undefined;

test("a mailed link replaces a forgotten password once and ends every session", async () => {
  const first = await newAccount(bed, "ada@example.com");
  const { session: second } = await login("ada@example.com", PASSWORD);
  expect(await forgot("ADA@example.com")).toEqual({ problems: [] });
  const token = await bed.tokenFor("ada@example.com", 1);
  expect(codes(await reset(token))).toEqual([]);
  for (const { accessToken, refreshToken } of [first, second]) {
    expect(await isSignedIn(accessToken)).toBe(false);
    expect(codes(await bed.must("RefreshSession", { input: { refreshToken } }))).toEqual([
      "SESSION_ENDED",
    ]);
  }
  expect(codes(await login("ada@example.com", PASSWORD))).toEqual(["INVALID_CREDENTIALS"]);
  expect(codes(await login("ada@example.com", NEXT))).toEqual([]);
  expect((await bed.mail("ada@example.com", 2)).subject).toBe("Your password was changed");

  const again = await reset(token, "yet another password");
  expect(again.problems).toMatchObject([{ code: "TOKEN_USED", path: ["input", "token"] }]);
  expect(codes(await login("ada@example.com", NEXT))).toEqual([]);
});

test("of ten resets with one token at once, one sets its password", async () => {
  await newAccount(bed, "bea@example.com");
  await forgot("bea@example.com");
  const token = await bed.tokenFor("bea@example.com", 1);
  const words = Array.from({ length: 10 }, (_, n) => `the password number ${n}`);
  const answers = await Promise.all(words.map((word) => reset(token, word)));
  expect(answers.flatMap(codes)).toEqual(Array<string>(9).fill("TOKEN_USED"));
  const winner = words[answers.findIndex((answer) => answer.problems.length === 0)]!;
  expect(codes(await login("bea@example.com", winner))).toEqual([]);
});

test("a token ends after an hour, with the next one, and never verifies by mistake", async () => {
  await newAccount(bed, "cat@example.com");
  await forgot("cat@example.com");
  await forgot("cat@example.com");
  const [old, current] = [
    await bed.tokenFor("cat@example.com", 1),
    await bed.tokenFor("cat@example.com", 2),
  ];
  const tokens = [old, current];
  const answers = await Promise.all(tokens.map((token) => reset(token, "short")));
  expect(answers.flatMap(codes)).toEqual(["PASSWORD_TOO_SHORT", "PASSWORD_TOO_SHORT"]);
  // Which mail came first is not known; the last one alone works.
  const verified = await Promise.all(
    tokens.map((token) => bed.must("VerifyEmail", { input: { token } })),
  );
  expect(verified.flatMap(codes)).toEqual(["TOKEN_INVALID", "TOKEN_INVALID"]);
  const used = await Promise.all(tokens.map((token) => reset(token)));
  expect(used.flatMap(codes)).toEqual(["TOKEN_USED"]);

  await forgot("cat@example.com");
  const late = await bed.tokenFor("cat@example.com", 4);
  bed.clock.forward(3_601);
  expect(codes(await reset(late, "too late a password"))).toEqual(["TOKEN_EXPIRED"]);
  expect(codes(await reset("x".repeat(43)))).toEqual(["TOKEN_INVALID"]);
  expect(codes(await reset("no token"))).toEqual(["TOKEN_INVALID"]);
});

test("a reset confirms an address that waits, and voids what others entered for it", async () => {
  await bed.must("RegisterWithEmail", {
    input: registration("dee@example.com", { password: "the thief's password" }),
  });
  const theirs = await bed.tokenFor("dee@example.com");
  await forgot("dee@example.com");
  expect(codes(await reset(await bed.tokenFor("dee@example.com", 1)))).toEqual([]);
  expect(codes(await bed.must("VerifyEmail", { input: { token: theirs } }))).toEqual([
    "TOKEN_USED",
  ]);
  expect(codes(await login("dee@example.com", "the thief's password"))).toEqual([
    "INVALID_CREDENTIALS",
  ]);
  expect(codes(await login("dee@example.com", NEXT))).toEqual([]);
});

test("the answer and its time do not tell whether there is an account", async () => {
  await newAccount(bed, "eli@example.com");
  const timed = async (identifier: string) => {
    const started = performance.now();
    const answer = await forgot(identifier);
    return { answer, ms: performance.now() - started };
  };
  await timed("warm@example.com");
  const known = [await timed("eli@example.com"), await timed("eli@example.com")];
  const unknown = [await timed("nobody@example.com"), await timed("nobody@example.com")];
  expect(unknown[0]!.answer).toEqual(known[0]!.answer);
  const fastest = (tries: { ms: number }[]) => Math.min(...tries.map(({ ms }) => ms));
  expect(fastest(known) / fastest(unknown)).toBeGreaterThan(0.7);
  expect(fastest(known) / fastest(unknown)).toBeLessThan(1.4);
  expect(bed.mailsTo("nobody@example.com")).toEqual([]);
  const malformed = await bed.send("ForgotPassword", { input: { identifier: "nobody@" } });
  expect(malformed.errors?.[0]?.extensions).toMatchObject({
    code: "BAD_USER_INPUT",
    fields: [{ path: ["input", "identifier"] }],
  });
});

test("a mailbox gets five mails an hour, whoever asks", async () => {
  await newAccount(strict, "fay@example.com");
  const ask = (n: number) =>
    strict.send(
      "ForgotPassword",
      { input: { identifier: "fay@example.com" } },
      { ip: `192.0.3.${n}` },
    );
  const answers = [];
  for (let n = 0; n < 6; n += 1) answers.push(await ask(n));
  expect(answers.map(({ errors }) => errors?.[0]?.extensions.code ?? "OK")).toEqual([
    ...Array<string>(4).fill("OK"),
    "RATE_LIMITED",
    "RATE_LIMITED",
  ]);
});

test("changing a known password ends the other sessions and keeps this one", async () => {
  const { accessToken } = await newAccount(bed, "gus@example.com");
  const others = [
    await login("gus@example.com", PASSWORD),
    await login("gus@example.com", PASSWORD),
  ];
  const wrong = await change(accessToken, "not the password");
  expect(wrong.problems).toMatchObject([
    { code: "INVALID_CREDENTIALS", path: ["input", "currentPassword"] },
  ]);
  const weak = await change(accessToken, PASSWORD, "iloveyou");
  expect(weak.problems).toMatchObject([
    { code: "PASSWORD_TOO_COMMON", path: ["input", "newPassword"] },
  ]);
  await forgot("gus@example.com");
  const link = await bed.tokenFor("gus@example.com", 1);
  expect(await change(accessToken, PASSWORD)).toEqual({ endedCount: 2, problems: [] });
  expect(await isSignedIn(accessToken)).toBe(true);
  for (const { session } of others) expect(await isSignedIn(session.accessToken)).toBe(false);
  expect(codes(await login("gus@example.com", PASSWORD))).toEqual(["INVALID_CREDENTIALS"]);
  expect(codes(await reset(link, "a thief's password"))).toEqual(["TOKEN_USED"]);
});

test("five wrong present passwords in a quarter of an hour are enough", async () => {
  const { accessToken: token } = await newAccount(strict, "hal@example.com");
  const attempt = (currentPassword: string) =>
    strict.send("ChangePassword", { input: { currentPassword, newPassword: NEXT } }, { token });
  const answers = await Promise.all(Array.from({ length: 7 }, () => attempt("a guess")));
  expect(answers.filter(({ errors }) => errors)).toHaveLength(2);
  expect((await attempt(PASSWORD)).errors?.[0]?.extensions.code).toBe("RATE_LIMITED");
});

test("the page asks, corrects, sets, and does not repeat markup", async () => {
  await newAccount(bed, "ida@example.com");
  await forgot("ida@example.com");
  const token = await bed.tokenFor("ida@example.com", 1);
  const post = (password: string, language = "en") =>
    bed.http.inject({
      method: "POST",
      url: "/reset-password",
      headers: { "content-type": "application/x-www-form-urlencoded", "accept-language": language },
      payload: new URLSearchParams({ token, password }).toString(),
    });
  const page = await bed.http.inject({ url: `/reset-password?token=${token}` });
  expect(page.statusCode).toBe(200);
  expect(page.headers).toMatchObject({
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
  });
  const evil = await bed.http.inject({ url: '/reset-password?token="><script>alert(1)</script>' });
  expect(evil.body).not.toContain("<script>");
  const weak = await post("short");
  expect([weak.statusCode, weak.body.includes(token)]).toEqual([422, true]);
  const done = await post(`${NEXT} ✓ ${"ក".repeat(90)}`, "km");
  expect([done.statusCode, done.body.includes('lang="km"')]).toEqual([200, true]);
  expect((await post(NEXT)).statusCode).toBe(410);
  expect(codes(await login("ida@example.com", `${NEXT} ✓ ${"ក".repeat(90)}`))).toEqual([]);
});
