import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { freshDatabase } from "../../support/database.ts";
import { openShop, type Shop } from "./shop.ts";

const VIEWER = "usr_test";
const READERS = ["usr_one", "usr_two"];

let shop: Shop;
let drop: () => Promise<void>;
beforeAll(async () => {
  const fresh = await freshDatabase();
  drop = fresh.drop;
  shop = await openShop(fresh.url);
  await shop.database.query("insert into users (id) select unnest($1::text[])", [
    [VIEWER, ...READERS],
  ]);
});
afterAll(async () => {
  await shop.close();
  await drop();
});

/** So many products, each with a waiting review of the viewer and an approved one of somebody else with the viewer's vote. */
async function reviewed(brand: string, count: number): Promise<void> {
  const products = await shop.products(Array.from({ length: count }, () => ({ brand })));
  const one = { authorName: "Dara", title: null, comment: "Good.", isVerifiedPurchase: false };
  await shop.uow.run((tx) =>
    shop.module.reviews.add(
      tx,
      products.flatMap(({ id: productId }) => [
        { ...one, productId, userId: VIEWER, rating: 1, status: "PENDING" as const },
        { ...one, productId, userId: READERS[0]!, rating: 5, status: "APPROVED" as const },
      ]),
    ),
  );
  await shop.database.query(
    `insert into review_votes (review_id, user_id)
     select r.id, voter from reviews r cross join unnest($2::text[]) as voter
     where r.user_id = $3 and r.product_id = any($1)`,
    [products.map(({ id }) => id), [VIEWER, READERS[1]], READERS[0]],
  );
}

const PAGE = `query ($brand: String!) { products(filter: { brands: [$brand] }, first: 50) { nodes {
  viewerReview { rating comment status helpfulCount }
  reviews(first: 5) { nodes { id helpfulCount viewerHasVoted status } }
} } }`;

test("own reviews and votes of a page of products take the same few statements however long it is", async () => {
  await reviewed("Few", 2);
  await reviewed("Many", 40);
  const [few, many] = [
    await shop.ask(PAGE, { brand: "Few" }),
    await shop.ask(PAGE, { brand: "Many" }),
  ];
  expect([...few.errors, ...many.errors]).toEqual([]);
  expect(many.data.products.nodes).toHaveLength(40);
  expect(
    new Set(many.data.products.nodes.map((node: any) => JSON.stringify(node.viewerReview))),
  ).toEqual(
    new Set([JSON.stringify({ rating: 1, comment: "Good.", status: "PENDING", helpfulCount: 0 })]),
  );
  for (const { reviews } of many.data.products.nodes) {
    expect(reviews.nodes).toMatchObject([
      { helpfulCount: 2, viewerHasVoted: true, status: "APPROVED" },
    ]);
  }
  // Products, own reviews, approved ones, votes.
  expect([few.statements, many.statements]).toEqual([4, 4]);
});

test("a planted count of votes is found", async () => {
  expect(await shop.module.reviews.reconcile()).toEqual([]);
  const [{ id }] = (await shop.database.query<{ id: string }>(
    "update reviews set helpful_count = 1 where id = (select min(review_id) from review_votes) returning id",
  )) as [{ id: string }];
  expect(await shop.module.reviews.reconcile()).toEqual([
    { check: "review-votes", subject: id, detail: "votes stored 1, counted 2" },
  ]);
});
