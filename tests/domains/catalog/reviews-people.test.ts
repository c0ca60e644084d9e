import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { personWith } from "../../support/belongings.ts";
import type { TestClient } from "../../support/client.ts";
import { until } from "../../support/until.ts";
import { createWorld, type World } from "../../support/world.ts";
import { achievementsOf, rewardsOf } from "../goals/goals-bed.ts";
import { MERGE, openAccount, openGuest, PASSWORD } from "../identity/persons-bed.ts";
import {
  decide,
  findings,
  helpfulCount,
  ownReview,
  productsOnSale,
  published,
  shown,
  vote,
  write,
  written,
} from "./reviews-bed.ts";

let world: World;
let moderator: TestClient;
let number = 0;
beforeAll(async () => {
  world = await createWorld({ nodes: 1 });
  moderator = await personWith(world, "MODERATOR");
});
afterAll(async () => {
  const found = await findings(world);
  await world.stop();
  expect(found).toEqual([]);
});

const account = () => openAccount(world, `reviews${(number += 1)}@facet.test`);
const query = (text: string, values: unknown[]) =>
  world.nodes[0]!.stores.database.query<any>(text, values);
const shop = () => world.nodes[0]!.parts.personalData.find(({ name }) => name === "shop")!;

test("a guest's reviews and votes become the account's, which keeps its own and votes for none of them", async () => {
  const [both, guests, voted] = await productsOnSale(world, 3);
  const { client: guest, device } = await openGuest(world);
  const [owner, other] = [await account(), await world.person()];
  const guestsFirst = await published({ writer: guest, moderator }, both!, { rating: 1 });
  const guestsOwn = await published({ writer: guest, moderator }, guests!, { rating: 2 });
  const own = await published({ writer: owner, moderator }, both!, { rating: 5 });
  const others = await published({ writer: other, moderator }, voted!);
  for (const voter of [guest, owner, other]) await vote(voter, voter === other ? own : others);
  await vote(owner, guestsOwn);
  await vote(other, guestsOwn);
  await vote(guest, own);

  const { mergeGuest } = await owner.must(MERGE, { input: device });
  expect(mergeGuest.problems).toEqual([]);
  expect(mergeGuest.merged).toContainEqual({ name: "reviews", count: 1 });

  expect(await shown(owner, both!)).toEqual({ average: 5, count: 1, reviews: [own] });
  expect(await ownReview(owner, guests!)).toMatchObject({ id: guestsOwn, rating: 2 });
  expect(await query("select 1 from reviews where id = $1", [guestsFirst])).toEqual([]);
  // Of guest and account one vote is left for what is another's, and none for what is their own.
  expect(await helpfulCount(world, others)).toBe(1);
  expect(await helpfulCount(world, guestsOwn)).toBe(1);
  expect(await helpfulCount(world, own)).toBe(1);
  const unlocked = (await achievementsOf(owner)).find(({ name }) => name === "FIRST_REVIEW");
  expect(unlocked).toMatchObject({ isUnlocked: true });
  expect(await rewardsOf(world, owner.userId)).toEqual([{ name: "FIRST_REVIEW", delta: 20 }]);
});

test("what is written, voted and decided while a guest is merged happens before or not at all", async () => {
  const products = await productsOnSale(world, 8);
  const { client: guest, device } = await openGuest(world);
  const owner = await account();
  const [waiting, theirs] = [
    await written(guest, products[0]!),
    await published({ writer: await world.person(), moderator }, products[1]!),
  ];
  const during = [
    ...products
      .slice(2)
      .flatMap((product) => [
        write(guest, product).catch(() => null),
        write(owner, product, { rating: 5 }).catch(() => null),
      ]),
    vote(guest, theirs).catch(() => null),
    vote(owner, theirs).catch(() => null),
    decide(moderator, waiting),
  ];
  const [{ mergeGuest }] = await Promise.all([owner.must(MERGE, { input: device }), ...during]);
  expect(mergeGuest.problems).toEqual([]);
  for (const table of shop().tables) {
    expect(await query(`select 1 from "${table}" where user_id = $1`, [guest.userId])).toEqual([]);
  }
  expect(await query("select 1 from reviews where user_id = $1", [owner.userId])).toHaveLength(7);
  expect(await shown(owner, products[0]!)).toMatchObject({ count: 1, reviews: [waiting] });
  expect(await helpfulCount(world, theirs)).toBe(1);
  const { viewer } = await owner.must(
    "{ viewer { wallets { currency balance } achievements { name isUnlocked } } }",
  );
  expect(viewer.wallets).toContainEqual({ currency: "POINTS", balance: 20 });
  expect(viewer.achievements).toContainEqual({ name: "FIRST_REVIEW", isUnlocked: true });
});

test("an export tells what one wrote and what helped, without our own ids of people", async () => {
  const [first, second] = await productsOnSale(world, 2);
  const [owner, other] = [await account(), await world.person()];
  const id = await written(owner, first!, { title: "Mine", comment: "All of it." });
  await decide(moderator, id, "REJECTED");
  const helpful = await published({ writer: other, moderator }, second!);
  await vote(owner, helpful);
  const exported: any = await shop().export(owner.userId);
  expect(exported.reviews).toMatchObject([
    {
      productId: first,
      title: "Mine",
      comment: "All of it.",
      status: "REJECTED",
      rejectionReason: "Not about the product.",
    },
  ]);
  expect(exported.helpfulReviews).toEqual([{ reviewId: helpful, votedAt: expect.any(Date) }]);
  expect(JSON.stringify(exported)).not.toMatch(owner.userId);
});

test("who deletes the account leaves approved words without a name, and nothing else", async () => {
  const [seen, waits, rejected, voted] = await productsOnSale(world, 4);
  const [owner, other] = [await account(), await world.person()];
  await query("update users set first_name = 'Sokunthea' where id = $1", [owner.userId]);
  const stays = await published({ writer: owner, moderator }, seen!, { rating: 2 });
  await written(owner, waits!);
  await decide(moderator, await written(owner, rejected!), "REJECTED");
  const helpful = await published({ writer: other, moderator }, voted!);
  await vote(owner, helpful);
  await vote(other, stays);

  const { deleteMyAccount } = await owner.must(
    `mutation ($input: DeleteMyAccountInput!) { deleteMyAccount(input: $input) { problems { code } } }`,
    { input: { password: PASSWORD } },
  );
  expect(deleteMyAccount.problems).toEqual([]);
  await until(
    () => query("select erased_at from users where id = $1", [owner.userId]),
    ([user]) => user.erased_at !== null,
  );
  for (const table of shop().tables) {
    expect(await query(`select 1 from "${table}" where user_id = $1`, [owner.userId])).toEqual([]);
  }
  expect(
    await query("select 1 from reviews where product_id = any($1)", [[waits, rejected]]),
  ).toEqual([]);
  expect(await shown(other, seen!)).toEqual({ average: 2, count: 1, reviews: [stays] });
  const node = `{ node(id: "${stays}") { ... on Review { authorName helpfulCount } } }`;
  expect((await other.must(node)).node).toEqual({ authorName: null, helpfulCount: 1 });
  expect(await helpfulCount(world, helpful)).toBe(0);

  // The staff can still take it off, and nobody is told of it.
  expect((await decide(moderator, stays, "REJECTED")).review.customer).toBeNull();
  expect(await shown(other, seen!)).toMatchObject({ count: 0 });
});
