import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { createWorld, type World } from "../../../support/world.ts";
import type { TestClient } from "../../../support/client.ts";
import { carefully, refusal } from "./careful.ts";

let world: World;
let person: TestClient;
let cursors: Record<string, string>;
beforeAll(async () => {
  world = await createWorld({ nodes: 1, workers: 0 });
  await world.openShop();
  person = await world.person();
  const { database } = world.nodes[0]!.stores;
  await database.query(
    `insert into reviews (id, product_id, user_id, rating, comment, status)
     select 'rev_' || lpad(row_number() over ()::text, 13, '0'), id, $1, 4, '', 'APPROVED'
     from products`,
    [person.userId],
  );
  const { pageInfo: ends } = { pageInfo: "pageInfo { endCursor }" };
  const data = await person.must(`{
    newest: products(first: 2, sort: NEWEST) { ${ends} nodes { reviews(first: 1) { ${ends} } } }
    name: products(first: 2, sort: NAME) { ${ends} }
    price: products(first: 2, sort: PRICE_ASC) { ${ends} }
    rating: products(first: 2, sort: RATING) { ${ends} }
    filtered: products(first: 2, sort: NEWEST, filter: { inStock: true }) { ${ends} }
    searched: products(first: 2, sort: NEWEST, filter: { search: "serum" }) { ${ends} }
    categories { products(first: 1, sort: NEWEST) { ${ends} } }
  }`);
  const of = (list: any): string => list.pageInfo.endCursor;
  cursors = {
    newest: of(data.newest),
    name: of(data.name),
    price: of(data.price),
    rating: of(data.rating),
    filtered: of(data.filtered),
    searched: of(data.searched),
    review: of(data.newest.nodes[0].reviews),
    category: of(data.categories.find((one: any) => of(one.products))!.products),
  };
});
afterAll(() => world.stop());

const send = (query: string, variables: Record<string, unknown> = {}) =>
  carefully(person, query, variables);

const LIST = `query ($filter: ProductFilter, $sort: ProductSort! = NEWEST, $first: Int, $last: Int, $after: String, $before: String) {
  products(filter: $filter, sort: $sort, first: $first, last: $last, after: $after, before: $before) { nodes { id } totalCount } }`;
const CATEGORY = `query ($slug: String! = "serums", $sort: ProductSort! = NEWEST, $first: Int, $last: Int, $after: String, $before: String) {
  category(slug: $slug) { products(sort: $sort, first: $first, last: $last, after: $after, before: $before) { nodes { id } } } }`;
const REVIEWS = `query ($sort: ReviewSort! = NEWEST, $rating: Int, $first: Int, $last: Int, $after: String, $before: String) {
  products(first: 1) { nodes { reviews(sort: $sort, rating: $rating, first: $first, last: $last, after: $after, before: $before) { nodes { id } } } } }`;
const WISHES = `query ($first: Int, $last: Int, $after: String, $before: String) {
  viewer { wishlist(first: $first, last: $last, after: $after, before: $before) { nodes { addedAt } } } }`;
const LISTS: [string, string][] = [
  ["products", LIST],
  ["products of a category", CATEGORY],
  ["reviews", REVIEWS],
  ["wishes", WISHES],
];
const made = (...parts: unknown[]) => Buffer.from(JSON.stringify(parts)).toString("base64url");

test.each(LISTS)("%s: sizes and directions that contradict each other", async (_what, query) => {
  const cases: [Record<string, unknown>, string][] = [
    [{ first: 0 }, "first"],
    [{ first: -1 }, "first"],
    [{ first: -(2 ** 31) }, "first"],
    [{ first: 101 }, "first"],
    [{ last: 0 }, "last"],
    [{ last: -5 }, "last"],
    [{ last: 101 }, "last"],
    [{ first: 5, last: 5 }, "first"],
    [{ after: "a", before: "b" }, "after"],
    [{ first: 5, before: "b" }, "before"],
    [{ last: 5, after: "a" }, "after"],
  ];
  for (const [variables, fields] of cases) {
    const answer = await send(query, variables);
    expect({ variables, ...refusal(answer) }).toEqual({
      variables,
      code: "BAD_USER_INPUT",
      fields,
    });
  }
  for (const first of [2 ** 31, 1.5, "5", [], {}, true]) {
    expect(refusal(await send(query, { first })).code).toBe("BAD_USER_INPUT");
  }
  // So large that its cost alone is too much: refused before it is looked at.
  expect(refusal(await send(query, { first: 2 ** 31 - 1 })).code).toMatch(
    /BAD_USER_INPUT|QUERY_TOO_COMPLEX/,
  );
});

const ROUTES: [string, string, string, Record<string, unknown>][] = [
  ["products", LIST, "newest", { sort: "NEWEST" }],
  ["products by price", LIST, "price", { sort: "PRICE_ASC" }],
  ["products in stock", LIST, "filtered", { filter: { inStock: true } }],
  ["products of a search", LIST, "searched", { filter: { search: "serum" } }],
  ["products of a category", CATEGORY, "category", {}],
  ["reviews", REVIEWS, "review", {}],
  ["wishes", WISHES, "", {}],
];
test.each(ROUTES)(
  "%s: cursors of other lists and made-up ones",
  async (_what, query, own, more) => {
    const id = "prd_0000000000000";
    const foreign = [
      ...Object.entries(cursors).flatMap(([name, cursor]) => (name === own ? [] : [cursor])),
      "",
      "a",
      "%",
      "'; drop table products; --",
      "10 kB ".repeat(1_700),
      made("products NEWEST"),
      made("products NEWEST", 1, id, 1),
      made("products NEWEST", null, null),
      made("products NEWEST", "1", id),
      made("products NEWEST", 1.5, id),
      made("products NEWEST", 1e300, id),
      made("products NEWEST", 1, "usr_0000000000000"),
      made("products NEWEST", 1, { id }),
      made("products NEWEST", [1], id),
      made("products PRICE_ASC", -1, id),
      made("products PRICE_ASC", 1e17, id),
      made("products NAME", "\0", id),
      made("products NAME", "a".repeat(5_000), id),
      made("products RATING", 9, 1, id),
      made("reviews NEWEST all", -1, "rev_0000000000000"),
      made("reviews HIGHEST all", 5, 1, "rev_0000000000000"),
      made("wishlist.newest", 1e20, id),
      made("wishlist.newest", 1, "' or 1=1"),
      made("__proto__", 1, id),
      made(),
      Buffer.from("{}").toString("base64url"),
      Buffer.from('{"length":3,"0":"products NEWEST"}').toString("base64url"),
      Buffer.from("[".repeat(7_000)).toString("base64url"),
    ];
    for (const cursor of foreign) {
      for (const paging of [
        { first: 2, after: cursor },
        { last: 2, before: cursor },
      ]) {
        const answer = await send(query, { ...more, ...paging });
        const fields = "after" in paging ? "after" : "before";
        const seen = { cursor: cursor.slice(0, 80), ...refusal(answer) };
        expect(seen).toEqual({ cursor: cursor.slice(0, 80), code: "BAD_USER_INPUT", fields });
      }
    }
  },
);

test("filters that mean nothing", async () => {
  const many = Array.from({ length: 101 }, (_, index) => `v${index}`);
  const cases: [Record<string, unknown>, string][] = [
    [{ priceMin: "-1" }, "filter.priceMin"],
    [{ priceMax: "-0.01" }, "filter.priceMax"],
    [{ priceMin: "20", priceMax: "10" }, "filter.priceMin"],
    [{ priceMin: "" }, "filter.priceMin"],
    [{ priceMin: "1e3" }, "filter.priceMin"],
    [{ priceMin: "NaN" }, "filter.priceMin"],
    [{ priceMin: "1,5" }, "filter.priceMin"],
    [{ priceMin: "٣" }, "filter.priceMin"],
    [{ priceMax: "9".repeat(60) }, "filter.priceMax"],
    [{ priceMax: "0.001" }, "filter.priceMax"],
    [{ minRating: 5.1 }, "filter.minRating"],
    [{ minRating: -1 }, "filter.minRating"],
    [{ brands: many }, "filter.brands"],
    [{ categoryIds: many }, "filter.categoryIds"],
    [{ ingredientsInclude: many }, "filter.ingredientsInclude"],
    [{ ingredientsExclude: many }, "filter.ingredientsExclude"],
    [{ brands: ["b".repeat(10_000)] }, "filter.brands"],
    [{ search: "x".repeat(10_000) }, "filter.search"],
    [{ search: "សេ".repeat(5_000) }, "filter.search"],
  ];
  for (const [filter, fields] of cases) {
    const answer = await send(LIST, { filter });
    const seen = { filter: JSON.stringify(filter).slice(0, 60), ...refusal(answer) };
    expect(seen).toEqual({
      filter: JSON.stringify(filter).slice(0, 60),
      code: "BAD_USER_INPUT",
      fields,
    });
  }
  for (const filter of [
    { unknown: 1 },
    { concerns: ["HUNGER"] },
    { skinTypes: ["oily"] },
    { minRating: "5" },
    { priceMin: 5 },
    { inStock: "yes" },
    { search: ["a"] },
    { brands: [null] },
    "serum",
  ]) {
    expect(refusal(await send(LIST, { filter })).code).toBe("BAD_USER_INPUT");
  }
  for (const sort of ["RANDOM", "newest", "", 5, null]) {
    expect(refusal(await send(LIST, { sort })).code).toBe("BAD_USER_INPUT");
  }
  expect(refusal(await send("{ products(sort: RANDOM) { nodes { id } } }")).code).toBe(
    "GRAPHQL_VALIDATION_FAILED",
  );
  for (const rating of [0, 6, -1]) {
    expect(refusal(await send(REVIEWS, { rating }))).toEqual({
      code: "BAD_USER_INPUT",
      fields: "rating",
    });
  }
});

test("texts that no store can hold, in variables and in the operation", async () => {
  for (const text of ["\0", "a\0b", "\ud800", "x\udc00y"]) {
    for (const [query, variables] of [
      [LIST, { filter: { search: text } }],
      [LIST, { filter: { brands: [text] } }],
      [LIST, { after: text }],
      [CATEGORY, { slug: text }],
      ["query ($id: ID!) { node(id: $id) { id } }", { id: text }],
      ["query ($p: String!) { searchSuggestions(prefix: $p) { kind } }", { p: text }],
    ] as const) {
      expect(refusal(await send(query, variables)).code).toBe("BAD_USER_INPUT");
    }
  }
  const escaped = String.raw`{ products(filter: { search: "a\u0000" }) { nodes { id } } }`;
  expect(refusal(await send(escaped)).code).toBe("BAD_USER_INPUT");
});

test("what does not exist, is of another type or is spelt wrongly is nothing", async () => {
  const { products, categories } = await person.must(
    "{ products(first: 1) { nodes { id slug } } categories { id slug } }",
  );
  const [product] = products.nodes;
  const ids = [
    ...["", "x", "prd_", "prd_0000000000000", "prd_zzzzzzzzzzzzz", "PRD_0000000000000", "prd_x'--"],
    ...[categories[0].id, person.userId, "rev_zzzzzzzzzzzz9", product.id.toUpperCase()],
    ...[`${product.id} `, ` ${product.id}`, "a".repeat(10_000), "%", "__proto__"],
  ];
  for (const id of ids) {
    const { data, errors } = await send("query ($id: ID!) { product(id: $id) { id } }", { id });
    expect({ id, data, errors }).toEqual({ id, data: { product: null }, errors: undefined });
  }
  for (const slug of [
    "",
    " ",
    "%",
    "Serums",
    "serums ",
    "none",
    "a".repeat(10_000),
    "../x",
    "សេ",
  ]) {
    const { data, errors } = await send(
      `query ($slug: String!) { product(slug: $slug) { id } category(slug: $slug) { id }
        products(filter: { categorySlug: $slug }) { nodes { id } totalCount } }`,
      { slug },
    );
    expect({ slug, data, errors }).toEqual({
      slug,
      data: { product: null, category: null, products: { nodes: [], totalCount: 0 } },
      errors: undefined,
    });
  }
  const none = await send("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {
    ids: ids.slice(0, 8),
  });
  expect(none.data.nodes).toEqual([...Array(7).fill(null), { id: categories[0].id }]);
  for (const args of ["", `(id: "${product.id}", slug: "${product.slug}")`, "(id: null)"]) {
    expect(refusal(await send(`{ product${args} { id } }`)).code).toBe("BAD_USER_INPUT");
  }
  for (const language of ["KM", "km", "FR", "", 5]) {
    const query = `query ($language: Language) { product(slug: "${product.slug}") { name(language: $language) } }`;
    expect(refusal(await send(query, { language })).code).toBe("BAD_USER_INPUT");
  }
});

test("operations that are too large", async () => {
  const nest = (depth: number): string =>
    depth === 0 ? "id" : `parent { ${nest(depth - 1)} } children { ${nest(depth - 1)} }`;
  const aliases = Array.from({ length: 3_000 }, (_, index) => `a${index}: id`).join(" ");
  const wide = "products(first: 100) { nodes { reviews(first: 100) { nodes { id } } } }";
  for (const query of [
    `{ categories { ${"children { ".repeat(60)} id ${"}".repeat(60)} } }`,
    `{ categories { ${nest(11)} } }`,
    `{ products(first: 1) { nodes { ${aliases} } } }`,
    `{ ${Array.from({ length: 40 }, (_, index) => `a${index}: categories { id }`).join(" ")} }`,
    `{ ${wide} }`,
    `{ categories { products(first: 100) { nodes { categories { products(first: 100) { nodes { id } } } } } } }`,
  ]) {
    const answer = await send(query);
    expect(answer.errors?.[0]?.extensions.code).toMatch(
      /QUERY_TOO_COMPLEX|GRAPHQL_(PARSE|VALIDATION)_FAILED/,
    );
    expect(answer.data ?? null).toBeNull();
  }
  // Within the limits, and quick for all its five hundred parts.
  expect((await send(`{ categories { ${nest(7)} } }`)).errors).toBeUndefined();
});

test("a tree of categories that is very deep, and one that bites its tail", async () => {
  const { database } = world.nodes[0]!.stores;
  await database.query(
    `insert into categories (id, slug, name_en, parent_id)
     select 'cat_' || lpad(n::text, 13, '0'), 'deep-' || n, 'Deep ' || n,
       case when n > 1 then 'cat_' || lpad((n - 1)::text, 13, '0') end
     from generate_series(1, 500) as n`,
  );
  await database.query(
    `insert into product_categories select id, 'cat_0000000000500' from products
     where status = 'active' order by id limit 3`,
  );
  const query = `{ products(filter: { categorySlug: "deep-1" }) { nodes { id } totalCount }
    category(slug: "deep-1") { products { nodes { id } } } }`;
  const deep = await send(query);
  expect(deep.errors).toBeUndefined();
  expect(deep.data.products.totalCount).toBe(3);
  expect(deep.data.category.products.nodes).toHaveLength(3);
  await database.query(
    "update categories set parent_id = 'cat_0000000000500' where id = 'cat_0000000000001'",
  );
  expect((await send(query)).data).toEqual(deep.data);
  const facets = "{ products { facets { categories { category { slug } productCount } } } }";
  // Each of five hundred counts for each: it may take too long, but then it says so.
  const counted = await send(facets);
  expect([undefined, "SERVICE_UNAVAILABLE"]).toContain(counted.errors?.[0]?.extensions.code);
});
