import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { hashSync } from "@node-rs/bcrypt";
import { importUsers } from "../../../src/main/import-users.ts";
import { codes, createBed, newAccount, PASSWORD, type IdentityBed } from "./identity-bed.ts";

let bed: IdentityBed;
let dir: string;
beforeAll(async () => {
  bed = await createBed();
  dir = mkdtempSync(join(tmpdir(), "facet-import-"));
});
afterAll(async () => {
  await bed.close();
  await rm(dir, { recursive: true, force: true });
});

const HASH = hashSync(PASSWORD, { cost: 4, version: "2a" });
let files = 0;

/** Imports a text; what was said, and the rows of the report. */
async function run(text: string | Buffer, ...args: string[]) {
  const path = join(dir, `users-${(files += 1)}.csv`);
  writeFileSync(path, text);
  const said: string[] = [];
  const code = await importUsers(bed.identity, [path, ...args], (line) => void said.push(line));
  const report = path.replace(".csv", ".report.csv");
  const rows = code === 0 ? readFileSync(report, "utf8").trimEnd().split("\n").slice(1) : [];
  return { code, said: said.join("\n"), rows };
}

const usersNow = () =>
  bed.database.query<Record<string, unknown>>("select * from users order by id");
const userOf = async (email: string) =>
  (
    await bed.database.query<Record<string, any>>(
      "select *, date_of_birth::text as birth from users where email = $1",
      [email],
    )
  )[0]!;
const login = (identifier: string) =>
  bed.must("LoginWithPassword", { input: { identifier, password: PASSWORD } });

test("everything of a row arrives, and its old password signs in", async () => {
  const header =
    "email,email_verified,phone,phone_verified,google_subject,password_hash,first_name,last_name,date_of_birth,gender,skin_type,language,role,created_at";
  const row = `dara@example.com,true,+855 12 700 001,1,g-dara,${HASH},ដារ៉ា,"Sok, ""Junior""",1994-02-28,Female,oily,kh,customer,2021-03-04T05:06:07+07:00`;
  const { code, rows, said } = await run(`\uFEFF${header}\r\n${row}\r\n\r\n`);
  expect({ code, rows }).toEqual({ code: 0, rows: ["1,imported,"] });
  expect(said).toContain("1 imported, 0 exist already, 0 refused");
  expect(await userOf("dara@example.com")).toMatchObject({
    phone: "+85512700001",
    first_name: "ដារ៉ា",
    last_name: 'Sok, "Junior"',
    birth: "1994-02-28",
    gender: "FEMALE",
    skin_type: "OILY",
    language: "KH",
    role: "CUSTOMER",
    created_at: new Date("2021-03-03T22:06:07Z"),
    email_verified_at: new Date("2021-03-03T22:06:07Z"),
    phone_verified_at: new Date("2021-03-03T22:06:07Z"),
  });
  const { session } = await login("dara@example.com");
  expect(session.viewer.id).toBe((await userOf("dara@example.com"))["id"]);
  expect((await login("+85512700001")).session.viewer.id).toBe(session.viewer.id);
  const [linked] = await bed.database.query<any>(
    "select user_id from user_identities where subject = 'g-dara'",
  );
  expect(linked.user_id).toBe(session.viewer.id);
});

test("each row that cannot be a user is refused with its reason, the others come in", async () => {
  const before = await usersNow();
  const real = HASH.slice(7);
  const lines: [string, RegExp | null][] = [
    ["no-at-sign,true,,,,,", /^email: /],
    ["a1@example.com,true,012345,true,,,", /^phone: /],
    ["a2@example.com,true,+85512700002,,,,", /^phone: not verified/],
    ["a3@example.com,,+85512700003,true,,,", /^email: not verified, beside/],
    [",,,,,,", /no email, phone or google_subject/],
    [`a4@example.com,true,,,$2b$31$${real},,`, /cost above 12/],
    ["a5@example.com,true,,,$2b$10$tooshort,,", /not a bcrypt hash/],
    ["a6@example.com,true,,,5f4dcc3b5aa765d61d8327deb882cf99,,", /not a bcrypt hash/],
    ["a7@example.com,true,,,,admin,", /only customers/],
    ["a8@example.com,maybe,,,,,", /^email_verified: neither/],
    ["a9@example.com,true,,,,,2023-02-30", /^date_of_birth: /],
    ["b1@example.com,true", /has 2 columns, the header 7/],
    ["b2@example.com,true,,,,,,surplus", /has 8 columns/],
    [`${"x".repeat(250)}@example.com,true,,,,,`, /^email: /],
    ["b3@example.com,true,,,,,2001-09-11", null],
  ];
  const header = "email,email_verified,phone,phone_verified,password_hash,role,date_of_birth";
  const { code, rows } = await run([header, ...lines.map(([line]) => line)].join("\n"));
  expect(code).toBe(0);
  expect(rows).toHaveLength(lines.length);
  for (const [index, [line, reason]] of lines.entries()) {
    const text = rows[index] ?? "";
    expect({ line, text: text.slice(0, text.indexOf(",", 3)) }).toEqual({
      line,
      text: `${index + 1},${reason ? "refused" : "imported"}`,
    });
    if (reason) expect(text.replace(/^\d+,refused,"?/, "")).toMatch(reason);
  }
  expect(await usersNow()).toHaveLength(before.length + 1);
});

test("whoever has an account stays unchanged, however often and from whatever side it comes", async () => {
  await newAccount(bed, "here@example.com");
  const before = await usersNow();
  const text = [
    "email,email_verified,phone,phone_verified,google_subject,first_name",
    "HERE@example.com,true,,,,Changed",
    "new1@example.com,true,+85512700011,true,g-1,One",
    "NEW1@example.com,true,,,,Twice",
    "new2@example.com,true,+85512700011,true,,Same phone",
    "new3@example.com,true,,,g-1,Same Google",
    "new4@example.com,true,,,,Four",
  ].join("\n");
  const first = await run(text);
  expect(first.rows).toEqual([
    "1,exists,an account has this email",
    "2,imported,",
    "3,exists,an account has this email",
    "4,exists,an account has this phone",
    "5,exists,an account has this google_subject",
    "6,imported,",
  ]);
  const after = await usersNow();
  expect(after).toHaveLength(before.length + 2);
  expect((await run(text)).rows.filter((row) => !row.includes("exists"))).toEqual([]);
  expect(await usersNow()).toEqual(after);
});

test("a dry run tells the same and writes nothing", async () => {
  const before = await usersNow();
  const text = "email\ndry1@example.com\ndry2@example.com\nDRY1@example.com\nhere@example.com\n";
  const dry = await run(text, "--dry-run");
  expect(dry.rows.map((row) => row.split(",")[1])).toEqual([
    "imported",
    "imported",
    "exists",
    "exists",
  ]);
  expect(dry.said).toContain("2 would be imported (nothing was written)");
  expect(await usersNow()).toEqual(before);
  expect((await run(text)).rows.map((row) => row.split(",")[1])).toEqual(
    dry.rows.map((row) => row.split(",")[1]),
  );
});

test("an address that nobody confirmed waits for its verification like any other", async () => {
  await run(`email,password_hash\nunseen@example.com,${HASH}\n`);
  expect(codes(await login("unseen@example.com"))).toEqual(["EMAIL_NOT_VERIFIED"]);
  await bed.must("ResendVerificationEmail", { input: { email: "unseen@example.com" } });
  await bed.must("VerifyEmail", { input: { token: await bed.tokenFor("unseen@example.com") } });
  expect(codes(await login("unseen@example.com"))).toEqual([]);
});

test("a file that is none is refused as a whole, and says why", async () => {
  const before = await usersNow();
  const unusable: [string | Buffer, RegExp][] = [
    ["", /The file is empty/],
    ["email;phone\nx@example.com;1\n", /Unknown columns: "email;phone"/],
    ["email,passwort\n", /Unknown columns: "passwort"\. Known are: email,/],
    ["email,email\n", /email is there twice/],
    ["first_name,last_name\n", /One of these columns is needed/],
    ['email\n"never closed\n'.padEnd(100_000, "x"), /cannot be imported/],
  ];
  for (const [text, reason] of unusable) {
    const { code, said } = await run(text);
    expect(code).toBe(1);
    expect(said).toMatch(reason);
  }
  const said: string[] = [];
  const missing = [join(dir, "missing.csv")];
  expect(await importUsers(bed.identity, missing, (line) => void said.push(line))).toBe(1);
  expect(said.join()).toContain("ENOENT");
  expect(await importUsers(bed.identity, [], (line) => void said.push(line))).toBe(1);
  expect(said.join()).toContain("google_subject");
  expect(await usersNow()).toEqual(before);
});

test("what is not UTF-8 is refused rather than garbled", async () => {
  const latin1 = Buffer.from("email,first_name\nlatin@example.com,Zoë\n", "latin1");
  expect((await run(latin1)).rows).toEqual(["1,refused,is not UTF-8"]);
});

test("many rows take few statements", async () => {
  const statements: string[] = [];
  const query = bed.database.query.bind(bed.database);
  const emails = Array.from({ length: 3_000 }, (_, n) => `crowd${n}@example.com`);
  Object.assign(bed.database, {
    query: (text: string, ...rest: any[]) => {
      statements.push(text);
      return (query as any)(text, ...rest);
    },
  });
  const { rows } = await run(`email\n${emails.join("\n")}`);
  Object.assign(bed.database, { query });
  expect(new Set(rows.map((row) => row.split(",")[1]))).toEqual(new Set(["imported"]));
  expect(statements.length).toBeLessThanOrEqual(7);
});
