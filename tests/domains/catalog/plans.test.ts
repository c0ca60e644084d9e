import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { plansOf, scannedTables } from "./plans.ts";
import { openShop, type Shop } from "./shop.ts";
import { freshDatabase } from "../../support/database.ts";

let shop: Shop;
let drop: () => Promise<void>;
beforeAll(async () => {
  const fresh = await freshDatabase();
  drop = fresh.drop;
  shop = await openShop(fresh.url);
  const top = await shop.category("top");
  const shelf = await shop.category("shelf", { parentId: top.id });
  await shop.database.query(
    `insert into products (id, slug, sku, name_en, name_kh, brand, description_en, price, stock, status,
       is_featured, published_at, skin_concerns, skin_types, ingredients, units_sold)
     select 'prd_' || lpad(n::text, 13, '0'), 'made-' || n, 'MADE-' || n,
       (array['Serum','Cream','Cleanser','Toner'])[1 + n % 4] || ' ' || n,
       case when n % 50 = 0 then 'សេរ៉ូម' else 'ទឹក' end, 'House ' || n % 80, repeat('A text. ', 20),
       1 + n % 5000 / 100.0, n % 10, 'active', n % 200 = 0,
       timestamptz '2025-01-01' + n * interval '1 min',
       array[(array['ACNE','REDNESS','DULLNESS'])[1 + n % 3]], '{}',
       jsonb_build_array('Aqua', 'Stuff ' || n % 300), n % 700
     from generate_series(1, 5000) as n`,
  );
  // As many shelves as a shop has: on two of them, everything is worth reading from end to end.
  await shop.database.query(
    `insert into categories (id, slug, name_en, parent_id)
     select 'cat_' || lpad(n::text, 13, '0'), 'shelf-' || n, 'Shelf ' || n, $1
     from generate_series(0, 99) as n`,
    [top.id],
  );
  await shop.database.query(
    `insert into product_categories
     select id, case when units_sold % 20 = 0 then $1
       else 'cat_' || lpad((units_sold % 100)::text, 13, '0') end from products`,
    [shelf.id],
  );
  await shop.database.query(
    `insert into users (id) select 'usr_' || lpad(n::text, 13, '0') from generate_series(1, 1000) n`,
  );
  await shop.database.query(
    `insert into reviews (id, product_id, user_id, rating, comment, status, helpful_count, created_at)
     select 'rev_' || lpad(n::text, 13, '0'), 'prd_' || lpad((1 + n % 5000)::text, 13, '0'),
       'usr_' || lpad((1 + (n / 5000 * 37 + n) % 1000)::text, 13, '0'), 1 + n % 5, 'Fine.',
       case when n % 20 = 0 then 'PENDING' else 'APPROVED' end, n % 13,
       timestamptz '2026-01-01' + n * interval '1 min'
     from generate_series(1, 100000) as n on conflict do nothing`,
  );
  await shop.database.query("vacuum (analyze) products, reviews, product_categories, categories");
});
afterAll(async () => {
  await shop.close();
  await drop();
});

const SORTS = ["RELEVANCE", "NEWEST", "PRICE_ASC", "PRICE_DESC", "NAME", "RATING", "BEST_SELLING"];

test.each(SORTS)(
  "%s starts from an index, also behind a cursor and in a category",
  async (sort) => {
    const page = "pageInfo { endCursor } nodes { id ratingSummary { average } }";
    const first = `{ products(sort: ${sort}, first: 50) { ${page} } }`;
    const cursor = (await shop.ask(first)).data.products.pageInfo.endCursor;
    for (const query of [
      first,
      `{ products(sort: ${sort}, last: 20) { ${page} } }`,
      `{ products(sort: ${sort}, after: "${cursor}") { ${page} } }`,
      `{ products(sort: ${sort}, filter: { categorySlug: "shelf" }) { ${page} } }`,
      `{ category(slug: "top") { products(sort: ${sort}) { ${page} } } }`,
    ]) {
      expect({ query, scanned: scannedTables(await plansOf(shop, query)) }).toEqual({
        query,
        scanned: [],
      });
    }
  },
);

test.each([
  `search: "serum"`,
  `search: "clenser 17"`,
  `search: "a"`,
  `search: "សេរ៉ូម"`,
  `search: "ទ"`,
  `brands: ["House 7", "House 8"]`,
  `concerns: [ACNE]`,
  `skinTypes: [OILY]`,
  `minRating: 4.5`,
  `inStock: false`,
  `priceMin: "10", priceMax: "12"`,
  `ingredientsInclude: ["Stuff 17"]`,
  `ingredientsExclude: ["Stuff 17"]`,
])("a list by %s uses an index; for a search its counts do, too", async (filter) => {
  const counts = filter.startsWith("search") ? "totalCount facets { brands { brand } }" : "";
  const query = `{ products(filter: { ${filter} }) { ${counts} nodes { id } } }`;
  expect(scannedTables(await plansOf(shop, query))).toEqual([]);
});

test.each(["NEWEST", "HIGHEST", "LOWEST", "MOST_HELPFUL"])(
  "reviews by %s of twenty products: one statement, from an index",
  async (sort) => {
    for (const more of ["", ", rating: 5", ", last: 3"]) {
      const size = more.includes("last") ? "" : "first: 3, ";
      const query = `{ products(first: 20) { nodes { reviews(${size}sort: ${sort}${more}) { nodes { rating } } } } }`;
      expect(scannedTables(await plansOf(shop, query))).toEqual([]);
      expect((await shop.ask(query)).statements).toBe(2);
    }
  },
);

test.each(["se", "House", "សេ", "a"])("suggestions for %s use indexes", async (prefix) => {
  const query = `{ searchSuggestions(prefix: "${prefix}") { kind product { name } } }`;
  expect(scannedTables(await plansOf(shop, query))).toEqual([]);
});
