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
beforeAll(async () => {
  bed = await createBed();
});
afterAll(() => bed.close());

const login = (identifier: string, password = PASSWORD) =>
  bed.must("LoginWithPassword", { input: { identifier, password } });
const verify = (token: string) => bed.must("VerifyEmail", { input: { token } });
const register = (email: string, change = {}) =>
  bed.must("RegisterWithEmail", { input: registration(email, change) });
const countOf = async (table: string) =>
  Number((await bed.database.query<{ n: string }>(`select count(*) as n from ${table}`))[0]!.n);

test("registers, refuses to sign in, verifies, signs in", async () => {
  expect(await register("ada@example.com")).toEqual({ email: "ada@example.com", problems: [] });
  expect(codes(await login("ada@example.com"))).toEqual(["EMAIL_NOT_VERIFIED"]);
  expect(codes(await login("ada@example.com", "wrong password"))).toEqual(["INVALID_CREDENTIALS"]);

  const verified = await verify(await bed.tokenFor("ada@example.com"));
  expect(verified.problems).toEqual([]);
  expect(verified.session.viewer).toMatchObject({
    email: "ada@example.com",
    firstName: "Ada",
    isGuest: false,
    role: "CUSTOMER",
    language: "EN",
  });

  const { session } = await login("ADA@example.com");
  expect(session.viewer.id).toBe(verified.session.viewer.id);
  const viewer = await bed.must("Viewer", {}, { token: session.accessToken });
  expect(viewer).toMatchObject({ lastName: "Lovelace", skinType: "NORMAL", dateOfBirth: null });
});

test("a mail scanner that opens the link does not use it up; the button does", async () => {
  await register("bob@example.com");
  const token = await bed.tokenFor("bob@example.com");
  for (let scan = 0; scan < 3; scan += 1) {
    const page = await bed.http.inject({ url: `/verify-email?token=${token}` });
    expect(page.statusCode).toBe(200);
    expect(page.body).toContain('<form method="post"');
    expect(page.headers["content-security-policy"]).toContain("default-src 'none'");
  }
  expect(codes(await login("bob@example.com"))).toEqual(["EMAIL_NOT_VERIFIED"]);

  const post = (text: string) =>
    bed.http.inject({
      method: "POST",
      url: "/verify-email",
      headers: { "content-type": "application/x-www-form-urlencoded", "accept-language": "km" },
      payload: `token=${text}`,
    });
  const done = await post(token);
  expect(done.statusCode).toBe(200);
  expect(done.body).toContain('lang="km"');
  expect(codes(await login("bob@example.com"))).toEqual([]);
  expect((await post(token)).statusCode).toBe(410);
  expect((await post("garbage")).statusCode).toBe(410);
});

test("the page does not repeat markup that a link brings along", async () => {
  const page = await bed.http.inject({ url: '/verify-email?token="><script>alert(1)</script>' });
  expect(page.body).not.toContain("<script>");
});

test("a used, an expired and an unknown token are told apart, and open nothing", async () => {
  await register("cleo@example.com");
  const token = await bed.tokenFor("cleo@example.com");
  expect(codes(await verify(token))).toEqual([]);
  const used = await verify(token);
  expect(codes(used)).toEqual(["TOKEN_USED"]);
  expect(used.problems[0].path).toEqual(["input", "token"]);
  expect(codes(await verify("x".repeat(43)))).toEqual(["TOKEN_INVALID"]);
  expect(codes(await verify("no token"))).toEqual(["TOKEN_INVALID"]);

  await register("dan@example.com");
  const old = await bed.tokenFor("dan@example.com");
  const sessions = await countOf("sessions");
  bed.clock.forward(86_401);
  expect(codes(await verify(old))).toEqual(["TOKEN_EXPIRED"]);
  expect(await countOf("sessions")).toBe(sessions);
  await bed.must("ResendVerificationEmail", { input: { email: "dan@example.com" } });
  expect(codes(await verify(await bed.tokenFor("dan@example.com", 1)))).toEqual([]);
});

test("a token is used once, however many try at the same time", async () => {
  await register("eve@example.com");
  const token = await bed.tokenFor("eve@example.com");
  const answers = await Promise.all(Array.from({ length: 10 }, () => verify(token)));
  expect(answers.filter((answer) => answer.session !== null)).toHaveLength(1);
  expect(answers.flatMap(codes)).toEqual(Array<string>(9).fill("TOKEN_USED"));
});

test("registering a known address answers the same and mails something else", async () => {
  await newAccount(bed, "fay@example.com");
  const users = await countOf("users");
  const again = await register("Fay@Example.com", { password: "another long password" });
  expect(again).toEqual({ email: "Fay@example.com", problems: [] });
  const mail = await bed.mail("fay@example.com", 1);
  expect(mail.subject).toBe("You already have an account");
  expect(mail.text).not.toContain("token=");
  expect(await countOf("users")).toBe(users);
  expect(codes(await login("fay@example.com"))).toEqual([]);
  expect(codes(await login("fay@example.com", "another long password"))).toEqual([
    "INVALID_CREDENTIALS",
  ]);
});

test("whoever registers a foreign address first does not get in when its owner verifies", async () => {
  await register("gil@example.com", { password: "the thief's password" });
  await register("gil@example.com", { password: "the owner's password" });
  await bed.mail("gil@example.com", 1);
  expect(codes(await verify(await bed.tokenFor("gil@example.com", 1)))).toEqual([]);
  expect(codes(await login("gil@example.com", "the thief's password"))).toEqual([
    "INVALID_CREDENTIALS",
  ]);
  expect(codes(await login("gil@example.com", "the owner's password"))).toEqual([]);
  expect(codes(await verify(await bed.tokenFor("gil@example.com", 0)))).toEqual(["TOKEN_USED"]);
});

test("asking for a new link answers the same for unknown, waiting and verified addresses", async () => {
  await newAccount(bed, "hal@example.com");
  await register("ida@example.com");
  const answers = await Promise.all(
    ["hal", "ida", "nobody"].map((name) =>
      bed.must("ResendVerificationEmail", { input: { email: `${name}@example.com` } }),
    ),
  );
  expect(answers).toEqual(Array(3).fill({ problems: [] }));
  await bed.mail("ida@example.com", 1);
  expect(bed.mailsTo("hal@example.com")).toHaveLength(1);
  expect(bed.mailsTo("nobody@example.com")).toHaveLength(0);
});

test("bad input is refused at its place and changes nothing", async () => {
  const users = await countOf("users");
  const weak = { short: "PASSWORD_TOO_SHORT", iloveyou: "PASSWORD_TOO_COMMON" };
  for (const [password, code] of Object.entries(weak)) {
    const refused = await register("jo@example.com", { password });
    expect(refused).toMatchObject({
      email: null,
      problems: [{ code, path: ["input", "password"] }],
    });
  }
  const long = await register("jo@example.com", { password: "x".repeat(129) });
  expect(codes(long)).toEqual(["PASSWORD_TOO_LONG"]);
  const name = await register("jo@example.com", { firstName: "x".repeat(101) });
  expect(name.problems[0]).toMatchObject({ code: "INVALID_INPUT", path: ["input", "firstName"] });
  for (const email of [
    "",
    "jo",
    "jo@",
    "jo@example",
    "a b@example.com",
    `${"x".repeat(250)}@a.io`,
  ]) {
    const answer = await bed.send("RegisterWithEmail", { input: registration(email) });
    expect(answer.errors?.[0]?.extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      fields: [{ path: ["input", "email"] }],
    });
  }
  expect(await countOf("users")).toBe(users);
  expect(bed.mailsTo("jo@example.com")).toEqual([]);
});

test("texts come in the language of the account", async () => {
  await register("kim@example.com", { language: "KH" });
  const mail = await bed.mail("kim@example.com");
  expect(mail.subject).toMatch(/\p{Script=Khmer}/u);
  expect((await verify(await bed.tokenFor("kim@example.com"))).session.viewer.language).toBe("KH");
});

test("passwords, tokens and mails are never stored readable", async () => {
  await register("lou@example.com");
  const token = await bed.tokenFor("lou@example.com");
  const tables = ["users", "email_tokens", "mail_outbox", "auth_events", "refresh_tokens"];
  for (const table of tables) {
    const rows = await bed.database.query<{ row: string }>(`select t::text as row from ${table} t`);
    const text = rows.map(({ row }) => row).join("\n");
    expect(text).not.toContain(token);
    expect(text).not.toContain(PASSWORD);
  }
});

test("demo users can be seeded again and again", async () => {
  await bed.identity.seedDemoUsers();
  const users = await countOf("users");
  await bed.identity.seedDemoUsers();
  expect(await countOf("users")).toBe(users);
  const { DEMO_PASSWORD } = await import("../../../src/domains/identity/index.ts");
  const { session } = await login("admin@facet.example", DEMO_PASSWORD);
  expect(session.viewer.role).toBe("ADMIN");
});
