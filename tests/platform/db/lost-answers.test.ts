import { afterAll, beforeAll, expect, test } from "@jest/globals";
import pg from "pg";
import { Database } from "../../../src/platform/db/database.ts";
import { isConnectionLoss } from "../../../src/platform/db/faults.ts";
import { createLogger } from "../../../src/platform/observe/logger.ts";
import { freshDatabase } from "../../support/database.ts";
import { Gate } from "../../support/gate.ts";

let fresh: Awaited<ReturnType<typeof freshDatabase>>;
let gate: Gate;
let database: Database;
let admin: pg.Client;

beforeAll(async () => {
  fresh = await freshDatabase();
  gate = await Gate.before(fresh.url);
  database = await Database.open({
    url: gate.urlOf(fresh.url),
    poolSize: 2,
    applicationName: "lost answers",
    entities: [],
    migrations: [],
    log: createLogger("silent"),
  });
  admin = new pg.Client({ connectionString: fresh.url });
  await admin.connect();
  await admin.query("create table notes (text text)");
  await admin.query(`create function note(text) returns text language sql as
    'insert into notes values ($1) returning text'`);
});
afterAll(async () => {
  await database.close();
  await gate.close();
  await admin.end();
  await fresh.drop();
});

/** The connection works, and the answer of the statement is lost. */
async function ask(text: string, values: readonly unknown[], name?: string): Promise<object[]> {
  await database.query("select 1");
  gate.loseNextAnswer();
  return database.query(text, values, name);
}

test.each([
  ["insert", "insert into notes values ($1) returning text"],
  ["insert in a WITH", "with kept as (insert into notes values ($1) returning text) table kept"],
  ["function that writes", "select note($1)"],
])("an %s whose answer was lost is reported and not done again", async (kind, text) => {
  const outcome = await ask(text, [kind]).then(
    () => "answered",
    (error: unknown) => isConnectionLoss(error),
  );
  expect(outcome).toBe(true);
  const { rows } = await admin.query("select text from notes where text = $1", [kind]);
  expect(rows).toEqual([{ text: kind }]);
});

test.each([
  ["select", "select $1::int as one", undefined],
  ["WITH that only reads", "with a as (select $1::int as one) select one from a", undefined],
  ["prepared select", "select $1::int as one", "lost_one"],
])("a %s whose answer was lost is answered", async (_kind, text, name) => {
  expect(await ask(text, [1], name)).toEqual([{ one: 1 }]);
  // Nothing of the repetition stays with the connection.
  expect(await database.query("insert into notes values ('after') returning text")).toHaveLength(1);
});
