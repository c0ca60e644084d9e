import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { OpenIdClaims } from "../../../src/domains/identity/open-id/open-id.ports.ts";
import { codes, createBed, newAccount, PASSWORD, type IdentityBed } from "./identity-bed.ts";

/** Believes tokens that are the claims themselves; what a real one has to show is tested with the real client. */
const google = {
  inBrowser: false,
  authUrl: () => "",
  exchange: () => Promise.resolve(""),
  verify: (idToken: string): Promise<OpenIdClaims | null> =>
    Promise.resolve(idToken.startsWith("{") ? (JSON.parse(idToken) as OpenIdClaims) : null),
};
let bed: IdentityBed;
beforeAll(async () => {
  bed = await createBed({ google, limits: { failedLoginsPerAccount: 5 } });
});
afterAll(() => bed.close());

type Way = "Email" | "Phone" | "Google";
const unlink = (way: Way, token: string, password: string | null = null) =>
  bed.must(`Unlink${way}`, { input: { password } }, { token });
const waysOf = async (token: string): Promise<string[]> =>
  (await bed.must("SignInMethods", {}, { token })).signInMethods;
const login = (identifier: string) =>
  bed.must("LoginWithPassword", { input: { identifier, password: PASSWORD } });
const claimsOf = (subject: string, email: string | null = null) => ({
  idToken: JSON.stringify({ subject, email, emailVerified: true, firstName: "", lastName: "" }),
  nonce: "n",
});
const eventsOf = (userId: string) =>
  bed.database.query<{ action: string; outcome: string }>(
    "select action, outcome from auth_events where user_id = $1 and action like 'UNLINK%' order by id",
    [userId],
  );

async function guest(): Promise<{ token: string; refreshToken: string }> {
  const input = { deviceId: randomUUID(), deviceSecret: randomUUID(), platform: "IOS" };
  const { session } = await bed.must("LoginWithDevice", { input });
  return { token: session.accessToken, refreshToken: session.refreshToken };
}

/** An account by e-mail with a phone and Google beside it. */
async function withEverything(name: string, phone: string) {
  const email = `${name}@example.com`;
  const session = await newAccount(bed, email);
  const from = { token: session.accessToken as string };
  await bed.must("LinkGoogle", { input: claimsOf(`g-${name}`) }, from);
  await bed.must("LinkPhone", { input: { phone } }, from);
  const code = await bed.codeFor(phone);
  await bed.must("LinkPhone", { input: { phone, code } }, from);
  return { email, phone, token: from.token, id: session.viewer.id as string };
}

test("ways go one after the other, down to the last one, which stays", async () => {
  const ada = await withEverything("ada", "+85512800001");
  expect(await waysOf(ada.token)).toEqual(["EMAIL", "PHONE", "GOOGLE"]);
  const other = (await login(ada.email)).session.accessToken as string;

  const google = await unlink("Google", ada.token, PASSWORD);
  expect(google.viewer.signInMethods).toEqual(["EMAIL", "PHONE"]);
  const email = await unlink("Email", ada.token, PASSWORD);
  expect(email.viewer).toMatchObject({ id: ada.id, email: null, signInMethods: ["PHONE"] });
  const last = await unlink("Phone", ada.token, PASSWORD);
  expect(codes(last)).toEqual(["LAST_SIGN_IN_METHOD"]);
  expect(last.viewer).toBeNull();
  expect(codes(await unlink("Email", ada.token, PASSWORD))).toEqual(["NOT_LINKED"]);

  expect(codes(await login(ada.email))).toEqual(["INVALID_CREDENTIALS"]);
  expect((await login(ada.phone)).session.viewer.id).toBe(ada.id);
  expect(await waysOf(other)).toEqual(["PHONE"]); // Sessions elsewhere stay open.
  expect((await eventsOf(ada.id)).map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
    "UNLINK_OPEN_ID OK",
    "UNLINK_EMAIL OK",
    "UNLINK_PHONE LAST_SIGN_IN_METHOD",
    "UNLINK_EMAIL NOT_LINKED",
  ]);
});

test("what was taken away is free for somebody else, and nothing that was sent before brings it back", async () => {
  const bob = await withEverything("bob", "+85512800002");
  await bed.must("ForgotPassword", { input: { identifier: bob.email } });
  const reset = await bed.tokenFor(bob.email, 1);
  await unlink("Email", bob.token, PASSWORD);
  const used = { token: reset, newPassword: "a password of tomorrow" };
  expect(codes(await bed.must("ResetPassword", { input: used }))).not.toEqual([]);
  const { session } = await bed.must("LoginWithGoogle", {
    input: claimsOf("g-another", bob.email),
  });
  expect(session.viewer.id).not.toBe(bob.id);
});

test("an account with a password has to give it; wrong ones are counted", async () => {
  const cat = await withEverything("cat", "+85512800003");
  expect(codes(await unlink("Phone", cat.token))).toEqual(["PASSWORD_REQUIRED"]);
  for (let n = 0; n < 5; n += 1) {
    const wrong = await unlink("Phone", cat.token, "not the password");
    expect(wrong.problems).toMatchObject([
      { code: "INVALID_CREDENTIALS", path: ["input", "password"] },
    ]);
  }
  const sixth = await bed.send(
    "UnlinkPhone",
    { input: { password: PASSWORD } },
    { token: cat.token },
  );
  expect(sixth.errors?.[0]?.extensions.code).toBe("RATE_LIMITED");
  expect(await waysOf(cat.token)).toHaveLength(3);
});

test("an account without a password needs a sign-in of the last ten minutes", async () => {
  const { token, refreshToken } = await guest();
  await bed.must("LinkGoogle", { input: claimsOf("g-dan", "dan@example.com") }, { token });
  expect(await waysOf(token)).toEqual(["EMAIL", "GOOGLE", "DEVICE"]);
  bed.clock.forward(599);
  const { session } = await bed.must("LoginWithGoogle", { input: claimsOf("g-dan") });
  bed.clock.forward(10);
  const renewed = (await bed.must("RefreshSession", { input: { refreshToken } })).session;
  expect(codes(await unlink("Email", renewed.accessToken))).toEqual(["SIGN_IN_AGAIN"]);
  expect((await unlink("Email", session.accessToken)).viewer).toMatchObject({
    email: null,
    isGuest: false,
    signInMethods: ["GOOGLE", "DEVICE"],
  });
  expect((await unlink("Google", session.accessToken)).viewer).toMatchObject({ isGuest: true });
});

test("of removals at the same moment one way is left", async () => {
  for (let round = 0; round < 5; round += 1) {
    const eve = await withEverything(`eve${round}`, `+8551280010${round}`);
    const ways: Way[] = ["Email", "Phone", "Google"];
    const answers = await Promise.all(ways.map((way) => unlink(way, eve.token, PASSWORD)));
    // Without address and phone there is no password any more: the last one may be refused for that.
    const refused = answers.filter(({ viewer }) => viewer === null);
    expect(refused).toHaveLength(1);
    expect(["LAST_SIGN_IN_METHOD", "INVALID_CREDENTIALS"]).toContain(codes(refused[0])[0]);
    expect(await waysOf(eve.token)).toHaveLength(1);
  }
});
