import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { countStatements } from "../../../src/platform/db/statements.ts";
import { freshDatabase } from "../../support/database.ts";
import { forJob, give, openTill, type Till } from "./wallet-bed.ts";

let till: Till;
let drop: () => Promise<void>;
let user: string;

beforeAll(async () => {
  const fresh = await freshDatabase();
  drop = fresh.drop;
  till = await openTill(fresh.url);
});
afterAll(async () => {
  expect(await till.findings()).toEqual([]);
  await till.stop();
  await drop();
});
beforeEach(() => {
  user = till.ids.next("usr");
});

const entriesOf = (userId: string) =>
  till.database.query<{ delta: number; kind: string; seq: number; after: number }>(
    `select delta, kind, seq, balance_after as after from ledger_entries
     where user_id = $1 order by currency, seq`,
    [userId],
  );

test("a new user has nothing, not even a row", async () => {
  expect(await till.balance(user)).toEqual({ balance: 0, held: 0 });
  const refusal = till.run((tx) => till.wallets.spend(tx, forJob(till, user, 1)));
  await expect(refusal).rejects.toMatchObject({
    problem: { code: "INSUFFICIENT_POINTS", needed: 1, balance: 0, available: 0 },
  });
  expect(await entriesOf(user)).toEqual([]);
});

test("credit, spend, adjust: each leaves its entry and the balance after it", async () => {
  await give(till, user, 30);
  const spent = await till.run((tx) => till.wallets.spend(tx, forJob(till, user, 10)));
  expect(spent).toMatchObject({ isNew: true, entry: { delta: -10, balanceAfter: 20, seq: 2 } });
  const correction = { ...forJob(till, user, 1), delta: -5 };
  await till.run((tx) => till.wallets.adjust(tx, correction));
  expect(await entriesOf(user)).toEqual([
    { delta: 30, kind: "PURCHASE", seq: 1, after: 30 },
    { delta: -10, kind: "CONSUME", seq: 2, after: 20 },
    { delta: -5, kind: "ADJUSTMENT", seq: 3, after: 15 },
  ]);
  expect(await till.balance(user)).toEqual({ balance: 15, held: 0 });
});

test("currencies are kept apart, and each is refused by its own name", async () => {
  await give(till, user, 30);
  const movement = { ...forJob(till, user, 4), currency: "CREDITS" as const };
  await expect(till.run((tx) => till.wallets.spend(tx, movement))).rejects.toMatchObject({
    problem: { code: "INSUFFICIENT_CREDITS", needed: 4, balance: 0 },
  });
  await give(till, user, 5, "CREDITS");
  await till.run((tx) => till.wallets.spend(tx, movement));
  expect(await till.balance(user, "CREDITS")).toMatchObject({ balance: 1 });
  expect(await till.balance(user)).toMatchObject({ balance: 30 });
});

test("a refusal changes nothing", async () => {
  await give(till, user, 9);
  const before = await entriesOf(user);
  await expect(
    till.run((tx) => till.wallets.spend(tx, forJob(till, user, 10))),
  ).rejects.toMatchObject({ problem: { needed: 10, balance: 9, available: 9 } });
  const correction = { ...forJob(till, user, 1), delta: -10 };
  await expect(till.run((tx) => till.wallets.adjust(tx, correction))).rejects.toThrow();
  expect(await entriesOf(user)).toEqual(before);
});

test("the same key again is the first result; another amount is a mismatch", async () => {
  await give(till, user, 30);
  const movement = forJob(till, user, 10);
  const spend = (change: object = {}) =>
    till.run((tx) => till.wallets.spend(tx, { ...movement, ...change }));
  const first = await spend();
  expect(await spend()).toEqual({ ...first, isNew: false });
  const other = { extensions: { code: "IDEMPOTENCY_MISMATCH" } };
  await expect(spend({ amount: 11 })).rejects.toMatchObject(other);
  await expect(spend({ userId: till.ids.next("usr") })).rejects.toMatchObject(other);
  await expect(spend({ reference: { type: "job", id: "else" } })).rejects.toMatchObject(other);
  expect(await till.balance(user)).toMatchObject({ balance: 20 });

  await till.run((tx) => till.wallets.spend(tx, forJob(till, user, 20)));
  // Also when nothing would be left for it any more.
  expect(await spend()).toEqual({ ...first, isNew: false });
});

test("twenty calls with one key at once: one effect, equal answers", async () => {
  const key = till.ids.next("pay");
  const calls = Array.from({ length: 20 }, () =>
    till.run((tx) =>
      till.wallets.credit(tx, {
        ...forJob(till, user, 7),
        kind: "PURCHASE",
        reference: { type: "payment", id: key },
        key,
      }),
    ),
  );
  const results = await Promise.all(calls);
  expect(new Set(results.map(({ entry }) => entry.id)).size).toBe(1);
  expect(results.filter(({ isNew }) => isNew)).toHaveLength(1);
  expect(await till.balance(user)).toMatchObject({ balance: 7 });
});

test("what is rolled back leaves nothing, and frees its key", async () => {
  await give(till, user, 10);
  const movement = forJob(till, user, 10);
  const crash = till.run(async (tx) => {
    await till.wallets.spend(tx, movement);
    throw new Error("power cut");
  });
  await expect(crash).rejects.toThrow("power cut");
  expect(await till.balance(user)).toMatchObject({ balance: 10 });
  expect(await till.run((tx) => till.wallets.spend(tx, movement))).toMatchObject({ isNew: true });
});

test("a refund gives back at most what was taken", async () => {
  await give(till, user, 10);
  const movement = forJob(till, user, 10);
  await till.run((tx) => till.wallets.spend(tx, movement));
  const refund = (key: string, amount?: number) =>
    till.run((tx) =>
      till.wallets.refund(tx, {
        entryKey: movement.key,
        key: `${movement.key}:${key}`,
        ...(amount === undefined ? {} : { amount }),
      }),
    );
  await refund("part", 4);
  await expect(refund("too-much", 7)).rejects.toThrow(/only 6 is left/);
  const rest = await refund("rest");
  expect(rest.entry).toMatchObject({ kind: "REFUND", delta: 6, balanceAfter: 10 });
  expect(await refund("rest")).toEqual({ ...rest, isNew: false });
  await expect(refund("again")).rejects.toThrow(/only 0 is left/);
  await expect(
    till.run((tx) => till.wallets.refund(tx, { entryKey: "unknown", key: "k" })),
  ).rejects.toThrow(/No entry/);
  expect(await till.balance(user)).toMatchObject({ balance: 10 });
});

test("a purchase is taken back as far as the wallet has it; the rest is noted", async () => {
  const purchase = await give(till, user, 10);
  await till.run((tx) => till.wallets.spend(tx, forJob(till, user, 7)));
  const takeBack = () =>
    till.run((tx) => till.wallets.takeBack(tx, { entryKey: purchase, key: `${purchase}:undone` }));
  const { entry } = await takeBack();
  expect(entry).toMatchObject({ kind: "REFUND", delta: -3, shortfall: 7, balanceAfter: 0 });
  expect(await takeBack()).toEqual({ entry, isNew: false });

  const second = await give(till, user, 5);
  await till.run((tx) => till.wallets.spend(tx, forJob(till, user, 5)));
  const nothing = await till.run((tx) =>
    till.wallets.takeBack(tx, { entryKey: second, key: `${second}:undone` }),
  );
  expect(nothing.entry).toMatchObject({ delta: 0, shortfall: 5 });
});

test("one reward per week, whatever the key", async () => {
  const reward = (rewardWeek: string) =>
    till.run((tx) =>
      till.wallets.credit(tx, { ...forJob(till, user, 100), kind: "REWARD", rewardWeek }),
    );
  const [first, ...others] = await Promise.all([1, 2, 3, 4].map(() => reward("2026-11-02")));
  expect(new Set([first, ...others].map((booked) => booked?.entry.id)).size).toBe(1);
  await reward("2026-11-09");
  expect(await till.balance(user)).toMatchObject({ balance: 200 });
  await expect(reward("2026-11-10")).rejects.toThrow(/check/);
});

test.each([0, -1, 1.5, Number.NaN, 2_000_000_000])("%p is no amount", async (amount) => {
  const movement = forJob(till, user, amount);
  await expect(till.run(async (tx) => till.wallets.spend(tx, movement))).rejects.toThrow(
    RangeError,
  );
});

test.each([
  "update ledger_entries set delta = delta + 1",
  "update ledger_entries set created_at = now()",
  "delete from ledger_entries",
  "truncate ledger_entries cascade",
])("the database refuses: %s", async (statement) => {
  await give(till, user, 1);
  await expect(till.database.query(statement)).rejects.toThrow(/never changed/);
});

test.each([
  "update wallets set balance = -1, held = 0",
  "update wallets set held = balance + 1",
  "update wallets set held = -1",
])("constraints refuse: %s", async (statement) => {
  await give(till, user, 1);
  await expect(till.database.query(statement)).rejects.toThrow(/check constraint/);
});

test("a change costs one statement, and one for the feed", async () => {
  await give(till, user, 30);
  const cost = async (work: () => Promise<unknown>) =>
    (await countStatements(work)).count.statements - 2; // without START TRANSACTION and COMMIT
  const movement = forJob(till, user, 5);
  const held = { ...forJob(till, user, 5), expiresAt: new Date(Date.now() + 60_000) };
  const { reference } = held;
  expect(await cost(() => till.run((tx) => till.wallets.spend(tx, movement)))).toBe(2);
  expect(await cost(() => till.run((tx) => till.holds.hold(tx, held)))).toBe(2);
  expect(await cost(() => till.run((tx) => till.holds.capture(tx, { reference })))).toBe(2);
  expect(await cost(() => till.run((tx) => till.wallets.spend(tx, movement)))).toBe(3);
});
