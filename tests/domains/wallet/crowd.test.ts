import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { freshDatabase } from "../../support/database.ts";
import { trade } from "./random-trade.ts";
import { forJob, give, openTill, type Till } from "./wallet-bed.ts";

let tills: [Till, Till];
let drop: () => Promise<void>;

beforeAll(async () => {
  const fresh = await freshDatabase();
  drop = fresh.drop;
  tills = [await openTill(fresh.url), await openTill(fresh.url, { nodeId: 2 })];
});
afterAll(async () => {
  expect(await tills[0].findings()).toEqual([]);
  for (const till of tills) await till.stop();
  await drop();
});

test("200 spends of 1 on 100 over two pools: exactly 100", async () => {
  const [till] = tills;
  const user = till.ids.next("usr");
  await give(till, user, 100);
  const spends = Array.from({ length: 200 }, (_, index) => {
    const at = tills[index % 2]!;
    return at.run((tx) => at.wallets.spend(tx, forJob(at, user, 1)));
  });
  const results = await Promise.allSettled(spends);
  const refused = results.filter((result) => result.status === "rejected");
  expect(refused).toHaveLength(100);
  for (const { reason } of refused) {
    expect(reason).toMatchObject({ problem: { code: "INSUFFICIENT_POINTS", balance: 0 } });
  }
  expect(await till.balance(user)).toEqual({ balance: 0, held: 0 });
});

test("the first entries of one wallet at the same moment", async () => {
  const [till] = tills;
  const user = till.ids.next("usr");
  await Promise.all(tills.flatMap((at) => [1, 2, 3].map(() => give(at, user, 5))));
  expect(await till.balance(user)).toEqual({ balance: 30, held: 0 });
});

test("8 clients do 250 random things each on 20 wallets: the books agree", async () => {
  const result = await trade(tills, { clients: 8, operations: 250, wallets: 20, seed: 42 });
  expect(result.lowest).toBeGreaterThanOrEqual(0);
  expect(result.refusals).toBeGreaterThan(0);
  for (const user of result.users) {
    expect((await tills[0].balance(user)).balance).toBe(result.expected.get(user));
  }
  expect(await tills[0].findings()).toEqual([]);
});
