import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { OpenIdClaims } from "../../../src/domains/identity/open-id/open-id.ports.ts";
import {
  codes,
  createBed,
  newAccount,
  PASSWORD,
  registration,
  type IdentityBed,
} from "./identity-bed.ts";

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
  bed = await createBed({ google });
});
afterAll(() => bed.close());

const guest = async () => {
  const input = { deviceId: randomUUID(), deviceSecret: randomUUID(), platform: "IOS" };
  const { session } = await bed.must("LoginWithDevice", { input });
  return { token: session.accessToken as string, id: session.viewer.id as string };
};
const login = (identifier: string) =>
  bed.must("LoginWithPassword", { input: { identifier, password: PASSWORD } });
const linkEmail = (token: string, email: string, password = PASSWORD) =>
  bed.must("LinkEmail", { input: { email, password } }, { token });
const linkPhone = (token: string, phone: string, code?: string) =>
  bed.must("LinkPhone", { input: { phone, ...(code !== undefined && { code }) } }, { token });
const linkGoogle = (token: string, claims: Partial<OpenIdClaims>) => {
  const whole = { email: null, emailVerified: true, firstName: "", lastName: "", ...claims };
  const input = { idToken: JSON.stringify(whole), nonce: "n" };
  return bed.must("LinkGoogle", { input }, { token });
};
const verify = (token: string) => bed.must("VerifyEmail", { input: { token } });
const viewer = (token: string) => bed.must("Viewer", {}, { token });

test("a guest adds an address and stays the same user, with a password now", async () => {
  const { token, id } = await guest();
  expect(await linkEmail(token, "ann@example.com")).toEqual({
    email: "ann@example.com",
    problems: [],
  });
  expect(await viewer(token)).toMatchObject({ email: null, isGuest: true });
  expect(codes(await login("ann@example.com"))).toEqual(["INVALID_CREDENTIALS"]);
  const { session } = await verify(await bed.tokenFor("ann@example.com"));
  expect(session.viewer.id).toBe(id);
  expect(await viewer(token)).toMatchObject({ id, email: "ann@example.com", isGuest: false });
  expect((await login("ann@example.com")).session.viewer.id).toBe(id);
  expect(codes(await linkEmail(token, "other@example.com"))).toEqual(["ALREADY_LINKED"]);
});

test("the address of another account cannot be added, and the answer does not tell", async () => {
  await newAccount(bed, "bob@example.com");
  const { token } = await guest();
  expect(await linkEmail(token, "bob@example.com")).toEqual({
    email: "bob@example.com",
    problems: [],
  });
  const mail = await bed.mail("bob@example.com", 1);
  expect(mail.subject).toBe("You already have an account");
  expect(mail.text).not.toContain("token=");
});

test("of two guests with one address, whoever confirms first has it", async () => {
  const [first, second] = [await guest(), await guest()];
  await linkEmail(first.token, "cat@example.com");
  const one = await bed.tokenFor("cat@example.com", 0);
  await linkEmail(second.token, "cat@example.com");
  await bed.mail("cat@example.com", 1);
  const links = [
    one,
    await bed.tokenFor("cat@example.com", 0),
    await bed.tokenFor("cat@example.com", 1),
  ];
  const other = links.find((link) => link !== one)!;
  const answers = await Promise.all([verify(one), verify(other)]);
  expect(answers.filter(({ session }) => session !== null)).toHaveLength(1);
  expect(answers.flatMap(codes)).toEqual(["TOKEN_INVALID"]);
});

test("an unverified registration does not keep the owner's guest account from the address", async () => {
  await bed.must("RegisterWithEmail", {
    input: registration("dan@example.com", { password: "the thief's password" }),
  });
  const thief = await bed.tokenFor("dan@example.com");
  const { token, id } = await guest();
  await linkEmail(token, "dan@example.com");
  const links = [await bed.mail("dan@example.com", 1), await bed.mail("dan@example.com", 0)]
    .map(({ text }) => /token=([\w-]+)/.exec(text)![1]!)
    .filter((link) => link !== thief);
  expect((await verify(links[0] ?? thief)).session.viewer.id).toBe(id);
});

test("a guest adds a phone by its code; a code of somebody else's does not work", async () => {
  const [mine, other] = [await guest(), await guest()];
  const sent = await linkPhone(mine.token, "+85512300001");
  expect(sent.expiresAt).not.toBeNull();
  const code = await bed.codeFor("+85512300001");
  expect(codes(await linkPhone(other.token, "+85512300001", code))).toEqual(["CODE_INVALID"]);
  const asSignIn = { input: { phone: "+85512300001", code } };
  expect(codes(await bed.must("VerifyOtp", asSignIn))).toEqual(["CODE_INVALID"]);
  const done = await linkPhone(mine.token, "+85512300001", code);
  expect(done.viewer).toMatchObject({ id: mine.id, phone: "+85512300001", isGuest: false });
  bed.clock.forward(61);
  expect(codes(await linkPhone(mine.token, "+85512300002"))).toEqual(["ALREADY_LINKED"]);
  await linkPhone(other.token, "+85512300001");
  const theirs = await linkPhone(other.token, "+85512300001", await bed.codeFor("+85512300001", 1));
  expect(codes(theirs)).toEqual(["ALREADY_TAKEN"]);
});

test("a guest adds Google with its verified address, once and for one account", async () => {
  const mine = await guest();
  const claims = { subject: "g1", email: "eve@example.com" };
  expect(codes(await linkGoogle(mine.token, { ...claims, emailVerified: false }))).toEqual([
    "EMAIL_NOT_VERIFIED",
  ]);
  const done = await linkGoogle(mine.token, claims);
  expect(done.viewer).toMatchObject({ id: mine.id, email: "eve@example.com", isGuest: false });
  expect(codes(await linkGoogle(mine.token, claims))).toEqual([]);
  expect(codes(await linkGoogle((await guest()).token, claims))).toEqual(["ALREADY_TAKEN"]);
  const same = await linkGoogle((await guest()).token, { ...claims, subject: "g2" });
  expect(codes(same)).toEqual(["ALREADY_TAKEN"]);
  const signIn = {
    idToken: JSON.stringify({ ...claims, emailVerified: true, firstName: "", lastName: "" }),
    nonce: "n",
  };
  const { session } = await bed.must("LoginWithGoogle", { input: signIn });
  expect(session.viewer.id).toBe(mine.id);
});
