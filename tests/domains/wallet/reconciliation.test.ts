import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { reconcile } from "../../../src/main/reconcile.ts";
import { freshDatabase } from "../../support/database.ts";
import { trade } from "./random-trade.ts";
import { forJob, give, openTill, type Till } from "./wallet-bed.ts";

let till: Till;
let drop: () => Promise<void>;
let user: string;
let charge: string;
let held: ReturnType<typeof forJob>;

beforeAll(async () => {
  const fresh = await freshDatabase();
  drop = fresh.drop;
  till = await openTill(fresh.url);
  await trade([till], { clients: 4, operations: 50, wallets: 10, seed: 7 });
});
afterAll(async () => {
  await till.stop();
  await drop();
});

/** One user with a purchase (1), a charge (2), a captured hold (3) and a pending one. */
beforeEach(async () => {
  user = till.ids.next("usr");
  await give(till, user, 100);
  const movement = forJob(till, user, 20);
  charge = movement.key;
  await till.run((tx) => till.wallets.spend(tx, movement));
  const expiresAt = new Date(Date.now() + 60_000);
  const captured = forJob(till, user, 10);
  held = forJob(till, user, 15);
  for (const hold of [captured, held]) {
    await till.run((tx) => till.holds.hold(tx, { ...hold, expiresAt }));
  }
  const { reference } = captured;
  await till.run((tx) => till.holds.capture(tx, { reference, amount: 4 }));
  expect(await till.findings()).toEqual([]);
});

/** Nobody finds what the test before left. */
afterEach(async () => {
  for (const table of ["ledger_entries", "holds", "wallets"]) {
    await corrupt(`delete from ${table} where user_id = $1`, [user]);
  }
});

/** Changes rows behind the back of triggers and foreign keys. */
async function corrupt(statement: string, values: unknown[] = []): Promise<void> {
  const client = await till.database.pool.connect();
  try {
    await client.query("begin");
    await client.query("set local session_replication_role = replica");
    await client.query(statement, values);
    await client.query("commit");
  } finally {
    client.release();
  }
}

async function entry(seq: number): Promise<string> {
  const [row] = await till.database.query<{ id: string }>(
    "select id from ledger_entries where user_id = $1 and seq = $2",
    [user, seq],
  );
  return row!.id;
}

test("a balance that was changed by hand", async () => {
  await corrupt("update wallets set balance = balance + 1 where user_id = $1", [user]);
  expect(await till.findings()).toEqual([`balance ${user} POINTS`]);
});

test("something held that no hold knows of", async () => {
  await corrupt("update wallets set held = held - 1 where user_id = $1", [user]);
  expect(await till.findings()).toEqual([`held ${user} POINTS`]);
});

test("a hold that was released without the wallet", async () => {
  await corrupt(
    "update holds set status = 'RELEASED', resolved_at = now() where idempotency_key = $1",
    [held.key],
  );
  expect(await till.findings()).toEqual([`held ${user} POINTS`]);
});

test("a hold that was captured without an entry", async () => {
  await corrupt(
    `update holds set status = 'CAPTURED', captured = 5, resolved_at = now()
     where idempotency_key = $1`,
    [held.key],
  );
  const [hold] = await till.database.query<{ id: string }>(
    "select id from holds where idempotency_key = $1",
    [held.key],
  );
  expect(await till.findings()).toEqual([`held ${user} POINTS`, `hold-without-entry ${hold!.id}`]);
});

test("an entry that was changed", async () => {
  const id = await entry(2);
  await corrupt("update ledger_entries set delta = -19 where id = $1", [id]);
  expect(await till.findings()).toEqual([`balance ${user} POINTS`, `balance-after ${id}`]);
});

test("an entry that was deleted", async () => {
  const after = await entry(3);
  await corrupt("delete from ledger_entries where idempotency_key = $1", [charge]);
  expect(await till.findings()).toEqual([`balance ${user} POINTS`, `missing-entry ${after}`]);
});

test("the newest entry was deleted", async () => {
  await corrupt("delete from ledger_entries where user_id = $1 and seq = 3", [user]);
  const [hold] = await till.database.query<{ id: string }>(
    "select id from holds where user_id = $1 and status = 'CAPTURED'",
    [user],
  );
  expect(await till.findings()).toEqual([
    `balance ${user} POINTS`,
    `hold-without-entry ${hold!.id}`,
    `last-entry ${user} POINTS`,
  ]);
});

test("a capture whose hold is gone, or of another amount", async () => {
  const id = await entry(3);
  await corrupt("update holds set captured = 5 where user_id = $1 and status = 'CAPTURED'", [user]);
  expect(await till.findings()).toEqual([`capture-without-hold ${id}`]);
  await corrupt("delete from holds where user_id = $1 and status = 'CAPTURED'", [user]);
  expect(await till.findings()).toEqual([`capture-without-hold ${id}`]);
});

test("a wallet that is gone", async () => {
  await corrupt("delete from wallets where user_id = $1", [user]);
  expect(await till.findings()).toEqual(Array(2).fill(`without-wallet ${user} POINTS`));
});

test("a charge that was given back twice", async () => {
  const id = await entry(2);
  for (const [seq, balance] of [
    [4, 96],
    [5, 116],
  ]) {
    await corrupt(
      `insert into ledger_entries (id, user_id, currency, seq, delta, kind, reference_type,
         reference_id, idempotency_key, balance_after, refund_of)
       values ($1, $2, 'POINTS', $3, 20, 'REFUND', 'job', 'x', $1, $4, $5)`,
      [till.ids.next("led"), user, seq, balance, id],
    );
  }
  await corrupt("update wallets set balance = 116, last_seq = 5 where user_id = $1", [user]);
  expect(await till.findings()).toEqual([`over-refunded ${id}`]);
});

test("the command prints one line per finding, and fails if there is any", async () => {
  const lines: string[] = [];
  const run = () => reconcile([till], (line) => lines.push(line));
  expect(await run()).toBe(0);
  await corrupt("update wallets set balance = balance + 1 where user_id = $1", [user]);
  expect(await run()).toBe(1);
  expect(lines).toEqual([
    "The books agree.",
    `balance: ${user} POINTS: the wallet says 77, its entries say 76`,
    "Findings: 1",
  ]);
});

test("a wallet that is wrong does not keep the holds of others from expiring", async () => {
  const other = till.ids.next("usr");
  await give(till, other, 10);
  const late = { ...forJob(till, other, 10), expiresAt: new Date(Date.now() - 1_000) };
  await till.run((tx) => till.holds.hold(tx, late));
  await corrupt("update wallets set held = 0 where user_id = $1", [user]);
  await corrupt("update holds set expires_at = now() - interval '1 day' where user_id = $1", [
    user,
  ]);
  expect(await till.holds.releaseExpired()).toBe(1);
  expect(await till.balance(other)).toEqual({ balance: 10, held: 0 });
  expect(await till.findings()).toEqual([`held ${user} POINTS`]);
});

test("work in progress is no finding", async () => {
  let working = true;
  const trading = trade([till], { clients: 6, operations: 100, wallets: 5, seed: 9 }).then(() => {
    working = false;
  });
  let looks = 0;
  for (; working; looks += 1) expect(await till.findings()).toEqual([]);
  await trading;
  expect(looks).toBeGreaterThan(3);
});
