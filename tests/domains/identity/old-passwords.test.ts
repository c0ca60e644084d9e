import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { parseOptions } from "@node-rs/argon2";
import { hash } from "@node-rs/bcrypt";
import { PasswordHasher } from "../../../src/domains/identity/accounts/password-hasher.ts";
import { codes, createBed, PASSWORD, type IdentityBed } from "./identity-bed.ts";

let bed: IdentityBed;
beforeAll(async () => {
  bed = await createBed();
});
afterAll(() => bed.close());

/** An account as an older system left it. */
async function oldAccount(passwordHash: string): Promise<{ id: string; email: string }> {
  const [id, email] = [`usr_${randomUUID()}`, `${randomUUID()}@example.com`];
  await bed.database.query(
    "insert into users (id, email, email_verified_at, password_hash) values ($1, $2, now(), $3)",
    [id, email, passwordHash],
  );
  return { id, email };
}

const hashOf = async (id: string) =>
  (
    await bed.database.query<{ hash: string }>(
      "select password_hash as hash from users where id = $1",
      [id],
    )
  )[0]!.hash;
const login = (identifier: string, password = PASSWORD) =>
  bed.must("LoginWithPassword", { input: { identifier, password } });

test.each(["2a", "2b", "2y"] as const)("a $%s$ hash signs in and is ours then", async (version) => {
  const old = await hash(PASSWORD, { cost: 5, version });
  const { id, email } = await oldAccount(old);
  expect(codes(await login(email, "not the password"))).toEqual(["INVALID_CREDENTIALS"]);
  expect(await hashOf(id)).toBe(old);
  expect((await login(email)).session.viewer.id).toBe(id);
  expect(parseOptions(await hashOf(id))).toMatchObject({ algorithm: 2, memoryCost: 19_456 });
  expect((await login(email)).session.viewer.id).toBe(id);
  expect(codes(await login(email, "not the password"))).toEqual(["INVALID_CREDENTIALS"]);
});

test("sign-ins at the same moment all succeed and leave one new hash", async () => {
  const { id, email } = await oldAccount(await hash(PASSWORD, { cost: 5 }));
  const answers = await Promise.all(Array.from({ length: 8 }, () => login(email)));
  expect(answers.flatMap(codes)).toEqual([]);
  expect(await hashOf(id)).toMatch(/^\$argon2id\$/);
  expect(codes(await login(email))).toEqual([]);
});

test("a password that was changed meanwhile is not brought back", async () => {
  const old = await hash(PASSWORD, { cost: 10 });
  const { id, email } = await oldAccount(old);
  const signingIn = login(email);
  const newer = await hash("another password", { cost: 4 });
  await bed.database.query("update users set password_hash = $2 where id = $1", [id, newer]);
  await signingIn;
  expect(await hashOf(id)).toBe(newer);
});

test("the published vectors of bcrypt are understood", async () => {
  const hasher = new PasswordHasher();
  const vectors = {
    "U*U": "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
    abc: "$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i",
    abcdefghijklmnopqrstuvwxyz: "$2a$06$.rCVZVOThsIa97pEDOxvGuRRgzG64bvtJ0938xuqzv18d3ZpQhstC",
  };
  for (const [password, vector] of Object.entries(vectors)) {
    expect(await hasher.verify(vector, password)).toBe(true);
    expect(await hasher.verify(vector, `${password}!`)).toBe(false);
  }
});

test("of a long password the older system looked at 72 bytes; afterwards all of it counts", async () => {
  const long = "ប្រាសាទអង្គរវត្ត ".repeat(6);
  expect(Buffer.byteLength(long)).toBeGreaterThan(72);
  const { email } = await oldAccount(await hash(long, { cost: 4 }));
  expect(codes(await login(email, long))).toEqual([]);
  expect(codes(await login(email, `${long}!`))).toEqual(["INVALID_CREDENTIALS"]);
  expect(codes(await login(email, long))).toEqual([]);
});

test("hashes that would compute for days, or are none, are refused at once", async () => {
  const real = await hash(PASSWORD, { cost: 4 });
  for (const stored of [`$2b$31$${real.slice(7)}`, `$2b$13$${real.slice(7)}`, "$2b$04$short"]) {
    const { id, email } = await oldAccount(stored);
    const startedMs = performance.now();
    expect(codes(await login(email))).toEqual(["INVALID_CREDENTIALS"]);
    expect(performance.now() - startedMs).toBeLessThan(3_000);
    expect(await hashOf(id)).toBe(stored);
  }
});

test("a wrong password of an old account and an unknown account take about the same time", async () => {
  const { email } = await oldAccount(await hash(PASSWORD, { cost: 10 }));
  const fastest = async (identifier: string) => {
    let best = Infinity;
    for (let round = 0; round < 2; round += 1) {
      const startedMs = performance.now();
      await login(identifier, "not the password");
      best = Math.min(best, performance.now() - startedMs);
    }
    return best;
  };
  const [known, unknown] = [await fastest(email), await fastest("nobody@example.com")];
  expect(Math.abs(known - unknown)).toBeLessThan(150);
  expect(unknown).toBeGreaterThan(390);
});
