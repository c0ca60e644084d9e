import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { openShop, type Answer, type Shop } from "./shop.ts";
import { freshDatabase } from "../../support/database.ts";

const LIST = `query ($filter: ProductFilter, $sort: ProductSort! = RELEVANCE, $first: Int = 100, $after: String) {
  products(filter: $filter, sort: $sort, first: $first, after: $after) {
    nodes { slug }
    totalCount
    pageInfo { hasNextPage endCursor }
  }
}`;

let shop: Shop;
let drop: () => Promise<void>;
beforeAll(async () => {
  const fresh = await freshDatabase();
  drop = fresh.drop;
  shop = await openShop(fresh.url);
  const face = await shop.category("face", { nameEn: "Face care", nameKh: "មុខ" });
  const serums = await shop.category("serums", { nameEn: "Serums", parentId: face.id });
  const creams = await shop.category("creams", { nameEn: "Creams", parentId: face.id });
  await shop.products([
    {
      slug: "niacinamide",
      nameEn: "Niacinamide Serum",
      nameKh: "សេរ៉ូមនីអាស៊ីណាមីត",
      brand: "Angkor Lab",
      price: "9.99",
      shelves: [serums.id],
      skinConcerns: ["ACNE"],
      ingredients: ["Aqua", "Niacinamide"],
    },
    {
      slug: "cleanser",
      nameEn: "Gentle Cleanser",
      brand: "Angkor Lab",
      price: "15.00",
      shelves: [face.id],
      ingredients: ["Aqua", "Parfum"],
    },
    {
      slug: "night",
      nameEn: "Night Cream",
      nameKh: "ក្រែមពេលយប់",
      brand: "Mekong",
      price: "25.00",
      shelves: [creams.id],
      skinTypes: ["DRY"],
      skinConcerns: ["DRYNESS", "ACNE"],
      descriptionEn: "Follows a serum.",
    },
    {
      slug: "sold-out",
      nameEn: "Day Cream",
      brand: "Mekong",
      price: "150.00",
      stock: 0,
      shelves: [creams.id],
      skinTypes: ["OILY"],
    },
    { slug: "draft", nameEn: "Niacinamide Draft", status: "draft", shelves: [serums.id] },
  ]);
});
afterAll(async () => {
  await shop.close();
  await drop();
});

const slugs = (answer: Answer): string[] =>
  answer.data.products.nodes.map((node: { slug: string }) => node.slug);
const found = async (filter: object, sort = "RELEVANCE"): Promise<string[]> => {
  const answer = await shop.ask(LIST, { filter, sort });
  expect(answer.errors).toEqual([]);
  expect(answer.data.products.totalCount).toBe(answer.data.products.nodes.length);
  return slugs(answer);
};
const refusal = (answer: Answer) => ({
  code: answer.errors[0]?.extensions?.["code"],
  path: (answer.errors[0]?.extensions?.["fields"] as { path: string[] }[] | undefined)?.[0]?.path,
});

test.each([
  ["a word", "niacinamide", ["niacinamide"]],
  ["a beginning", "niac", ["niacinamide"]],
  ["another form of a word", "cleansers", ["cleanser"]],
  ["a slip", "nicinamide", ["niacinamide"]],
  ["another slip", "clenser", ["cleanser"]],
  ["a brand", "mekong", ["night", "sold-out"]],
  ["all words", "mekong night", ["night"]],
  ["a name before a description", "serum", ["niacinamide", "night"]],
  ["Khmer", "សេរ៉ូម", ["niacinamide"]],
  ["Khmer inside a word", "ពេលយប់", ["night"]],
  ["one Khmer letter", "យ", ["night"]],
  ["Khmer with an invisible mark", "ក្រែម\u200Bពេល", ["night"]],
  ["Khmer and English", "ក្រែម mekong", ["night"]],
  ["nothing of the kind", "lipstick", []],
])("a search finds %s", async (_, search, expected) => {
  expect((await found({ search })).sort()).toEqual([...expected].sort());
});

test("the best fit comes first", async () => {
  expect(await found({ search: "serum" })).toEqual(["niacinamide", "night"]);
});

test.each([
  "%",
  "_",
  "%%%",
  "'",
  "\\",
  "\\'; --",
  '"',
  "🧴",
  "\0",
  "<->",
  ":*",
  "()",
  "\u200B",
  "!!",
])("a search for %j finds nothing and asks nothing", async (search) => {
  const answer = await shop.ask(LIST, { filter: { search } });
  expect(answer.errors).toEqual([]);
  expect(slugs(answer)).toEqual([]);
  expect(answer.statements).toBe(0);
});

test.each(["serum % _ ' \" \\ 🧴 \0 :* &|!", "SERUM's", "serum\0", "(serum | )"])(
  "signs around a word do no harm: %j",
  async (search) => {
    expect((await shop.ask(LIST, { filter: { search } })).errors).toEqual([]);
  },
);

test("a blank search does not narrow; a very long one is refused", async () => {
  expect(await found({ search: "  " })).toHaveLength(4);
  const answer = await shop.ask(LIST, { filter: { search: "serum ".repeat(1_700) } });
  expect(refusal(answer)).toEqual({ code: "BAD_USER_INPUT", path: ["filter", "search"] });
  const prefix = await shop.ask(
    `query ($prefix: String!) { searchSuggestions(prefix: $prefix) { kind } }`,
    { prefix: "a".repeat(10_000) },
  );
  expect(refusal(prefix)).toEqual({ code: "BAD_USER_INPUT", path: ["prefix"] });
});

test("pages of a search make up the whole", async () => {
  const filter = { search: "cream" };
  const first = await shop.ask(LIST, { filter, first: 1 });
  const { endCursor, hasNextPage } = first.data.products.pageInfo;
  expect(hasNextPage).toBe(true);
  const second = await shop.ask(LIST, { filter, first: 1, after: endCursor });
  expect([...slugs(first), ...slugs(second)]).toEqual(await found(filter));
  for (const other of [{ search: "serum" }, { ...filter, inStock: true }, {}]) {
    const answer = await shop.ask(LIST, { filter: other, after: endCursor });
    expect(refusal(answer)).toEqual({ code: "BAD_USER_INPUT", path: ["after"] });
    expect(answer.statements).toBe(0);
  }
});

test("filters", async () => {
  const { data } = await shop.ask(`{ category(slug: "creams") { id } }`);
  expect(await found({ brands: ["Mekong", "Nobody"] }, "NAME")).toEqual(["sold-out", "night"]);
  expect(await found({ categoryIds: [data.category.id] }, "NAME")).toEqual(["sold-out", "night"]);
  expect(await found({ categorySlug: "serums", categoryIds: [data.category.id] })).toHaveLength(3);
  expect(await found({ categoryIds: ["cat_x", "nonsense\0"] })).toEqual([]);
  expect(await found({ inStock: false })).toEqual(["sold-out"]);
  expect(await found({ inStock: true })).toHaveLength(3);
  expect(await found({ ingredientsInclude: ["NIACINAMIDE"] })).toEqual(["niacinamide"]);
  expect(await found({ ingredientsInclude: ["Aqua"], ingredientsExclude: ["fragrance"] })).toEqual([
    "niacinamide",
  ]);
  expect(await found({ brands: ["a\0b", "%"] })).toEqual([]);
});

test.each([
  [{ minRating: 6 }, "minRating"],
  [{ minRating: -0.1 }, "minRating"],
  [{ brands: Array.from({ length: 51 }, (_, index) => `b${index}`) }, "brands"],
  [{ brands: ["b".repeat(5_000)] }, "brands"],
  [{ categoryIds: Array.from({ length: 51 }, (_, index) => `c${index}`) }, "categoryIds"],
])("%j is refused", async (filter, name) => {
  const answer = await shop.ask(LIST, { filter });
  expect(refusal(answer)).toEqual({ code: "BAD_USER_INPUT", path: ["filter", name] });
});

const FACETS = `query ($filter: ProductFilter) { products(filter: $filter, first: 1) {
  totalCount
  facets {
    categories { category { slug } productCount }
    brands { brand productCount }
    concerns { concern productCount }
    skinTypes { skinType productCount }
    priceBands { priceMin { amount } priceMax { amount } productCount }
  }
} }`;

test("facets count the whole shop, a category with what is below it", async () => {
  const { facets } = (await shop.ask(FACETS)).data.products;
  expect(facets.categories).toEqual([
    { category: { slug: "face" }, productCount: 4 },
    { category: { slug: "creams" }, productCount: 2 },
    { category: { slug: "serums" }, productCount: 1 },
  ]);
  expect(facets.brands).toEqual([
    { brand: "Angkor Lab", productCount: 2 },
    { brand: "Mekong", productCount: 2 },
  ]);
  expect(facets.concerns).toEqual([
    { concern: "ACNE", productCount: 2 },
    { concern: "DRYNESS", productCount: 1 },
  ]);
  expect(facets.priceBands).toEqual([
    { priceMin: { amount: "0.00" }, priceMax: { amount: "9.99" }, productCount: 1 },
    { priceMin: { amount: "10.00" }, priceMax: { amount: "19.99" }, productCount: 1 },
    { priceMin: { amount: "20.00" }, priceMax: { amount: "29.99" }, productCount: 1 },
    { priceMin: { amount: "100.00" }, priceMax: null, productCount: 1 },
  ]);
});

test("each count is what choosing the value lists, whatever else is chosen", async () => {
  const chosen = { brands: ["Mekong"], concerns: ["ACNE"], priceMax: "40", skinTypes: ["DRY"] };
  const { facets } = (await shop.ask(FACETS, { filter: chosen })).data.products;
  const choices = [
    ...facets.brands.map((facet: any) => [{ brands: [facet.brand] }, facet.productCount]),
    ...facets.concerns.map((facet: any) => [{ concerns: [facet.concern] }, facet.productCount]),
    ...facets.skinTypes.map((facet: any) => [{ skinTypes: [facet.skinType] }, facet.productCount]),
    ...facets.categories.map((facet: any) => [
      { categorySlug: facet.category.slug },
      facet.productCount,
    ]),
    ...facets.priceBands.map((facet: any) => [
      { priceMin: facet.priceMin.amount, priceMax: facet.priceMax?.amount ?? null },
      facet.productCount,
    ]),
  ];
  expect(choices.length).toBeGreaterThan(6);
  for (const [choice, count] of choices) {
    expect({ choice, count: (await found({ ...chosen, ...choice })).length }).toEqual({
      choice,
      count,
    });
  }
});

test("facets cost one statement, their categories one more", async () => {
  expect((await shop.ask(FACETS)).statements).toBe(4);
  expect(
    (await shop.ask(`{ products(first: 1) { facets { brands { brand } } } }`)).statements,
  ).toBe(2);
});

test("suggestions: brands and categories that begin so, then products", async () => {
  const suggest = async (prefix: string) => {
    const answer = await shop.ask(
      `query ($prefix: String!) { searchSuggestions(prefix: $prefix) { kind brand category { slug } product { slug } } }`,
      { prefix },
    );
    expect(answer.errors).toEqual([]);
    expect(answer.statements).toBeLessThanOrEqual(3);
    return answer.data.searchSuggestions.map(
      (each: any) => `${each.kind} ${each.brand ?? each.category?.slug ?? each.product?.slug}`,
    );
  };
  expect(await suggest("ang")).toEqual([
    "BRAND Angkor Lab",
    "PRODUCT niacinamide",
    "PRODUCT cleanser",
  ]);
  expect(await suggest("Ser")).toEqual(["CATEGORY serums", "PRODUCT niacinamide"]);
  expect(await suggest("nig")).toEqual(["PRODUCT night"]);
  expect(await suggest("ក្រែម")).toEqual(["PRODUCT night"]);
  for (const nothing of ["", " ", "%", "'", "🧴", "\0"]) expect(await suggest(nothing)).toEqual([]);
});

test("a search that takes too long is ended", async () => {
  await expect(
    shop.database.queryWithin({ timeoutMs: 20 }, "select pg_sleep(5)"),
  ).rejects.toMatchObject({ code: "57014" });
  // The connection is fit for use again.
  expect(await shop.database.query("show statement_timeout")).toEqual([{ statement_timeout: "0" }]);
});
