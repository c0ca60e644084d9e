import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { personWith } from "../../support/belongings.ts";
import type { TestClient } from "../../support/client.ts";
import { createWorld, type World } from "../../support/world.ts";
import {
  codesOf,
  change,
  findings,
  helpfulCount,
  PRODUCT_REVIEWS,
  productsOnSale,
  published,
  remove,
  REVIEW_VOTES,
  vote,
  written,
} from "./reviews-bed.ts";

let world: World;
let writer: TestClient;
let moderator: TestClient;
let product: string;
beforeAll(async () => {
  world = await createWorld({ nodes: 2, workers: 0 });
  [writer, moderator] = [await world.person(), await personWith(world, "MODERATOR")];
});
afterAll(async () => {
  const found = await findings(world);
  await world.stop();
  expect(found).toEqual([]);
});

const review = async (): Promise<string> => {
  product = (await productsOnSale(world, 1))[0]!;
  return published({ writer, moderator }, product);
};
const people = (count: number) => Promise.all(Array.from({ length: count }, () => world.person()));

test("a vote counts once, is taken back once, and the voter is told of it", async () => {
  const id = await review();
  const voter = await world.person();
  const given = { review: { id, helpfulCount: 1, viewerHasVoted: true }, problems: [] };
  expect(await vote(voter, id)).toEqual(given);
  expect(await vote(voter, id)).toEqual(given);
  const none = { review: { id, helpfulCount: 0, viewerHasVoted: false }, problems: [] };
  expect(await vote(voter, id, false)).toEqual(none);
  expect(await vote(voter, id, false)).toEqual(none);
});

test("many people at once, each several times and on two nodes: as many votes as people", async () => {
  const id = await review();
  const voters = await people(15);
  await Promise.all(
    voters.flatMap((voter) => [0, 1, 0].map((node) => vote(voter.at(world.nodes[node]!.url), id))),
  );
  expect(await helpfulCount(world, id)).toBe(15);
  await Promise.all(
    voters
      .slice(0, 5)
      .flatMap((voter) => [0, 1].map((node) => vote(voter.at(world.nodes[node]!.url), id, false))),
  );
  expect(await helpfulCount(world, id)).toBe(10);
});

test("people who change their minds on several reviews at once: counts are those of the votes", async () => {
  const ids = await Promise.all([review(), review(), review()]);
  const voters = await people(8);
  await Promise.all(
    voters.flatMap((voter, index) =>
      (index % 2 ? ids : ids.toReversed()).map((id, place) => vote(voter, id, place !== 1)),
    ),
  );
  for (const id of ids) expect(await helpfulCount(world, id)).toBe(id === ids[1] ? 0 : 8);
});

test("nobody votes for what he wrote himself", async () => {
  const id = await review();
  const answer = await vote(writer, id);
  expect(answer.review).toBeNull();
  expect(codesOf(answer)).toEqual(["OWN_REVIEW"]);
  expect(await helpfulCount(world, id)).toBe(0);
});

test("what is not approved has no votes for others to give", async () => {
  const id = await review();
  const voter = await world.person();
  await vote(voter, id);
  await change(writer, { reviewId: id, rating: 1 });
  const [waits] = await productsOnSale(world, 1);
  const waiting = await written(writer, waits!);
  for (const one of [id, waiting, "rev_0000000000000", "nothing"]) {
    await expect(vote(voter, one)).rejects.toThrow("NOT_FOUND");
  }
  await expect(vote(world.stranger(), id)).rejects.toThrow("UNAUTHENTICATED");
  // What it had helped stays with it while it waits.
  expect(await helpfulCount(world, id)).toBe(1);
});

test("what is deleted takes its votes along", async () => {
  const id = await review();
  const voters = await people(3);
  await Promise.all(voters.map((voter) => vote(voter, id)));
  const [{ deletedId }] = await Promise.all([
    remove(writer, id),
    ...voters.map((voter) => vote(voter, id, false).catch(() => null)),
  ]);
  expect(deletedId).toBe(id);
  const { database } = world.nodes[0]!.stores;
  const left = await database.query("select 1 from review_votes where review_id = $1", [id]);
  expect(left).toEqual([]);
});

test("sixty votes a minute, not more", async () => {
  const id = await review();
  const voter = await world.person();
  const answers = await Promise.allSettled(
    Array.from({ length: 65 }, (_, index) => vote(voter, id, index % 2 === 0)),
  );
  expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(60);
  await expect(vote(voter, id)).rejects.toThrow("RATE_LIMITED");
});

test("a review tells each viewer of the own vote only, and sorts by what helped most", async () => {
  const [helped, second] = [await review(), await world.person()];
  const third = await world.person();
  const other = await published({ writer: second, moderator }, product);
  await Promise.all([vote(third, helped), vote(second, helped), vote(third, other)]);
  const voted = async (person: TestClient) =>
    (await person.must(REVIEW_VOTES, { ids: [helped, other] })).nodes.map(
      ({ viewerHasVoted }: any) => viewerHasVoted as boolean,
    );
  expect(await voted(second)).toEqual([true, false]);
  expect(await voted(third)).toEqual([true, true]);
  expect(await voted(writer)).toEqual([false, false]);
  const { reviews } = (await third.must(PRODUCT_REVIEWS, { id: product, sort: "MOST_HELPFUL" }))
    .product;
  expect(reviews.nodes.map(({ id, helpfulCount: count }: any) => [id, count])).toEqual([
    [helped, 2],
    [other, 1],
  ]);
});
