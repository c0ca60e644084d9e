import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { GoogleOpenId, type GoogleOptions } from "../../src/integrations/google/google-open-id.ts";
import { pkceChallenge } from "../../src/platform/crypto/pkce.ts";
import { startStubs, STUB_GOOGLE, type Stubs } from "../support/stubs/index.ts";
import { everyFault, failure, nobody, plainGuard, TIMEOUT_MS } from "./faults.ts";

const VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const REDIRECT = "https://facet.test/auth/google/callback";
const ADA = { sub: "1001", email: "ada@example.com", given_name: "Ada", nonce: "n1" };
let stubs: Stubs;
beforeAll(async () => {
  stubs = await startStubs();
});
beforeEach(() => stubs.reset());
afterAll(() => stubs.close());

const google = (change: Partial<GoogleOptions> = {}) =>
  new GoogleOpenId({
    web: { clientId: STUB_GOOGLE.clientId, clientSecret: STUB_GOOGLE.clientSecret },
    audiences: [STUB_GOOGLE.clientId, "ios.apps.stub"],
    issuers: ["https://accounts.google.com", "accounts.google.com"],
    authUrl: `${stubs.url}/google/auth`,
    tokenUrl: `${stubs.url}/google/token`,
    jwksUrl: `${stubs.url}/google/certs`,
    timeoutMs: TIMEOUT_MS,
    guard: plainGuard("google", { retries: 3 }),
    ...change,
  });

async function approved(verifier = VERIFIER): Promise<string> {
  const url = google().authUrl({
    redirectUri: REDIRECT,
    state: "s1",
    nonce: "n1",
    codeChallenge: pkceChallenge(verifier),
  });
  const answer = await fetch(url, { redirect: "manual" });
  const back = new URL(answer.headers.get("location") ?? "");
  expect(back.searchParams.get("state")).toBe("s1");
  return back.searchParams.get("code") ?? "";
}

test("the challenge is the one of RFC 7636, appendix B", () => {
  expect(pkceChallenge(VERIFIER)).toBe("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
});

test("a browser's code becomes verified claims, once, and only with its verifier", async () => {
  const client = google();
  stubs.google.person({ sub: "1001", email: "ada@example.com", given_name: "Ada" });
  const code = await approved();
  const idToken = await client.exchange({ code, redirectUri: REDIRECT, codeVerifier: VERIFIER });
  expect(await client.verify(idToken, "n1")).toEqual({
    subject: "1001",
    email: "ada@example.com",
    emailVerified: true,
    firstName: "Ada",
    lastName: "",
  });
  const again = { code, redirectUri: REDIRECT, codeVerifier: VERIFIER };
  expect((await failure(client.exchange(again), [code])).outcome).toBe("refused_input");
  const other = { code: await approved(), redirectUri: REDIRECT, codeVerifier: "x".repeat(43) };
  expect((await failure(client.exchange(other), ["x".repeat(43)])).outcome).toBe("refused_input");
});

describe("an id token is believed only when all of it is right", () => {
  const now = () => Math.floor(Date.now() / 1_000);
  const wrong: Record<string, () => Record<string, unknown>> = {
    "other issuer": () => ({ iss: "https://accounts.example.com" }),
    "other audience": () => ({ aud: "somebody-else.apps" }),
    expired: () => ({ iat: now() - 7_200, exp: now() - 3_600 }),
    "other nonce": () => ({ nonce: "n2" }),
    "no nonce": () => ({ nonce: undefined }),
    "no subject": () => ({ sub: undefined }),
    "no end": () => ({ exp: undefined }),
  };
  test.each(Object.keys(wrong))("%s", async (name) => {
    const idToken = await stubs.google.idToken({ ...ADA, ...wrong[name]!() });
    expect(await google().verify(idToken, "n1")).toBeNull();
  });

  test("foreign key, no signature, another algorithm, garbage", async () => {
    const client = google();
    const good = await stubs.google.idToken(ADA);
    const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const [, body] = good.split(".");
    for (const bad of [
      await stubs.google.idToken(ADA, { foreignKey: true }),
      `${encoded({ alg: "none" })}.${body}.`,
      `${encoded({ alg: "HS256", kid: "stub-key-1" })}.${body}.AAAA`,
      `${encoded({ alg: "RS256", kid: "unknown" })}.${body}.AAAA`,
      "garbage",
      "",
    ]) {
      expect(await client.verify(bad, "n1")).toBeNull();
    }
    expect(await client.verify(good, "n1")).toMatchObject({ subject: "1001" });
  });

  test("both issuers and every audience count, and a minute of other clocks", async () => {
    for (const change of [
      { iss: "accounts.google.com" },
      { aud: "ios.apps.stub" },
      { exp: now() - 30 },
      { iat: now() + 30 },
    ]) {
      const idToken = await stubs.google.idToken({ ...ADA, ...change });
      expect(await google().verify(idToken, "n1")).toMatchObject({ subject: "1001" });
    }
    const unverified = await stubs.google.idToken({ ...ADA, email_verified: "true" });
    expect(await google().verify(unverified, "n1")).toMatchObject({ emailVerified: false });
  });
});

describe("faults of the key server are nobody's wrong token", () => {
  test.each([
    ["500", { status: 500 }],
    ["slow", { delayMs: 2_000 }],
    ["cut", { cut: "before" as const }],
    ["no JSON", { status: 200, body: "{oops}" }],
    ["other JSON", { status: 200, body: { hello: "world" } }],
  ])("%s", async (_name, behaviour) => {
    const idToken = await stubs.google.idToken(ADA);
    stubs.script("google", { ...behaviour, times: 5 });
    expect((await failure(google().verify(idToken, "n1"), [idToken])).outcome).toBe("retryable");
  });

  test("nobody listens", async () => {
    const idToken = await stubs.google.idToken(ADA);
    const client = google({ jwksUrl: `${await nobody()}/certs` });
    expect((await failure(client.verify(idToken, "n1"), [idToken])).outcome).toBe("retryable");
  });
});

describe("faults of the token endpoint: a code is never sent twice", () => {
  test.each(everyFault("unknown"))("$name", async ({ behaviour, expected }) => {
    const code = await approved();
    stubs.script("google", { ...behaviour, match: "POST /token", times: 5 });
    const request = { code, redirectUri: REDIRECT, codeVerifier: VERIFIER };
    const secrets = [code, VERIFIER, STUB_GOOGLE.clientSecret];
    expect(await failure(google().exchange(request), secrets)).toMatchObject(expected);
    const sent = stubs.requests("google").filter(({ path }) => path === "/token");
    expect(sent.length).toBeLessThanOrEqual(1);
  });
});
