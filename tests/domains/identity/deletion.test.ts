import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { startAnalysis, watchToEnd } from "../../support/analyses.ts";
import { TestClient } from "../../support/client.ts";
import { until } from "../../support/until.ts";
import { createWorld, portrait, type World } from "../../support/world.ts";
import {
  ADD_ADDRESS,
  givePoints,
  HOME,
  openAccount,
  openGuest,
  PASSWORD,
  type Guest,
} from "./persons-bed.ts";

let world: World;
beforeAll(async () => (world = await createWorld({ nodes: 1 })));
afterAll(() => world.stop());

const DELETE = `mutation ($input: DeleteMyAccountInput!) {
  deleteMyAccount(input: $input) { accountDeletion { id status } problems { code path } } }`;
const IP = "198.51.100.77";
const query = <T extends object = any>(text: string, values: unknown[] = []) =>
  world.nodes[0]!.stores.database.query<T>(text, values);
const remove = async (client: TestClient, input: object) =>
  (await client.must(DELETE, { input })).deleteMyAccount;
const codes = (payload: any): string[] => payload.problems.map((each: any) => each.code);
const erased = (userId: string) =>
  until(
    () => query("select erased_at from users where id = $1", [userId]),
    (rows) => rows[0]?.erased_at !== null,
  );

/** Everything that is stored anywhere, as one text: all rows, all documents, all files that are text. */
async function everything(): Promise<{ text: string; files: string[] }> {
  const tables = await query<{ name: string }>(
    `select table_name as name from information_schema.tables
     where table_schema = 'public' and table_type = 'BASE TABLE'`,
  );
  const parts: string[] = [];
  for (const { name } of tables) {
    const rows = await query<{ row: string }>(
      `select row_to_json(t)::text as row from "${name}" t`,
    );
    parts.push(...rows.map(({ row }) => `${name}: ${row}`));
  }
  const { db } = world.nodes[0]!.stores.mongo;
  for (const { name } of await db.listCollections().toArray()) {
    const documents = await db.collection(name).find().toArray();
    parts.push(...documents.map((document) => `${name}: ${JSON.stringify(document)}`));
  }
  const files = filesBelow(join(world.dataDir, "blobs"));
  parts.push(...files.map((file) => readFileSync(file, "latin1")));
  return { text: parts.join("\n"), files };
}

function filesBelow(dir: string): string[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir)
    .map((name) => join(dir, name))
    .flatMap((path) => (statSync(path).isDirectory() ? filesBelow(path) : [path]));
}

test("nothing of a person is left in any store, and the books stay", async () => {
  const filesBefore = (await everything()).files;
  const owner = await openAccount(world, "Sokha.Chan@facet.test");
  await query(
    `update users set phone = '+85512999888', phone_verified_at = now(), last_name = 'Chanthavy'
     where id = $1`,
    [owner.userId],
  );
  await query("update sessions set ip = $2, user_agent = 'SokhaPhone' where user_id = $1", [
    owner.userId,
    IP,
  ]);
  await query("update auth_events set ip = $2 where user_id = $1", [owner.userId, IP]);
  await query(
    "insert into user_identities (provider, subject, user_id) values ('GOOGLE', 'sokha-subject', $1)",
    [owner.userId],
  );
  await world
    .stranger()
    .must(
      `mutation { forgotPassword(input: { identifier: "sokha.chan@facet.test" }) { problems { code } } }`,
    );
  await world
    .stranger()
    .must(
      `mutation { loginWithPassword(input: { identifier: "sokha.chan@facet.test", password: "wrong-password" }) { problems { code } } }`,
    );
  await owner.must(ADD_ADDRESS, { input: { ...HOME, company: "Chanthavy Ltd" } });
  await givePoints(world, owner.userId, 12);
  const analysis = await startAnalysis(world, owner, { notes: "Chanthavy's notes" });
  await watchToEnd(owner, analysis);
  await world.upload(owner, portrait());
  const running = await startAnalysis(world, owner);
  const before = await everything();
  for (const trace of ["Chanthavy", "+85512999888", IP, "sokha-subject"]) {
    expect(before.text).toContain(trace);
  }

  expect(codes(await remove(owner, {}))).toEqual(["PASSWORD_REQUIRED"]);
  expect(codes(await remove(owner, { password: "not the password" }))).toEqual([
    "INVALID_CREDENTIALS",
  ]);
  const { accountDeletion } = await remove(owner, { password: PASSWORD });
  expect(accountDeletion).toMatchObject({ status: "QUEUED" });
  expect((await owner.send("{ viewer { id } }")).errors?.[0]?.extensions.code).toBe(
    "UNAUTHENTICATED",
  );
  const again = await openAccount(world, "sokha.chan@facet.test");
  expect(again.userId).not.toBe(owner.userId);
  await query("update users set email = 'new@facet.test' where id = $1", [again.userId]);

  await erased(owner.userId);
  const after = await everything();
  const traces = [
    ...["sokha", "Chanthavy", "+85512999888", IP, "SokhaPhone", "Mekong"],
    ...[analysis, running],
  ];
  for (const trace of traces) expect(after.text.toLowerCase()).not.toContain(trace.toLowerCase());
  expect(after.files).toEqual(filesBefore);
  const outbox = filesBelow(join(world.dataDir, "outbox")).map((file) =>
    readFileSync(file, "utf8"),
  );
  expect(outbox.filter((mail) => mail.includes("Your account was deleted"))).toHaveLength(1);
  const [books] = await query(
    `select (select sum(delta)::int from ledger_entries where user_id = $1) as entries,
       (select is_active from users where id = $1) as active,
       (select input from ai_jobs where id = $2) as input`,
    [owner.userId, accountDeletion.id],
  );
  expect(books).toEqual({ entries: 12, active: false, input: {} });
});

const signInAgain = ({ device }: Guest) => openGuest(world, device);

test("a guest shows to be the owner by a fresh sign-in", async () => {
  const guest = await openGuest(world);
  await query("update sessions set created_at = now() - interval '1 hour' where user_id = $1", [
    guest.client.userId,
  ]);
  expect(codes(await remove(guest.client, {}))).toEqual(["SIGN_IN_AGAIN"]);
  const { client } = await signInAgain(guest);
  expect(codes(await remove(client, {}))).toEqual([]);
  await erased(client.userId);
  const fresh = await signInAgain(guest);
  expect(fresh.client.userId).not.toBe(client.userId);
});

test("an account by phone shows it by a code, of which every wrong one counts", async () => {
  const { client } = await openGuest(world);
  await query("update users set phone = '+85512777666', phone_verified_at = now() where id = $1", [
    client.userId,
  ]);
  await world
    .stranger()
    .must(
      `mutation { requestOtp(input: { phone: "+85512777666", purpose: SIGN_IN }) { problems { code } } }`,
    );
  expect(codes(await remove(client, { code: "000000" }))).toEqual(["CODE_INVALID"]);
  expect(await query("select tries from phone_codes where phone = '+85512777666'")).toEqual([
    { tries: 1 },
  ]);
  const [message] = await until(
    () => filesBelow(join(world.dataDir, "sms")),
    (files) => files.length > 0,
  );
  const code = /\b\d{6}\b/.exec(readFileSync(message!, "utf8"))?.[0];
  expect(code).toEqual(expect.any(String));
  expect(codes(await remove(client, { code }))).toEqual([]);
  await erased(client.userId);
});

test("many requests at once close the account once", async () => {
  const { client } = await openGuest(world);
  const answers = await Promise.all(
    Array.from({ length: 5 }, () => client.send(DELETE, { input: {} })),
  );
  const started = answers.flatMap(({ data }) => data?.deleteMyAccount?.accountDeletion ?? []);
  expect(started).toHaveLength(1);
  await erased(client.userId);
});
