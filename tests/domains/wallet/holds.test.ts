import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { freshDatabase } from "../../support/database.ts";
import { forJob, give, openTill, type Till } from "./wallet-bed.ts";

let till: Till;
let other: Till;
let drop: () => Promise<void>;
let user: string;
let offsetMs = 0;

beforeAll(async () => {
  const fresh = await freshDatabase();
  drop = fresh.drop;
  const now = () => new Date(Date.now() + offsetMs);
  till = await openTill(fresh.url, { now });
  other = await openTill(fresh.url, { now, nodeId: 2 });
});
afterAll(async () => {
  expect(await till.findings()).toEqual([]);
  await till.stop();
  await other.stop();
  await drop();
});
beforeEach(async () => {
  user = till.ids.next("usr");
  await give(till, user, 10);
});

const minutes = (count: number) => new Date(Date.now() + offsetMs + count * 60_000);

async function hold(amount: number, expiresAt = minutes(5)) {
  const movement = { ...forJob(till, user, amount), expiresAt };
  return { movement, made: await till.run((tx) => till.holds.hold(tx, movement)) };
}
const capture = (reference: { type: string; id: string }, amount?: number, at = till) =>
  at.run((tx) => at.holds.capture(tx, { reference, ...(amount === undefined ? {} : { amount }) }));
const release = (reference: { type: string; id: string }, at = till) =>
  at.run((tx) => at.holds.release(tx, reference));

test("what is held stays in the balance, but cannot be spent", async () => {
  await hold(7);
  expect(await till.balance(user)).toEqual({ balance: 10, held: 7 });
  await expect(
    till.run((tx) => till.wallets.spend(tx, forJob(till, user, 4))),
  ).rejects.toMatchObject({ problem: { needed: 4, balance: 10, available: 3 } });
  await expect(hold(4)).rejects.toMatchObject({ problem: { code: "INSUFFICIENT_POINTS" } });
  await till.run((tx) => till.wallets.spend(tx, forJob(till, user, 3)));
  expect(await till.balance(user)).toEqual({ balance: 7, held: 7 });
});

test("captured whole, captured in part, released", async () => {
  const [whole, part, none] = [await hold(3), await hold(3), await hold(3)];
  expect(await capture(whole.movement.reference)).toMatchObject({
    status: "CAPTURED",
    captured: 3,
  });
  expect(await capture(part.movement.reference, 1)).toMatchObject({ captured: 1 });
  expect(await release(none.movement.reference)).toMatchObject({ status: "RELEASED" });
  expect(await till.balance(user)).toEqual({ balance: 6, held: 0 });
});

test("each can be said twice; the second time changes nothing", async () => {
  const { movement, made } = await hold(4);
  const { reference } = movement;
  expect(await till.run((tx) => till.holds.hold(tx, movement))).toEqual(made);
  const mismatch = { extensions: { code: "IDEMPOTENCY_MISMATCH" } };
  const larger = { ...movement, amount: 5 };
  await expect(till.run((tx) => till.holds.hold(tx, larger))).rejects.toMatchObject(mismatch);
  const twice = { ...movement, key: "another" };
  await expect(till.run((tx) => till.holds.hold(tx, twice))).rejects.toMatchObject(mismatch);

  await expect(capture(reference, 5)).rejects.toThrow(RangeError);
  const captured = await capture(reference, 3);
  expect(await capture(reference, 3)).toEqual(captured);
  await expect(capture(reference, 2)).rejects.toMatchObject(mismatch);
  expect(await release(reference)).toEqual(captured);
  expect(await till.balance(user)).toEqual({ balance: 7, held: 0 });
});

test("a hold for nothing that is known", async () => {
  const reference = { type: "job", id: "unknown" };
  await expect(capture(reference)).rejects.toMatchObject({ extensions: { code: "NOT_FOUND" } });
  await expect(release(reference)).rejects.toMatchObject({ extensions: { code: "NOT_FOUND" } });
});

test("a capture can be given back", async () => {
  const { movement } = await hold(4);
  await capture(movement.reference);
  await till.run((tx) =>
    till.wallets.refund(tx, { entryKey: movement.key, key: `${movement.key}:refund` }),
  );
  expect(await till.balance(user)).toEqual({ balance: 10, held: 0 });
});

test("holds expire, but only those whose time has come", async () => {
  const soon = await hold(3, minutes(5));
  const late = await hold(3, minutes(50));
  expect(await till.holds.releaseExpired()).toBe(0);
  offsetMs += 10 * 60_000;
  await Promise.all([till.holds.releaseExpired(), other.holds.releaseExpired()]);
  expect(await capture(soon.movement.reference)).toMatchObject({ status: "RELEASED", captured: 0 });
  expect(await capture(late.movement.reference)).toMatchObject({ status: "CAPTURED" });
  expect(await till.balance(user)).toEqual({ balance: 7, held: 0 });
});

test("capture, release and expiry race: each hold resolves once", async () => {
  await give(till, user, 190);
  const holds = await Promise.all(Array.from({ length: 40 }, () => hold(5, minutes(1))));
  offsetMs += 10 * 60_000;
  const races = holds.map(async ({ movement: { reference } }, index) => {
    const ways = [
      () => capture(reference),
      () => release(reference, other),
      () => capture(reference, undefined, other),
    ];
    const order = ways.map((_, way) => ways[(way + index) % ways.length]!);
    const [first, ...rest] = await Promise.all(order.map((way) => way()));
    for (const hold of rest) expect(hold).toEqual(first);
    return first!;
  });
  const [resolved] = await Promise.all([
    Promise.all(races),
    till.holds.releaseExpired(),
    other.holds.releaseExpired(),
  ]);
  const captured = resolved.filter((hold) => hold.status === "CAPTURED");
  expect(resolved.filter((hold) => hold.status === "PENDING")).toEqual([]);
  expect(await till.balance(user)).toEqual({ balance: 200 - captured.length * 5, held: 0 });
});
