import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { openShop, type Shop } from "../catalog/shop.ts";
import { freshDatabase } from "../../support/database.ts";

type Row = Parameters<Shop["module"]["reviews"]["add"]>[1][number];

let shop: Shop;
let drop: () => Promise<void>;
beforeAll(async () => {
  const fresh = await freshDatabase();
  drop = fresh.drop;
  shop = await openShop(fresh.url);
});
afterAll(async () => {
  await shop.close();
  await drop();
});

const people = async (count: number): Promise<string[]> => {
  const ids = Array.from({ length: count }, () => shop.ids.next("usr"));
  await shop.database.query("insert into users (id) select unnest($1::text[])", [ids]);
  return ids;
};
const review = (productId: string, userId: string, more: Partial<Row> = {}): Row => ({
  productId,
  userId,
  authorName: "Dara",
  rating: 4,
  title: null,
  comment: "Good.",
  status: "APPROVED",
  isVerifiedPurchase: false,
  ...more,
});
const add = (rows: readonly Row[]) => shop.uow.run((tx) => shop.module.reviews.add(tx, rows));
const summaryOf = async (id: string) =>
  (
    await shop.ask(
      `query ($id: ID!) { product(id: $id) { ratingSummary { average count histogram } } }`,
      { id },
    )
  ).data.product.ratingSummary;
const NOTHING = { average: null, count: 0, histogram: [0, 0, 0, 0, 0] };

test("the summary follows what is approved, hidden, changed and deleted, in the same transaction", async () => {
  const [product] = await shop.products([{}]);
  const id = product!.id;
  const [a, b, c] = await people(3);
  expect(await summaryOf(id)).toEqual(NOTHING);
  await add([
    review(id, a!, { rating: 5 }),
    review(id, b!, { rating: 2 }),
    review(id, c!, { rating: 1, status: "PENDING" }),
  ]);
  expect(await summaryOf(id)).toEqual({ average: 3.5, count: 2, histogram: [0, 1, 0, 0, 1] });
  const [waiting] = await shop.database.query<{ id: string }>(
    "select id from reviews where product_id = $1 and status = 'PENDING'",
    [id],
  );
  const decide = (status: "APPROVED" | "REJECTED", reason: string | null = null) =>
    shop.uow.run((tx) =>
      shop.module.moderation.decide(tx, { id: waiting!.id, version: 1, status, reason }),
    );
  await decide("APPROVED");
  expect(await summaryOf(id)).toEqual({ average: 2.67, count: 3, histogram: [1, 1, 0, 0, 1] });
  await decide("REJECTED", "It is about another product.");
  await shop.database.query("update reviews set rating = 3 where user_id = $1", [b]);
  expect(await summaryOf(id)).toEqual({ average: 4, count: 2, histogram: [0, 0, 1, 0, 1] });
  await shop.database.query("delete from reviews where product_id = $1", [id]);
  expect(await summaryOf(id)).toEqual(NOTHING);
});

test("a rolled back review leaves no trace in the summary", async () => {
  const [product] = await shop.products([{}]);
  const [a] = await people(1);
  await expect(
    shop.uow.run(async (tx) => {
      await shop.module.reviews.add(tx, [review(product!.id, a!)]);
      throw new Error("no");
    }),
  ).rejects.toThrow("no");
  expect(await summaryOf(product!.id)).toEqual(NOTHING);
});

test("many writers at once, over the same products in any order: the counters are exact", async () => {
  const products = await shop.products([{}, {}, {}]);
  const users = await people(20);
  await Promise.all(
    users.map((user, index) => {
      const order = index % 2 === 0 ? products : products.toReversed();
      return add(order.map(({ id }) => review(id, user, { rating: 1 + (index % 5) })));
    }),
  );
  for (const { id } of products) {
    expect(await summaryOf(id)).toEqual({ average: 3, count: 20, histogram: [4, 4, 4, 4, 4] });
  }
  expect(await shop.module.reviews.reconcile()).toEqual([]);
});

test("a planted error is found", async () => {
  const [product] = await shop.products([{}]);
  await shop.database.query("update products set rating_histogram = '{0,0,0,0,7}' where id = $1", [
    product!.id,
  ]);
  expect(await shop.module.reviews.reconcile()).toMatchObject([
    { check: "product-rating", subject: product!.id },
  ]);
  await shop.database.query("update products set rating_histogram = '{0,0,0,0,0}' where id = $1", [
    product!.id,
  ]);
});

test("one review each; a second one is left out", async () => {
  const [product] = await shop.products([{}]);
  const [a] = await people(1);
  expect(await add([review(product!.id, a!, { rating: 5 })])).toBe(1);
  expect(await add([review(product!.id, a!, { rating: 1 })])).toBe(0);
  expect(await summaryOf(product!.id)).toMatchObject({ average: 5, count: 1 });
});

test.each([
  { rating: 0 },
  { rating: 6 },
  { status: "LOST" as "PENDING" },
  { title: "" },
  { comment: "x".repeat(5_001) },
])("the database refuses %j", async (more) => {
  const [product] = await shop.products([{}]);
  const [a] = await people(1);
  await expect(add([review(product!.id, a!, more)])).rejects.toMatchObject({
    code: "23514",
  });
});

const LIST = `query ($ids: [ID!]!, $sort: ReviewSort!, $rating: Int, $first: Int, $after: String, $last: Int, $before: String) {
  nodes(ids: $ids) { ... on Product {
    reviews(sort: $sort, rating: $rating, first: $first, after: $after, last: $last, before: $before) {
      nodes { id rating comment authorName helpfulCount createdAt product { id } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  } }
}`;

describe("lists of reviews", () => {
  let ids: string[];
  beforeAll(async () => {
    ids = (await shop.products([{}, {}, {}])).map(({ id }) => id);
    const users = await people(12);
    await add(
      ids.flatMap((id, place) =>
        users.map((user, index) =>
          review(id, user, {
            rating: 1 + ((index + place) % 5),
            comment: `${place} ${index}`,
            status: index === 11 ? "REJECTED" : index === 10 ? "PENDING" : "APPROVED",
            authorName: index === 0 ? "" : `Name ${index}`,
          }),
        ),
      ),
    );
    // Some equal times and counts, so that only the id decides.
    await shop.database.query(
      `update reviews set helpful_count = rating % 3, created_at = timestamptz '2026-01-01' + rating / 2 * interval '1 day'
       where product_id = any($1)`,
      [ids],
    );
  });

  const ask = async (variables: object) => {
    const answer = await shop.ask(LIST, { ids, sort: "NEWEST", ...variables });
    expect(answer.errors).toEqual([]);
    return { ...answer, lists: answer.data.nodes.map((node: any) => node.reviews) };
  };

  test("only approved ones, of many products in one statement", async () => {
    const { lists, statements } = await ask({ first: 3 });
    expect(lists.map((list: any) => list.nodes.length)).toEqual([3, 3, 3]);
    // Products and reviews; the products that the reviews name are known by then.
    expect(statements).toBe(2);
    const one = await ask({ ids: ids.slice(0, 1), first: 100 });
    expect(one.statements).toBe(statements);
    expect(one.lists[0].nodes).toHaveLength(10);
    expect(one.lists[0].nodes.map((node: any) => node.product.id)).toEqual(Array(10).fill(ids[0]));
    const names = one.lists[0].nodes.map((node: any) => node.authorName);
    expect(names).toContain(null);
    expect(names).toContain("Name 3");
  });

  test.each(["NEWEST", "HIGHEST", "LOWEST", "MOST_HELPFUL"])(
    "%s: pages both ways make up the whole, in order",
    async (sort) => {
      const whole = (await ask({ ids: [ids[1]], sort, first: 100 })).lists[0].nodes;
      const ascending = { LOWEST: true }[sort] ?? false;
      const key = {
        NEWEST: "createdAt",
        HIGHEST: "rating",
        LOWEST: "rating",
        MOST_HELPFUL: "helpfulCount",
      }[sort]!;
      const keys = whole.map((node: any) => node[key]);
      const sorted = keys.toSorted((a: any, b: any) => (a < b ? -1 : a > b ? 1 : 0));
      expect(keys).toEqual(ascending ? sorted : sorted.reverse());
      const forwards: unknown[] = [];
      const backwards: unknown[] = [];
      for (let after = null, more = true; more;) {
        const { nodes, pageInfo }: any = (await ask({ ids: [ids[1]], sort, first: 3, after }))
          .lists[0];
        forwards.push(...nodes);
        after = pageInfo.endCursor;
        more = pageInfo.hasNextPage;
      }
      for (let before = null, more = true; more;) {
        const { nodes, pageInfo }: any = (await ask({ ids: [ids[1]], sort, last: 3, before }))
          .lists[0];
        backwards.unshift(...nodes);
        before = pageInfo.startCursor;
        more = pageInfo.hasPreviousPage;
      }
      expect(forwards).toEqual(whole);
      expect(backwards).toEqual(whole);
    },
  );

  test("of one rating only", async () => {
    const { lists } = await ask({ rating: 2, first: 100 });
    const ratings = lists.flatMap((list: any) => list.nodes.map((node: any) => node.rating));
    expect(ratings).toEqual(Array(6).fill(2));
  });

  test("foreign cursors, unknown stars and too many are refused", async () => {
    const { lists } = await ask({ first: 2, sort: "HIGHEST" });
    const after = lists[0].pageInfo.endCursor;
    const forged = Buffer.from('["reviews NEWEST all",1e300,"rev_0000000000000"]').toString(
      "base64url",
    );
    for (const variables of [
      { sort: "LOWEST", after },
      { sort: "NEWEST", after },
      { sort: "HIGHEST", rating: 5, after },
      { after: forged },
      { after: "%%%" },
      { rating: 0 },
      { rating: 6 },
      { first: 101 },
    ]) {
      const { errors } = await shop.ask(LIST, { ids, sort: "NEWEST", ...variables });
      expect(errors[0]?.extensions?.["code"]).toBe("BAD_USER_INPUT");
    }
  });

  test("a review is a node once it is approved", async () => {
    const rows = await shop.database.query<{ id: string; status: string }>(
      "select id, status from reviews where product_id = $1",
      [ids[0]],
    );
    const node = async (status: string) =>
      (
        await shop.ask(`query ($id: ID!) { node(id: $id) { ... on Review { comment } } }`, {
          id: rows.find((row) => row.status === status)!.id,
        })
      ).data.node;
    expect(await node("APPROVED")).toMatchObject({ comment: expect.any(String) });
    expect(await node("PENDING")).toBeNull();
    expect(await node("REJECTED")).toBeNull();
  });
});

test("lists by rating: the better first, of equals the one with more reviews", async () => {
  const [one, two, none] = await shop.products([
    { brand: "Rated" },
    { brand: "Rated" },
    { brand: "Rated" },
  ]);
  const users = await people(3);
  await add([
    review(one!.id, users[0]!, { rating: 5 }),
    ...users.slice(1).map((user) => review(two!.id, user, { rating: 5 })),
  ]);
  const list = (more: string) =>
    shop.ask(
      `{ products(sort: RATING, first: 1, filter: { brands: ["Rated"] } ${more}) { nodes { id } pageInfo { endCursor } } }`,
    );
  const seen: string[] = [];
  for (let more = ""; seen.length < 3;) {
    const { nodes, pageInfo } = (await list(more)).data.products;
    seen.push(nodes[0].id);
    more = `after: "${pageInfo.endCursor}"`;
  }
  expect(seen).toEqual([two!.id, one!.id, none!.id]);
  const good = await shop.ask(
    `{ products(filter: { brands: ["Rated"], minRating: 4.5 }) { totalCount } }`,
  );
  expect(good.data.products.totalCount).toBe(2);
});

test("who leaves is no longer named; who merges keeps one review each", async () => {
  const [product, other] = await shop.products([{}, {}]);
  const [guest, member, leaving] = await people(3);
  const { personalData } = shop.module;
  await add([
    review(product!.id, guest!, { rating: 1 }),
    review(other!.id, guest!, { rating: 1 }),
    review(product!.id, member!, { rating: 5 }),
    review(other!.id, leaving!, { rating: 3 }),
  ]);
  const moved = await shop.uow.run((tx) =>
    personalData!.merge(tx, { fromUserId: guest!, toUserId: member! }),
  );
  expect(moved).toEqual({ reviews: 1, reviewVotes: 0, wishlistItems: 0 });
  expect(await summaryOf(product!.id)).toMatchObject({ histogram: [0, 0, 0, 0, 1] });
  expect(await personalData!.export(member!)).toMatchObject({ reviews: [{}, {}], wishlist: [] });
  await personalData!.erase(leaving!);
  expect(await summaryOf(other!.id)).toMatchObject({ histogram: [1, 0, 1, 0, 0] });
  const [left] = await shop.database.query(
    "select user_id, author_name from reviews where product_id = $1 and rating = 3",
    [other!.id],
  );
  expect(left).toEqual({ user_id: null, author_name: null });
});
