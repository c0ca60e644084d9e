import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { OwnReviewRepository } from "../../../../src/domains/catalog/reviews/own-review.repository.ts";
import { ReviewVoteRepository } from "../../../../src/domains/catalog/reviews/review-vote.repository.ts";
import { WishlistRepository } from "../../../../src/domains/catalog/wishlists/wishlist.repository.ts";
import type { PageRequest } from "../../../../src/platform/graphql/connection.ts";
import { openLargeShop, type LargeShop } from "./large-shop.ts";
import { FILTERS, pagesOf, productPages, REVIEW_SORTS, SEARCHES } from "./list-queries.ts";
import { PlanCheck } from "./plan-check.ts";

let shop: LargeShop;
let plans: PlanCheck;
beforeAll(async () => {
  shop = await openLargeShop();
  plans = await PlanCheck.open(shop);
}, 30_000);
afterAll(async () => {
  await plans.close();
  await shop.close();
});

test.each(SEARCHES)("a search for %s", async (search) => {
  const filter = `search: "${search}"`;
  for (const sort of ["RELEVANCE", "NEWEST", "PRICE_ASC"]) {
    const pages = await productPages(shop, sort, filter);
    expect(await plans.faultsOf(pages, { pages: 3_000 })).toEqual([]);
  }
});

test.each([...FILTERS, `search: "serum"`, `search: "ទឹក"`, ""])(
  "how many { %s } leaves, and facets",
  async (filter) => {
    const counts =
      "totalCount facets { brands { brand } categories { category { slug } productCount } }";
    const query = `{ products(first: 1, filter: { ${filter} }) { ${counts} } }`;
    // Each product and its categories, from indexes: nothing less can be counted.
    const budget = { pages: 25_000, wholeCategories: true };
    expect(await plans.faultsOf([query], budget)).toEqual([]);
  },
);

test("suggestions", async () => {
  const prefixes = ["se", "House", "house 1", "shelf", "សេ", "ទ", "a", "zz", "cream 1"];
  const queries = prefixes.map(
    (prefix) =>
      `{ searchSuggestions(prefix: "${prefix}", first: 20) { kind product { name } category { slug } } }`,
  );
  expect(await plans.faultsOf(queries, { pages: 6_000, wholeCategories: true })).toEqual([]);
});

test("the tree of categories, and a few products of each", async () => {
  const tree = "{ categories { slug children { slug parent { slug } children { slug } } } }";
  expect(await plans.faultsOf([tree], { pages: 80 })).toEqual([]);
  const shelves = "{ categories { children { products(first: 3) { nodes { id } } } } }";
  expect(await plans.faultsOf([shelves], { pages: 25_000 })).toEqual([]);
  const concerns = "{ skinConcerns { concern productCount } }";
  expect(await plans.faultsOf([concerns], { pages: 1_000 })).toEqual([]);
});

test.each(REVIEW_SORTS)("reviews by %s, of one product and of twenty", async (sort) => {
  for (const stars of ["", ", rating: 5"]) {
    const pages = await pagesOf(
      shop,
      (paging, of) =>
        `{ product(slug: "made-1") { ratingSummary { average histogram } reviews(sort: ${sort}${stars}, ${paging}) { ${of} } } }`,
      (data) => data.product.reviews.pageInfo,
    );
    expect(pages).toHaveLength(4);
    expect(await plans.faultsOf(pages, { pages: 80 })).toEqual([]);
    const ofMany = ["first: 3", "last: 3"].map(
      (paging) =>
        `{ products(first: 20) { nodes { reviews(${paging}, sort: ${sort}${stars}) { nodes { rating product { slug } } } } } }`,
    );
    expect(await plans.faultsOf(ofMany, { pages: 400 })).toEqual([]);
  }
});

test("what a page of products shows beside them, and lookups", async () => {
  const queries = [
    "{ products(first: 100) { nodes { images { url altText } categories { slug parent { slug } } ratingSummary { count } } } }",
    `{ products(first: 100) { nodes { isWishlisted } } }`,
    `{ product(id: "prd_0000000000005") { name } }`,
    `{ product(slug: "made-5") { name } }`,
    `{ category(slug: "shelf-5") { name parent { slug } } }`,
    `{ node(id: "prd_0000000000005") { id } }`,
    `{ nodes(ids: ["prd_0000000000005", "cat_0000000000007", "rev_0000000000021", "prd_0000000000009"]) { id } }`,
  ];
  expect(await plans.faultsOf(queries, { pages: 600 })).toEqual([]);
});

test("a wishlist: forwards, backwards and behind cursors", async () => {
  const wishes = new WishlistRepository(shop.database);
  const [item] = (
    await wishes.pageOf(shop.wisher, { limit: 9, backward: false, beyond: null })
  ).slice(-1);
  for (const backward of [false, true]) {
    for (const beyond of [null, [item!.addedAt.getTime(), item!.productId]]) {
      const read = () => wishes.pageOf(shop.wisher, { limit: 20, backward, beyond });
      expect(await read()).not.toEqual([]);
      expect(await plans.faultsIn(read, { pages: 80 })).toEqual([]);
    }
  }
});

test("one's own reviews and those in a state: forwards, backwards and behind cursors", async () => {
  const own = new OwnReviewRepository(shop.database);
  const lists = [
    (request: PageRequest) => own.pageOf(shop.wisher, request),
    ...(["PENDING", "APPROVED"] as const).map(
      (status) => (request: PageRequest) => own.inState(status, request),
    ),
  ];
  for (const list of lists) {
    const [item] = (await list({ limit: 9, backward: false, beyond: null })).slice(-1);
    for (const backward of [false, true]) {
      for (const beyond of [null, [item!.id]]) {
        const read = () => list({ limit: 5, backward, beyond });
        expect(await read()).not.toEqual([]);
        expect(await plans.faultsIn(read, { pages: 150 })).toEqual([]);
      }
    }
  }
});

test("own reviews and votes of a page of products", async () => {
  const userId = shop.wisher;
  const reviews = await new OwnReviewRepository(shop.database).writtenBy(userId);
  const reads = [
    () =>
      new OwnReviewRepository(shop.database).among(
        reviews.slice(0, 20).map(({ productId: id }) => ({ userId, id })),
      ),
    () =>
      new ReviewVoteRepository(shop.database).among(
        reviews.slice(0, 20).map(({ id: reviewId }) => ({ userId, reviewId })),
      ),
  ];
  for (const read of reads) expect(await plans.faultsIn(read, { pages: 150 })).toEqual([]);
});
