import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { openLargeShop, type LargeShop } from "./large-shop.ts";
import { FILTERS, pagesOf, productPages, SORTS } from "./list-queries.ts";
import { PlanCheck, type PlanBudget } from "./plan-check.ts";

/** A page of 20 from an index, with the rows it shows. */
const PAGE: PlanBudget = { pages: 80 };
/** All that a top category with all below it holds; the table itself has about as many pages. */
const CATEGORY: PlanBudget = { pages: 1_200 };
/** What a filter leaves may lie at the other end of the list's order. */
const NARROWED: PlanBudget = { pages: 3_000 };

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

test.each(SORTS)("%s: forwards, backwards and behind cursors", async (sort) => {
  const pages = await productPages(shop, sort, "");
  expect(pages).toHaveLength(4);
  expect(await plans.faultsOf(pages, PAGE)).toEqual([]);
});

test.each(SORTS)("%s: pages behind ten cursors in one statement", async (sort) => {
  const list = `{ products(sort: ${sort}, first: 100) { edges { cursor } } }`;
  const { edges }: { edges: { cursor: string }[] } = (await shop.ask(list)).data.products;
  const places = edges.filter((_, index) => index % 10 === 0);
  const pages = ["first: 20, after", "last: 20, before"].flatMap((paging) =>
    places.map(
      ({ cursor }) => `{ products(sort: ${sort}, ${paging}: "${cursor}") { nodes { id } } }`,
    ),
  );
  const together = () => Promise.all(pages.map((page) => shop.ask(page)));
  expect(await plans.faultsIn(together, { pages: 10 * PAGE.pages })).toEqual([]);
});

test.each(FILTERS)("{ %s } in each order, and behind cursors", async (filter) => {
  const budget = filter.startsWith("category") ? CATEGORY : NARROWED;
  const firstPages = SORTS.map(
    (sort) => `{ products(sort: ${sort}, filter: { ${filter} }) { nodes { id } } }`,
  );
  const furtherPages = await productPages(shop, "PRICE_DESC", filter);
  expect(await plans.faultsOf([...firstPages, ...furtherPages.slice(1)], budget)).toEqual([]);
});

test("any two filters together, and all", async () => {
  const nameOf = (filter: string) => filter.slice(0, filter.indexOf(":"));
  const pairs = FILTERS.flatMap((one, index) =>
    FILTERS.slice(index + 1)
      .filter((other) => nameOf(one) !== nameOf(other))
      .map((other) => `${one}, ${other}`),
  );
  const compatible = pairs.filter((pair) => !/priceM\w+: .*priceM/.test(pair));
  const queries = compatible.map((pair, index) => {
    const sort = SORTS[index % SORTS.length];
    return `{ products(sort: ${sort}, filter: { ${pair} }) { nodes { id } } }`;
  });
  const all = `categorySlug: "shelf-3", brands: ["House 7", "House 17"], concerns: [ACNE, REDNESS],
    skinTypes: [OILY, DRY], ingredientsInclude: ["Aqua"], ingredientsExclude: ["Stuff 17"],
    inStock: true, featured: false, minRating: 1, priceMin: "2", priceMax: "50"`;
  queries.push(`{ products(filter: { ${all} }) { nodes { id } } }`);
  expect(queries.length).toBeGreaterThan(150);
  expect(await plans.faultsOf(queries, NARROWED)).toEqual([]);
});

test.each(SORTS)("the products of one category by %s", async (sort) => {
  for (const slug of ["shelf-1", "shelf-150"]) {
    const pages = await pagesOf(
      shop,
      (paging, of) =>
        `{ category(slug: "${slug}") { products(sort: ${sort}, ${paging}) { ${of} } } }`,
      (data) => data.category.products.pageInfo,
    );
    expect(await plans.faultsOf(pages, CATEGORY)).toEqual([]);
  }
});

test.each(SORTS)("the plan of a category's first page by %s is kept", async (sort) => {
  for (const slug of ["shelf-1", "shelf-150"]) {
    for (const paging of ["first: 3", "first: 20", "last: 20"]) {
      const query = `{ category(slug: "${slug}") { products(sort: ${sort}, ${paging}) { nodes { id } } } }`;
      expect(await plans.faultsOfKeeping(query)).toEqual([]);
    }
  }
});
