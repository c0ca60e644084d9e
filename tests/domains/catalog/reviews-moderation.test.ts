import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { ACHIEVEMENTS } from "../../../src/domains/goals/achievements/achievement.catalogue.ts";
import { personWith } from "../../support/belongings.ts";
import type { TestClient } from "../../support/client.ts";
import { createWorld, type World } from "../../support/world.ts";
import { sentDuring } from "../../support/sent-statements.ts";
import { achievementsOf, newsOf, registered, rewardsOf } from "../goals/goals-bed.ts";
import {
  ADMIN_REVIEWS,
  change,
  codesOf,
  decide,
  findings,
  ownReview,
  productsOnSale,
  remove,
  shown,
  written,
} from "./reviews-bed.ts";

let world: World;
let moderator: TestClient;
let admin: TestClient;
beforeAll(async () => {
  world = await createWorld({ nodes: 2, workers: 0 });
  [moderator, admin] = [await personWith(world, "MODERATOR"), await personWith(world, "ADMIN")];
});
afterAll(async () => {
  const found = await findings(world);
  await world.stop();
  expect(found).toEqual([]);
});

const oneOnSale = async (): Promise<string> => (await productsOnSale(world, 1))[0]!;
const audits = (subject: string) =>
  world.nodes[0]!.stores.database.query<any>(
    `select actor_id as "by", action, before, after from audit_log where subject = $1 order by id`,
    [subject],
  );
const firstReview = async (person: TestClient) =>
  (await achievementsOf(person)).find(({ name }) => name === "FIRST_REVIEW");

test("a review is approved, rejected and approved again: the rating follows each step, and each is remembered", async () => {
  const product = await oneOnSale();
  const writer = await world.person();
  const id = await written(writer, product, { rating: 5 });
  const rating = async () => shown(world.stranger(), product);

  expect((await decide(moderator, id)).review).toMatchObject({
    id,
    version: 1,
    customer: { id: writer.userId },
    review: { id, status: "APPROVED", rating: 5 },
  });
  expect(await rating()).toEqual({ average: 5, count: 1, reviews: [id] });

  await decide(admin, id, "REJECTED", { reason: "  An advertisement. " });
  expect(await rating()).toEqual({ average: null, count: 0, reviews: [] });
  expect(await ownReview(writer, product)).toMatchObject({
    status: "REJECTED",
    rejectionReason: "An advertisement.",
  });

  await decide(moderator, id);
  expect(await rating()).toEqual({ average: 5, count: 1, reviews: [id] });
  expect(await ownReview(writer, product)).toMatchObject({
    status: "APPROVED",
    rejectionReason: null,
  });
  const action = "adminModerateReview";
  const pending = { status: "PENDING", reason: null, version: 1 };
  const approved = { status: "APPROVED", reason: null, version: 1 };
  const rejected = { status: "REJECTED", reason: "An advertisement.", version: 1 };
  expect(await audits(id)).toEqual([
    { by: moderator.userId, action, before: pending, after: approved },
    { by: admin.userId, action, before: approved, after: rejected },
    { by: moderator.userId, action, before: rejected, after: approved },
  ]);
});

test("the same decision by ten at once is made and remembered once", async () => {
  const product = await oneOnSale();
  const id = await written(await world.person(), product, { rating: 3 });
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, index) =>
      decide((index % 2 ? moderator : admin).at(world.nodes[index % 2]!.url), id),
    ),
  );
  expect(answers.flatMap(codesOf)).toEqual([]);
  expect(await audits(id)).toHaveLength(1);
  expect(await shown(world.stranger(), product)).toMatchObject({ average: 3, count: 1 });
});

test("words that nobody has read are not approved", async () => {
  const product = await oneOnSale();
  const writer = await world.person();
  const reviewId = await written(writer, product);
  await change(writer, { reviewId, comment: "Buy at my shop!" });
  const late = await decide(moderator, reviewId);
  expect(late.review).toBeNull();
  expect(late.problems).toMatchObject([{ code: "REVIEW_CHANGED", path: ["input", "version"] }]);
  expect(await ownReview(writer, product)).toMatchObject({ status: "PENDING" });
  expect(await audits(reviewId)).toEqual([]);
});

test("a rejection says why", async () => {
  const product = await oneOnSale();
  const id = await written(await world.person(), product);
  for (const reason of [null, " ", "x".repeat(501)]) {
    const answer = await decide(moderator, id, "REJECTED", { reason });
    expect(answer.problems).toMatchObject([{ code: "INVALID_INPUT", path: ["input", "reason"] }]);
  }
  expect(await audits(id)).toEqual([]);
  await expect(decide(moderator, "rev_0000000000000")).rejects.toThrow("NOT_FOUND");
});

test("who is no moderator sees no list and decides nothing", async () => {
  const product = await oneOnSale();
  const writer = await world.person();
  const id = await written(writer, product);
  for (const [person, code] of [
    [world.stranger(), "UNAUTHENTICATED"],
    [writer, "FORBIDDEN"],
  ] as const) {
    await expect(person.must(ADMIN_REVIEWS)).rejects.toThrow(code);
    await expect(decide(person, id)).rejects.toThrow(code);
  }
  expect(await ownReview(writer, product)).toMatchObject({ status: "PENDING" });
});

test("what waits is a list of pages, the first written first, in the same few statements however long", async () => {
  const products = await productsOnSale(world, 6);
  const ids: string[] = [];
  for (const product of products) ids.push(await written(await world.person(), product));
  const page = async (variables: object) => {
    let answer: any;
    const sent = await sentDuring(async () => {
      answer = (await moderator.must(ADMIN_REVIEWS, { ...variables })).adminReviews;
    });
    return { ...answer, reads: sent.filter(({ text }) => /reviews|users|products/.test(text)) };
  };
  const seen: string[] = [];
  for (let after: string | null = null, more = true; more;) {
    const { nodes, pageInfo } = await page({ first: 4, after });
    seen.push(...nodes.map(({ id }: any) => id as string));
    after = pageInfo.endCursor;
    more = pageInfo.hasNextPage;
  }
  expect(seen.slice(-6)).toEqual(ids);
  expect(seen).toEqual(seen.toSorted());
  const [small, large] = [await page({ first: 2 }), await page({ first: 6 })];
  expect(large.nodes).toHaveLength(6);
  expect(large.reads.length).toBe(small.reads.length);
  await decide(moderator, ids[0]!);
  const approved = await page({ status: "APPROVED", first: 100 });
  expect(approved.nodes.map(({ id }: any) => id)).toContain(ids[0]);
});

test("the first approved review is an achievement, with its points and one notification", async () => {
  const products = await productsOnSale(world, 2);
  const writer = await registered(world);
  const ids: string[] = [];
  for (const product of products) ids.push(await written(writer, product));
  expect(await firstReview(writer)).toMatchObject({ count: 0, isUnlocked: false });
  await decide(moderator, ids[0]!, "REJECTED");
  expect(await firstReview(writer)).toMatchObject({ count: 0, isUnlocked: false });
  await decide(moderator, ids[1]!);
  expect(await firstReview(writer)).toMatchObject({
    title: "First review",
    count: 1,
    isUnlocked: true,
    rewardPoints: 20,
  });
  expect(await rewardsOf(world, writer.userId)).toEqual([{ name: "FIRST_REVIEW", delta: 20 }]);
  expect(await newsOf(world, writer.userId, "ACHIEVEMENT_UNLOCKED")).toHaveLength(1);
  const { title, description } = ACHIEVEMENTS.find(({ name }) => name === "FIRST_REVIEW")!;
  for (const { KH } of [title, description]) expect(KH).toMatch(/^[\u1780-\u17ff\s]+$/);
});

test("eight reviews approved at once, some by two: the achievement and its points once, each review counted once", async () => {
  const products = await productsOnSale(world, 8);
  const writer = await registered(world);
  const ids = await Promise.all(products.map((product) => written(writer, product)));
  const decisions = ids.flatMap((id, index) => [
    decide(moderator.at(world.nodes[index % 2]!.url), id),
    decide(admin.at(world.nodes[(index + 1) % 2]!.url), id),
  ]);
  expect((await Promise.all(decisions)).flatMap(codesOf)).toEqual([]);
  const approvedOf = async () => {
    const { database } = world.nodes[0]!.stores;
    const [profile] = await database.query<{ approved: number }>(
      `select reviews_approved as approved from goal_profiles where user_id = $1`,
      [writer.userId],
    );
    return profile?.approved;
  };
  expect(await approvedOf()).toBe(8);

  // Approved once more it is no other review.
  const reviewId = ids[0]!;
  await change(writer, { reviewId, rating: 1 });
  await decide(moderator, reviewId, "APPROVED", { version: 2 });
  await remove(writer, ids[1]!);
  expect(await approvedOf()).toBe(8);
  expect(await rewardsOf(world, writer.userId)).toEqual([{ name: "FIRST_REVIEW", delta: 20 }]);
  expect(await newsOf(world, writer.userId, "ACHIEVEMENT_UNLOCKED")).toHaveLength(1);
});

test("an approval that cannot be finished leaves nothing: no stars, no achievement, no memory of it", async () => {
  const product = await oneOnSale();
  const writer = await world.person();
  const id = await written(writer, product);
  const { parts } = world.nodes[0]!;
  const { moderation } = parts.catalog;
  const cut = parts.unitOfWork.run(async (tx) => {
    await moderation.decide(tx, { id, version: 1, status: "APPROVED", reason: null });
    throw new Error("power cut");
  });
  await expect(cut).rejects.toThrow("power cut");
  expect(await shown(writer, product)).toEqual({ average: null, count: 0, reviews: [] });
  expect(await firstReview(writer)).toMatchObject({ count: 0, isUnlocked: false });
  expect(await rewardsOf(world, writer.userId)).toEqual([]);
});
