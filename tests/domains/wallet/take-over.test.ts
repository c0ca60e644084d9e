import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { freshDatabase } from "../../support/database.ts";
import { forJob, give, openTill, type Till } from "./wallet-bed.ts";

let till: Till;
let drop: () => Promise<void>;
let guest: string;
let heir: string;
beforeAll(async () => {
  const database = await freshDatabase();
  drop = () => database.drop();
  till = await openTill(database.url, { poolSize: 12 });
});
afterAll(async () => {
  expect(await till.findings()).toEqual([]);
  await till.stop();
  await drop();
});
beforeEach(() => {
  guest = till.ids.next("usr");
  heir = till.ids.next("usr");
});

const takeOver = () =>
  till.run((tx) =>
    till.wallets.moveAll(tx, {
      from: { userId: guest, currency: "POINTS" },
      toUserId: heir,
      reference: { type: "user", id: guest },
      key: `${guest}:merge`,
    }),
  );
const hold = async (amount: number) => {
  const held = { ...forJob(till, guest, amount), expiresAt: new Date(Date.now() + 60_000) };
  await till.run((tx) => till.holds.hold(tx, held));
  return held.reference;
};
const both = async () => [await till.balance(guest), await till.balance(heir)];
const EMPTY = { balance: 0, held: 0 };

test("a wallet moves once, with what is held of it, and the holds resolve there", async () => {
  await give(till, guest, 30);
  await give(till, heir, 5);
  const [captured, released] = [await hold(10), await hold(7)];
  expect(await Promise.all([takeOver(), takeOver()])).toEqual([30, 30]);
  expect(await both()).toEqual([EMPTY, { balance: 35, held: 17 }]);
  await till.run((tx) => till.holds.capture(tx, { reference: captured, amount: 4 }));
  await till.run((tx) => till.holds.release(tx, released));
  expect(await both()).toEqual([EMPTY, { balance: 31, held: 0 }]);
});

test("what comes later for the guest is booked for the heir, once", async () => {
  await give(till, guest, 30);
  const charge = forJob(till, guest, 10);
  await till.run((tx) => till.wallets.spend(tx, charge));
  await takeOver();
  const refund = () =>
    till.run((tx) => till.wallets.refund(tx, { entryKey: charge.key, key: `${charge.key}:back` }));
  const booked = await Promise.all([refund(), refund(), refund()]);
  expect(booked.filter(({ isNew }) => isNew)).toHaveLength(1);
  expect(await both()).toEqual([EMPTY, { balance: 30, held: 0 }]);
  const bought = await give(till, guest, 12);
  expect(await both()).toEqual([EMPTY, { balance: 42, held: 0 }]);
  await till.run((tx) => till.wallets.takeBack(tx, { entryKey: bought, key: `${bought}:back` }));
  expect(await both()).toEqual([EMPTY, { balance: 30, held: 0 }]);
});

test("a guest that is gone spends and holds nothing of the heir's", async () => {
  await give(till, guest, 30);
  await takeOver();
  const movement = forJob(till, guest, 1);
  await expect(till.run((tx) => till.wallets.spend(tx, movement))).rejects.toMatchObject({
    problem: { code: "INSUFFICIENT_POINTS" },
  });
  await expect(hold(1)).rejects.toMatchObject({ problem: { code: "INSUFFICIENT_POINTS" } });
  expect(await both()).toEqual([EMPTY, { balance: 30, held: 0 }]);
});

test("spends, captures and releases that race the move lose nothing", async () => {
  for (let round = 0; round < 10; round += 1) {
    [guest, heir] = [till.ids.next("usr"), till.ids.next("usr")];
    await give(till, guest, 100);
    const references = await Promise.all(Array.from({ length: 6 }, () => hold(5)));
    const spends = Array.from({ length: 8 }, () =>
      till
        .run((tx) => till.wallets.spend(tx, forJob(till, guest, 2)))
        .then(
          () => 2,
          () => 0,
        ),
    );
    const resolutions = references.map((reference, index) =>
      till.run((tx) =>
        index % 2 === 0 ? till.holds.capture(tx, { reference }) : till.holds.release(tx, reference),
      ),
    );
    const [spent] = await Promise.all([Promise.all(spends), takeOver(), ...resolutions]);
    const left = 100 - 15 - spent.reduce((sum: number, amount) => sum + amount, 0);
    expect(await both()).toEqual([EMPTY, { balance: left, held: 0 }]);
  }
});
