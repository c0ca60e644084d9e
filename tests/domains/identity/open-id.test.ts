import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { GoogleOpenId } from "../../../src/integrations/google/google-open-id.ts";
import { createProviderGuard } from "../../../src/platform/resilience/guard.ts";
import { startStubs, STUB_GOOGLE, type Stubs } from "../../support/stubs/index.ts";
import {
  codes,
  createBed,
  newAccount,
  PASSWORD,
  registration,
  type IdentityBed,
} from "./identity-bed.ts";

let stubs: Stubs;
let bed: IdentityBed;
beforeAll(async () => {
  stubs = await startStubs();
  const guard = createProviderGuard({
    provider: "google",
    timeoutMs: 2_000,
    concurrency: 8,
    maxQueue: 8,
    breaker: { failures: 100, halfOpenAfterMs: 1_000 },
    retries: 0,
  });
  const google = new GoogleOpenId({
    web: STUB_GOOGLE,
    audiences: [STUB_GOOGLE.clientId],
    issuers: [STUB_GOOGLE.issuer],
    authUrl: `${stubs.url}/google/auth`,
    tokenUrl: `${stubs.url}/google/token`,
    jwksUrl: `${stubs.url}/google/certs`,
    timeoutMs: 2_000,
    guard,
  });
  bed = await createBed({ google });
});
beforeEach(() => stubs.reset());
afterAll(async () => {
  await bed.close();
  await stubs.close();
});

const begin = (returnTo: string | null = null) =>
  bed.must("GoogleAuthUrl", { input: { returnTo } });
const finish = (code: string, secret: string) =>
  bed.must("FinishGoogleSignIn", { input: { code, secret } });
const countOf = async (table: string) =>
  Number((await bed.database.query<{ n: string }>(`select count(*) as n from ${table}`))[0]!.n);
const withToken = async (claims: Record<string, unknown>, nonce = "app-nonce") => {
  const idToken = await stubs.google.idToken({ nonce: "app-nonce", ...claims });
  return bed.must("LoginWithGoogle", { input: { idToken, nonce } });
};

/** A browser: what our server, then the provider, then our server again answers. */
async function browse(url: string, cookie?: string) {
  const left = await bed.http.inject({ url: url.replace("http://facet.test", "") });
  const own = String(left.headers["set-cookie"]).split(";")[0]!;
  const approved = await fetch(String(left.headers.location), { redirect: "manual" });
  const callback = approved.headers.get("location")!.replace("http://facet.test", "");
  const visit = (held: string) => bed.http.inject({ url: callback, headers: { cookie: held } });
  return { left, cookie: own, callback, visit, back: await visit(cookie ?? own) };
}
const codeOf = (location: unknown) => /#code=([\w-]{43})$/.exec(String(location))?.[1] ?? "";

test("a browser goes to Google and back; the client that began it gets the session, once", async () => {
  stubs.google.person({
    sub: "1",
    email: "ann@example.com",
    given_name: "Ann",
    family_name: "Lee",
  });
  const { url, secret } = await begin("https://app.facet.test/home?x=1");
  const { left, back } = await browse(url);
  expect(left.headers["set-cookie"]).toMatch(/HttpOnly; SameSite=Lax/);
  const asked = new URL(String(left.headers.location)).searchParams;
  expect(asked.get("code_challenge_method")).toBe("S256");
  expect(back.statusCode).toBe(303);
  expect(back.headers.location).toMatch(/^https:\/\/app\.facet\.test\/home\?x=1#code=/);
  const code = codeOf(back.headers.location);
  expect(codes(await finish(code, "x".repeat(43)))).toEqual(["TOKEN_INVALID"]);
  const { session } = await finish(code, secret);
  expect(session.viewer).toMatchObject({
    email: "ann@example.com",
    firstName: "Ann",
    lastName: "Lee",
    isGuest: false,
  });
  expect(session.viewer.emailVerifiedAt).not.toBeNull();
  expect(codes(await finish(code, secret))).toEqual(["TOKEN_INVALID"]);
});

test("a state works once, in ten minutes, and only in the browser that left with it", async () => {
  stubs.google.person({ sub: "2", email: "bob@example.com" });
  const users = await countOf("users");
  const foreign = await browse((await begin()).url, "facet_sign_in=somebody-else");
  expect(foreign.back.statusCode).toBe(410);
  expect((await foreign.visit("")).statusCode).toBe(410);
  expect(await countOf("users")).toBe(users);
  const rightful = await foreign.visit(foreign.cookie);
  expect(rightful.headers.location).toMatch(/^http:\/\/facet\.test\/auth\/google\/done#code=/);
  expect((await foreign.visit(foreign.cookie)).statusCode).toBe(410);

  const { url } = await begin();
  const left = await bed.http.inject({ url: url.replace("http://facet.test", "") });
  const approved = await fetch(String(left.headers.location), { redirect: "manual" });
  const location = approved.headers.get("location") ?? "";
  bed.clock.forward(601);
  const late = await bed.http.inject({
    url: location.replace("http://facet.test", ""),
    headers: { cookie: String(left.headers["set-cookie"]).split(";")[0]! },
  });
  expect(late.statusCode).toBe(410);
  expect((await bed.http.inject({ url: url.replace("http://facet.test", "") })).statusCode).toBe(
    410,
  );
  expect((await bed.http.inject({ url: "/auth/google?attempt=x" })).statusCode).toBe(410);
});

test("who cancels, or whose code is refused, ends where they came from", async () => {
  const { url } = await begin();
  const left = await bed.http.inject({ url: url.replace("http://facet.test", "") });
  const state = new URL(String(left.headers.location)).searchParams.get("state");
  const cancelled = await bed.http.inject({
    url: `/auth/google/callback?error=access_denied&state=${state}`,
    headers: { cookie: String(left.headers["set-cookie"]).split(";")[0]! },
  });
  expect(cancelled.headers.location).toBe(
    "http://facet.test/auth/google/done#error=SIGN_IN_FAILED",
  );
  stubs.script("google", { match: "POST /token", status: 400 });
  const refused = await browse((await begin()).url);
  expect(refused.back.headers.location).toMatch(/#error=SIGN_IN_FAILED$/);
});

test("a browser is never sent to foreign places", async () => {
  for (const returnTo of [
    "https://evil.test/",
    "javascript:alert(1)",
    "//evil.test",
    "x",
    "https://app.facet.test@evil.test/",
  ]) {
    const answer = await bed.send("GoogleAuthUrl", { input: { returnTo } });
    expect(answer.errors?.[0]?.extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      fields: [{ path: ["input", "returnTo"] }],
    });
  }
});

test("the subject counts: the same person stays the same user when the address changes", async () => {
  const first = await withToken({ sub: "3", email: "cat@example.com" });
  const later = await withToken({ sub: "3", email: "cat@elsewhere.example" });
  expect(later.session.viewer.id).toBe(first.session.viewer.id);
  const taker = await withToken({ sub: "4", email: "cat@elsewhere.example" });
  expect(taker.session.viewer.id).not.toBe(first.session.viewer.id);
});

test("a verified address links to its account, which keeps its password", async () => {
  const { viewer } = await newAccount(bed, "dan@example.com");
  const { session } = await withToken({ sub: "5", email: "Dan@Example.com" });
  expect(session.viewer.id).toBe(viewer.id);
  const login = await bed.must("LoginWithPassword", {
    input: { identifier: "dan@example.com", password: PASSWORD },
  });
  expect(codes(login)).toEqual([]);
});

test("whoever registered a foreign address first is out when its owner comes with Google", async () => {
  await bed.must("RegisterWithEmail", { input: registration("eve@example.com") });
  const link = await bed.tokenFor("eve@example.com");
  const { session } = await withToken({ sub: "6", email: "eve@example.com" });
  expect(session.viewer.emailVerifiedAt).not.toBeNull();
  const login = await bed.must("LoginWithPassword", {
    input: { identifier: "eve@example.com", password: PASSWORD },
  });
  expect(codes(login)).toEqual(["INVALID_CREDENTIALS"]);
  expect(codes(await bed.must("VerifyEmail", { input: { token: link } }))).toEqual(["TOKEN_USED"]);
});

test("wrong tokens open and make nothing", async () => {
  const users = await countOf("users");
  const refused = await withToken({ sub: "7", email: "fay@example.com" }, "other nonce");
  expect(refused.problems).toMatchObject([{ code: "TOKEN_INVALID", path: ["input", "idToken"] }]);
  const unverified = await withToken({ sub: "7", email: "fay@example.com", email_verified: false });
  expect(codes(unverified)).toEqual(["EMAIL_NOT_VERIFIED"]);
  expect(codes(await withToken({ sub: "7" }))).toEqual(["EMAIL_NOT_VERIFIED"]);
  expect(await countOf("users")).toBe(users);
});

test("ten first sign-ins of one person at once make one user", async () => {
  const users = await countOf("users");
  const claims = { sub: "8", email: "gus@example.com" };
  const answers = await Promise.all(Array.from({ length: 10 }, () => withToken(claims)));
  expect(new Set(answers.map(({ session }) => session.viewer.id)).size).toBe(1);
  expect(await countOf("users")).toBe(users + 1);
});

test("without a client it is refused", async () => {
  const without = await createBed();
  const input = { idToken: "x", nonce: "x" };
  expect(codes(await without.must("LoginWithGoogle", { input }))).toEqual(["SIGN_IN_UNAVAILABLE"]);
  expect(codes(await without.must("GoogleAuthUrl", { input: {} }))).toEqual([
    "SIGN_IN_UNAVAILABLE",
  ]);
  await without.close();
});
