import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { codes, createBed, PASSWORD, type IdentityBed } from "./identity-bed.ts";

let bed: IdentityBed;
let strict: IdentityBed;
beforeAll(async () => {
  bed = await createBed();
  strict = await createBed({ limits: { codesPerHour: 5, loginsPerMinute: 10 } });
});
afterAll(async () => {
  await bed.close();
  await strict.close();
});

const signUp = (phone: string, password = PASSWORD) =>
  bed.must("SignUpWithPhone", { input: { phone, password } });
const request = (phone: string, purpose = "SIGN_IN") =>
  bed.must("RequestOtp", { input: { phone, purpose } });
const verify = (phone: string, code: string) => bed.must("VerifyOtp", { input: { phone, code } });
const login = (identifier: string, password = PASSWORD) =>
  bed.must("LoginWithPassword", { input: { identifier, password } });
const other = (code: string) => String((Number(code) + 1) % 1_000_000).padStart(6, "0");
const nextMinute = () => bed.clock.forward(61);
const countOf = async (table: string) =>
  Number((await bed.database.query<{ n: string }>(`select count(*) as n from ${table}`))[0]!.n);

async function account(phone: string): Promise<any> {
  await signUp(phone);
  const { session } = await verify(phone, await bed.codeFor(phone));
  nextMinute();
  return session;
}

test("signs up, verifies, signs in by password and by code", async () => {
  const users = await countOf("users");
  const sent = await signUp("+855 (12) 100-001");
  expect(sent).toEqual({ expiresAt: expect.any(Date), problems: [] });
  expect(await countOf("users")).toBe(users);
  expect(codes(await login("+85512100001"))).toEqual(["INVALID_CREDENTIALS"]);

  const { session } = await verify("+85512100001", await bed.codeFor("+85512100001"));
  expect(session.viewer).toMatchObject({ phone: "+85512100001", email: null, isGuest: false });
  expect(session.viewer.phoneVerifiedAt).not.toBeNull();
  expect((await login("+855 12 100 001")).session.viewer.id).toBe(session.viewer.id);
  expect(codes(await login("+85512100001", "not the password"))).toEqual(["INVALID_CREDENTIALS"]);

  nextMinute();
  await request("+85512100001");
  const again = await verify("+85512100001", await bed.codeFor("+85512100001", 1));
  expect(again.session.viewer.id).toBe(session.viewer.id);
});

test("a code works once, for five minutes, and is void when a new one was sent", async () => {
  await account("+85512100002");
  await request("+85512100002");
  const first = await bed.codeFor("+85512100002", 1);
  nextMinute();
  await request("+85512100002");
  const second = await bed.codeFor("+85512100002", 2);
  if (first !== second) {
    expect(codes(await verify("+85512100002", first))).toEqual(["CODE_INVALID"]);
  }
  expect(codes(await verify("+85512100002", second))).toEqual([]);
  const again = await verify("+85512100002", second);
  expect(again.problems).toMatchObject([{ code: "TOKEN_USED", path: ["input", "code"] }]);

  nextMinute();
  await request("+85512100002");
  const late = await bed.codeFor("+85512100002", 3);
  bed.clock.forward(301);
  expect(codes(await verify("+85512100002", late))).toEqual(["TOKEN_EXPIRED"]);
});

test("of 30 guesses at once five are looked at, and then even the right code is refused", async () => {
  await account("+85512100003");
  await request("+85512100003");
  const right = await bed.codeFor("+85512100003", 1);
  const sessions = await countOf("sessions");
  const guesses = await Promise.all(
    Array.from({ length: 30 }, () => verify("+85512100003", other(right))),
  );
  const outcomes = guesses.flatMap(codes);
  expect(outcomes.filter((code) => code === "CODE_INVALID")).toHaveLength(5);
  expect(outcomes.filter((code) => code === "CODE_VOID")).toHaveLength(25);
  expect(codes(await verify("+85512100003", right))).toEqual(["CODE_VOID"]);
  expect(await countOf("sessions")).toBe(sessions);
});

test("the right code opens one session, however many send it at once", async () => {
  await account("+85512100004");
  await request("+85512100004");
  const code = await bed.codeFor("+85512100004", 1);
  const answers = await Promise.all(Array.from({ length: 5 }, () => verify("+85512100004", code)));
  expect(answers.filter(({ session }) => session !== null)).toHaveLength(1);
});

test("no answer tells whether a phone has an account", async () => {
  await account("+85512100005");
  for (const purpose of ["SIGN_IN", "RESET_PASSWORD"]) {
    const timed = async (phone: string) => {
      const started = performance.now();
      const { expiresAt, problems } = await request(phone, purpose);
      return { expires: typeof expiresAt, problems, ms: performance.now() - started };
    };
    const known = await timed("+85512100005");
    const unknown = await timed(`+8551299900${purpose.length % 10}`);
    expect({ ...unknown, ms: 0 }).toEqual({ ...known, ms: 0 });
    expect(unknown.ms / known.ms).toBeGreaterThan(0.5);
    expect(unknown.ms / known.ms).toBeLessThan(2);
    nextMinute();
  }
  const unknown = "+85512100006";
  await request(unknown);
  const guesses = [];
  for (let n = 0; n < 6; n += 1) guesses.push(...codes(await verify(unknown, "000000")));
  expect(guesses).toEqual([...Array<string>(5).fill("CODE_INVALID"), "CODE_VOID"]);
  expect(bed.messages.filter(({ to }) => to === unknown)).toEqual([]);
});

test("signing up with a known phone sends a code to sign in, and keeps the password", async () => {
  const { viewer } = await account("+85512100007");
  const users = await countOf("users");
  expect((await signUp("+85512100007", "somebody else's password")).problems).toEqual([]);
  const { session } = await verify("+85512100007", await bed.codeFor("+85512100007", 1));
  expect(session.viewer.id).toBe(viewer.id);
  expect(await countOf("users")).toBe(users);
  expect(codes(await login("+85512100007", "somebody else's password"))).toEqual([
    "INVALID_CREDENTIALS",
  ]);
  expect(codes(await login("+85512100007"))).toEqual([]);
});

test("a code resets a forgotten password, signs nobody in, and ends all sessions", async () => {
  const { accessToken } = await account("+85512100008");
  const asked = await bed.must("ForgotPassword", { input: { identifier: "+85512100008" } });
  expect(asked.problems).toEqual([]);
  const code = await bed.codeFor("+85512100008", 1);
  expect(codes(await verify("+85512100008", code))).toEqual(["CODE_INVALID"]);
  const reset = (input: object) =>
    bed.send("ResetPassword", { input: { newPassword: "a better horse battery", ...input } });
  const done = await reset({ phone: "+85512100008", code });
  expect(done.data.resetPassword.problems).toEqual([]);
  expect((await bed.send("Viewer", {}, { token: accessToken })).errors).toBeDefined();
  expect(codes(await login("+85512100008"))).toEqual(["INVALID_CREDENTIALS"]);
  expect(codes(await login("+85512100008", "a better horse battery"))).toEqual([]);
  const used = await reset({ phone: "+85512100008", code });
  expect(used.data.resetPassword.problems).toMatchObject([{ code: "TOKEN_USED" }]);
  for (const halves of [{}, { code }, { phone: "+85512100008" }, { token: "x", code }]) {
    expect((await reset(halves)).errors?.[0]?.extensions.code).toBe("BAD_USER_INPUT");
  }
});

test("an account made by a code alone has no password to guess", async () => {
  await request("+85512100009", "SIGN_UP");
  const { session } = await verify("+85512100009", await bed.codeFor("+85512100009"));
  expect(session.viewer.phone).toBe("+85512100009");
  expect(codes(await login("+85512100009", ""))).toEqual(["INVALID_CREDENTIALS"]);
});

test("malformed phones are refused at their place and send nothing", async () => {
  const sent = bed.messages.length;
  for (const phone of ["", "12345678", "+0123456789", "+85512x00001", "+1234567890123456", "٠١٢"]) {
    for (const [operation, input] of [
      ["RequestOtp", { phone, purpose: "SIGN_IN" }],
      ["SignUpWithPhone", { phone, password: PASSWORD }],
      ["VerifyOtp", { phone, code: "123456" }],
    ] as const) {
      const answer = await bed.send(operation, { input });
      expect(answer.errors?.[0]?.extensions).toMatchObject({
        code: "BAD_USER_INPUT",
        fields: [{ path: ["input", "phone"] }],
      });
    }
  }
  expect(bed.messages).toHaveLength(sent);
});

test("a minute between codes and five an hour per phone, over all processes and without Redis", async () => {
  const phone = "+85512100010";
  const ask = (ip: string) =>
    strict.send("RequestOtp", { input: { phone, purpose: "SIGN_UP" } }, { ip });
  const atOnce = await Promise.all(Array.from({ length: 8 }, (_, n) => ask(`198.51.100.${n}`)));
  const refused = atOnce.flatMap(({ errors }) => errors ?? []);
  expect(refused).toHaveLength(7);
  expect(refused[0]!.extensions).toMatchObject({ code: "RATE_LIMITED" });
  expect(refused[0]!.extensions.retryAfterMs).toBeGreaterThan(50_000);
  for (let n = 0; n < 4; n += 1) {
    strict.clock.forward(61);
    expect((await ask(`198.51.101.${n}`)).errors).toBeUndefined();
  }
  strict.clock.forward(61);
  const sixth = await ask("198.51.101.9");
  expect(sixth.errors?.[0]?.extensions.retryAfterMs).toBeGreaterThan(3_000_000);
  strict.clock.forward(3_600);
  expect((await ask("198.51.101.10")).errors).toBeUndefined();
});

test("five codes an hour per address, counted per field and not per request", async () => {
  const asked = await Promise.all(
    Array.from({ length: 7 }, (_, n) =>
      strict.send(
        "RequestOtp",
        { input: { phone: `+8551220000${n}`, purpose: "SIGN_IN" } },
        { ip: "203.0.113.50" },
      ),
    ),
  );
  expect(asked.filter(({ errors }) => errors)).toHaveLength(2);
});

test("codes and passwords are never stored readable", async () => {
  await signUp("+85512100011");
  const code = await bed.codeFor("+85512100011");
  const [row] = await bed.database.query<{ row: string }>(
    "select t::text as row from phone_codes t where phone = $1",
    ["+85512100011"],
  );
  expect(row!.row).not.toContain(code);
  expect(row!.row).not.toContain(PASSWORD);
});

test("without a sender, signing in by phone is refused", async () => {
  const silent = await createBed({ withoutSms: true });
  const input = { phone: "+85512100012", purpose: "SIGN_IN" };
  const answer = await silent.must("RequestOtp", { input });
  expect(answer.problems).toMatchObject([{ code: "PHONE_UNAVAILABLE", path: ["input", "phone"] }]);
  await silent.close();
});
