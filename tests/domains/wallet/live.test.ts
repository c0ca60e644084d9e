import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { WalletCurrency } from "../../../src/domains/wallet/index.ts";
import type { TestClient } from "../../support/client.ts";
import { createWorld, type World } from "../../support/world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld({ workers: 0 });
});
afterAll(async () => {
  await world.stop();
});

const stored = (name: string) => readFileSync(`schema/operations/mobile/${name}.graphql`, "utf8");
const WALLETS = stored("Wallets");
const LEDGER = stored("Ledger");
const WATCH = stored("WatchWallets");
const EVENTS = stored("ViewerEvents");

let payments = 0;

/** Credits somebody at the second node. */
async function give(
  person: TestClient,
  amount: number,
  currency: WalletCurrency = "POINTS",
  referenceId?: string,
) {
  const { unitOfWork, wallet } = world.nodes[1]!.parts;
  const key = `pay_${(payments += 1)}`;
  const movement = { userId: person.userId, currency, amount, kind: "PURCHASE" as const };
  const reference = { type: "payment", id: referenceId ?? key };
  await unitOfWork.run((tx) => wallet.wallets.credit(tx, { ...movement, reference, key }));
}

const next = async (events: AsyncIterator<any>) => {
  const { value } = await events.next();
  if (value.errors) throw new Error(JSON.stringify(value.errors));
  return Object.values(value.data as object)[0];
};

test("a new guest has two empty wallets with lasting ids", async () => {
  const person = await world.person();
  const { viewer } = await person.must(WALLETS);
  const suffix = person.userId.slice(3);
  const empty = { balance: 0, held: 0, available: 0, version: 0 };
  expect(viewer.wallets).toEqual([
    { id: `wpt${suffix}`, currency: "POINTS", ...empty },
    { id: `wcr${suffix}`, currency: "CREDITS", ...empty },
  ]);
});

test("balances come first, then each change, also from another node, with what is held", async () => {
  const person = await world.person();
  const screen = person.watch(WATCH);
  expect(await next(screen)).toMatchObject({
    version: 0,
    wallets: [{ balance: 0 }, { balance: 0 }],
  });
  await give(person, 20);
  expect(await next(screen)).toMatchObject({ wallets: [{ balance: 20, available: 20 }, {}] });
  await give(person, 3, "CREDITS");
  expect(await next(screen)).toMatchObject({
    version: 2,
    wallets: [{ balance: 20 }, { balance: 3 }],
  });
  const { unitOfWork, wallet } = world.nodes[1]!.parts;
  await unitOfWork.run((tx) =>
    wallet.holds.hold(tx, {
      userId: person.userId,
      currency: "CREDITS",
      amount: 1,
      reference: { type: "job", id: "try_1" },
      key: "try_1:charge",
      expiresAt: new Date(Date.now() + 60_000),
    }),
  );
  expect(await next(screen)).toMatchObject({
    wallets: [{}, { balance: 3, held: 1, available: 2 }],
  });
  const resumed = person.at(world.nodes[1]!.url).watch(WATCH, { afterVersion: 3 });
  const pending = next(resumed);
  await give(person, 1);
  expect(await pending).toMatchObject({ version: 4 });
});

test("every change is an event of the viewer's feed", async () => {
  const person = await world.person();
  await give(person, 20);
  const events = person.watch(EVENTS, { after: 0 });
  const { viewer } = await person.must(WALLETS);
  expect(await next(events)).toMatchObject({ seq: 1, wallet: viewer.wallets[0] });
  await give(person, 5, "CREDITS");
  expect(await next(events)).toMatchObject({ seq: 2, wallet: { currency: "CREDITS", balance: 5 } });
});

test("the ledger pages both ways, newest first", async () => {
  const person = await world.person();
  for (const amount of [1, 2, 3, 4, 5]) await give(person, amount);
  await give(person, 100, "CREDITS");
  const page = async (first: number, after?: string) =>
    (await person.must(LEDGER, { currency: "POINTS", first, after })).viewer.ledger;
  const start = await page(2);
  expect(start.nodes.map((entry: any) => [entry.delta, entry.balanceAfter])).toEqual([
    [5, 15],
    [4, 10],
  ]);
  expect(start.nodes[0]).toMatchObject({ kind: "PURCHASE", currency: "POINTS", about: null });
  const rest = await page(10, start.pageInfo.endCursor);
  expect(rest.nodes.map((entry: any) => entry.delta)).toEqual([3, 2, 1]);
  expect(rest.pageInfo.hasNextPage).toBe(false);
  const { viewer } = await person.must(`{ viewer {
    ledger(currency: POINTS, last: 2) { nodes { delta } } } }`);
  expect(viewer.ledger.nodes.map((entry: any) => entry.delta)).toEqual([2, 1]);

  const foreign = await person.send(LEDGER, {
    currency: "CREDITS",
    after: start.pageInfo.endCursor,
  });
  expect(foreign.errors?.[0]?.extensions.code).toBe("BAD_USER_INPUT");
});

test("wallets are their owner's alone", async () => {
  const [ada, bob] = [await world.person(), await world.person()];
  await give(ada, 20);
  const node = `query ($id: ID!) { node(id: $id) { id ... on Wallet { balance } } }`;
  const id = `wpt${ada.userId.slice(3)}`;
  expect(await ada.must(node, { id })).toEqual({ node: { id, balance: 20 } });
  expect(await bob.must(node, { id })).toEqual({ node: null });
  expect((await bob.must(LEDGER, { currency: "POINTS" })).viewer.ledger.nodes).toEqual([]);
  const stranger = await world.stranger().send(WALLETS);
  expect(stranger.errors?.[0]?.extensions.code).toBe("UNAUTHENTICATED");

  const screen = bob.watch(WATCH);
  await next(screen);
  await give(ada, 1);
  await give(bob, 2);
  expect(await next(screen)).toMatchObject({ wallets: [{ balance: 2 }, {}] });
});

test("an entry shows what it was for, if that is the viewer's; one or many cost the same statements", async () => {
  const [ada, bob] = [await world.person(), await world.person()];
  const query = `query ($first: Int) { viewer { wallets { balance available }
    ledger(currency: POINTS, first: $first) { nodes { delta about { id } } } } }`;
  for (const id of [ada.userId, bob.userId, `wcr${ada.userId.slice(3)}`]) {
    await give(ada, 1, "POINTS", id);
  }
  const one = await statementsOf(() => ada.must(query, { first: 1 }));
  const all = await statementsOf(() => ada.must(query, { first: 100 }));
  expect(all.data.viewer.ledger.nodes.map((entry: any) => entry.about)).toEqual([
    { id: `wcr${ada.userId.slice(3)}` },
    null,
    { id: ada.userId },
  ]);
  // The session, the user, the wallets, the page; the wallet that an entry is about is known by then.
  expect([one.statements, all.statements]).toEqual([4, 4]);
});

/** Runs one operation at the first node and tells how many statements that node counted for it. */
async function statementsOf(work: () => Promise<any>): Promise<{ data: any; statements: number }> {
  const read = async () => {
    const text = await (await fetch(`${world.url}/metrics`)).text();
    const sums = [...text.matchAll(/^facet_operation_statements_sum\{[^}]*\} (\S+)/gm)];
    return sums.reduce((total, [, sum]) => total + Number(sum), 0);
  };
  const before = await read();
  const data = await work();
  return { data, statements: (await read()) - before };
}
