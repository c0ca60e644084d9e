import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { personWith } from "../../support/belongings.ts";
import type { TestClient } from "../../support/client.ts";
import { createWorld, type World } from "../../support/world.ts";
import {
  change,
  codesOf,
  decide,
  findings,
  ownReview,
  productsOnSale,
  published,
  remove,
  shown,
  VIEWER_REVIEWS,
  write,
  written,
} from "./reviews-bed.ts";

let world: World;
let moderator: TestClient;
beforeAll(async () => {
  world = await createWorld({ nodes: 2, workers: 0 });
  moderator = await personWith(world, "MODERATOR");
});
afterAll(async () => {
  const found = await findings(world);
  await world.stop();
  expect(found).toEqual([]);
});

const oneOnSale = async (): Promise<string> => (await productsOnSale(world, 1))[0]!;
const countOf = async (userId: string): Promise<number> => {
  const rows = await world.nodes[0]!.stores.database.query(
    "select 1 from reviews where user_id = $1",
    [userId],
  );
  return rows.length;
};

test("what is written waits: its writer sees it, nobody else does", async () => {
  const product = await oneOnSale();
  const [writer, other] = [await world.person(), await world.person()];
  await writer.must('mutation { updateProfile(input: { firstName: "Dara" }) { viewer { id } } }');
  const { review, problems } = await write(writer, product, {
    rating: 5,
    title: "  A find ",
    comment: " Soft skin. ",
  });
  expect(problems).toEqual([]);
  expect(review).toMatchObject({
    rating: 5,
    title: "A find",
    comment: "Soft skin.",
    status: "PENDING",
    rejectionReason: null,
    product: { id: product, viewerReview: { id: review.id } },
  });
  const node = `{ node(id: "${review.id}") { ... on Review { comment status authorName } } }`;
  expect((await writer.must(node)).node).toEqual({
    comment: "Soft skin.",
    status: "PENDING",
    authorName: "Dara",
  });
  expect((await other.must(node)).node).toBeNull();
  expect(await ownReview(other, product)).toBeNull();
  expect(await ownReview(world.stranger(), product)).toBeNull();
  for (const person of [writer, other, world.stranger()]) {
    expect(await shown(person, product)).toEqual({ average: null, count: 0, reviews: [] });
  }
});

test("twenty calls at once from two nodes: one review, the others are told of it", async () => {
  const product = await oneOnSale();
  const writer = await world.person();
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      write(writer.at(world.nodes[index % 2]!.url), product, { rating: 1 + (index % 5) }),
    ),
  );
  expect(answers.filter(({ review }) => review !== null)).toHaveLength(1);
  const refused = answers.filter(({ review }) => review === null);
  expect(refused.flatMap(codesOf)).toEqual(Array(19).fill("REVIEW_EXISTS"));
  expect(refused[0].problems[0].path).toEqual(["input", "productId"]);
  expect(await countOf(writer.userId)).toBe(1);
});

test("twenty calls at once with one key: one review, and each gets it; with other words the key is refused", async () => {
  const product = await oneOnSale();
  const writer = await world.person();
  const input = { rating: 3, comment: "So so.", idempotencyKey: "once" };
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      write(writer.at(world.nodes[index % 2]!.url), product, input),
    ),
  );
  expect(answers.flatMap(codesOf)).toEqual([]);
  expect(new Set(answers.map(({ review }) => review.id)).size).toBe(1);
  await expect(write(writer, product, { ...input, rating: 4 })).rejects.toThrow(
    "IDEMPOTENCY_MISMATCH",
  );
  expect(await countOf(writer.userId)).toBe(1);
});

test.each([
  ["no star", { rating: 0 }, "rating"],
  ["a sixth star", { rating: 6 }, "rating"],
  ["a long title", { title: "x".repeat(161) }, "title"],
  ["a long text", { comment: "x".repeat(5_001) }, "comment"],
  ["a bell", { comment: "a\u0007b" }, "comment"],
])("%s is refused, and changes nothing", async (_what, bad, field) => {
  const product = await oneOnSale();
  const writer = await world.person();
  const refused = { review: null, problems: [{ code: "INVALID_INPUT", path: ["input", field] }] };
  expect(await write(writer, product, bad)).toMatchObject(refused);
  expect(await countOf(writer.userId)).toBe(0);
  const reviewId = await written(writer, product);
  expect(await change(writer, { reviewId, ...bad })).toMatchObject(refused);
  expect(await ownReview(writer, product)).toMatchObject({ rating: 4, comment: "Good." });
});

test("letters are counted as people count them", async () => {
  const comment = "😀".repeat(5_000);
  const { review } = await write(await world.person(), await oneOnSale(), { comment });
  expect(review.comment).toBe(comment);
});

test("only what is on sale can be reviewed", async () => {
  const product = await oneOnSale();
  const { database } = world.nodes[0]!.stores;
  await database.query("update products set status = 'archived' where id = $1", [product]);
  const writer = await world.person();
  for (const id of [product, "prd_0000000000000", "nothing"]) {
    await expect(write(writer, id)).rejects.toThrow("NOT_FOUND");
  }
  expect(await countOf(writer.userId)).toBe(0);
});

test("other words wait again and leave the rating until they are approved; the same words change nothing", async () => {
  const product = await oneOnSale();
  const writer = await world.person();
  const reviewId = await published({ writer, moderator }, product, { rating: 5, title: "Yes" });
  expect(await shown(writer, product)).toEqual({ average: 5, count: 1, reviews: [reviewId] });

  const same = await change(writer, { reviewId, rating: 5, comment: "Good. " });
  expect(same.review).toMatchObject({ status: "APPROVED", title: "Yes" });

  const changed = await change(writer, { reviewId, rating: 2, title: null });
  expect(changed.review).toMatchObject({
    rating: 2,
    title: null,
    comment: "Good.",
    status: "PENDING",
    product: { ratingSummary: { average: null, count: 0 } },
  });
  expect(await shown(world.stranger(), product)).toMatchObject({ count: 0, reviews: [] });
  await decide(moderator, reviewId, "APPROVED", { version: 2 });
  expect(await shown(world.stranger(), product)).toEqual({
    average: 2,
    count: 1,
    reviews: [reviewId],
  });
});

test("what is deleted is gone with its stars, and makes room for another", async () => {
  const product = await oneOnSale();
  const writer = await world.person();
  const reviewId = await published({ writer, moderator }, product);
  expect(await remove(writer, reviewId)).toEqual({
    deletedId: reviewId,
    product: {
      id: product,
      ratingSummary: { average: null, count: 0, histogram: [0, 0, 0, 0, 0] },
      viewerReview: null,
    },
    problems: [],
  });
  expect(await shown(world.stranger(), product)).toMatchObject({ count: 0, reviews: [] });
  await expect(remove(writer, reviewId)).rejects.toThrow("NOT_FOUND");
  expect(await written(writer, product)).not.toBe(reviewId);
});

test("another person's review is as good as none", async () => {
  const product = await oneOnSale();
  const [writer, other] = [await world.person(), await world.person()];
  const reviewId = await published({ writer, moderator }, product);
  for (const id of [reviewId, "rev_0000000000000", "nothing"]) {
    await expect(change(other, { reviewId: id, rating: 1 })).rejects.toThrow("NOT_FOUND");
    await expect(remove(other, id)).rejects.toThrow("NOT_FOUND");
  }
  for (const work of [
    () => write(world.stranger(), product),
    () => change(world.stranger(), { reviewId, rating: 1 }),
    () => remove(world.stranger(), reviewId),
  ]) {
    await expect(work()).rejects.toThrow("UNAUTHENTICATED");
  }
  expect(await shown(writer, product)).toMatchObject({ average: 4, count: 1 });
});

test("twenty reviews of a person may wait, also when thirty come at once; a decision makes room", async () => {
  const products = await productsOnSale(world, 30);
  const writer = await world.person();
  const answers = await Promise.all(products.map((product) => write(writer, product)));
  const taken = answers.filter(({ review }) => review !== null);
  expect(taken).toHaveLength(20);
  expect(answers.flatMap(codesOf)).toEqual(Array(10).fill("TOO_MANY_REVIEWS_WAITING"));
  expect(await countOf(writer.userId)).toBe(20);

  const [first] = taken.map(({ review }) => review.id as string);
  await decide(moderator, first!, "REJECTED");
  const free = products.find((_product, index) => answers[index].review === null)!;
  await written(writer, free);
  expect(codesOf(await change(writer, { reviewId: first, rating: 1 }))).toEqual([
    "TOO_MANY_REVIEWS_WAITING",
  ]);
  expect(codesOf(await change(writer, { reviewId: taken[1].review.id, rating: 1 }))).toEqual([]);
});

test("fifty reviews are written and changed in a day, not more", async () => {
  const product = await oneOnSale();
  const writer = await world.person();
  const reviewId = await written(writer, product);
  const answers = await Promise.allSettled(
    Array.from({ length: 55 }, (_, index) => change(writer, { reviewId, rating: 1 + (index % 5) })),
  );
  expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(49);
  await expect(change(writer, { reviewId, rating: 1 })).rejects.toThrow("RATE_LIMITED");
});

test("a person's reviews, whatever became of them, are a list of pages", async () => {
  const products = await productsOnSale(world, 5);
  const writer = await world.person();
  const ids: string[] = [];
  for (const product of products) ids.push(await written(writer, product));
  await decide(moderator, ids[0]!);
  await decide(moderator, ids[1]!, "REJECTED");
  const seen: any[] = [];
  for (let after: string | null = null, more = true; more;) {
    const { viewer } = await writer.must(VIEWER_REVIEWS, { first: 2, after });
    seen.push(...viewer.reviews.nodes);
    after = viewer.reviews.pageInfo.endCursor;
    more = viewer.reviews.pageInfo.hasNextPage;
  }
  expect(seen.map(({ id }) => id)).toEqual(ids.toReversed());
  expect(seen.slice(-2)).toMatchObject([
    { status: "REJECTED", rejectionReason: "Not about the product." },
    { status: "APPROVED", rejectionReason: null },
  ]);
});
