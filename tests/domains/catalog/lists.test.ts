import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { openShop, type Answer, type Shop } from "./shop.ts";
import { freshDatabase } from "../../support/database.ts";

const PAGE = `query ($sort: ProductSort!, $first: Int, $after: String, $last: Int, $before: String, $filter: ProductFilter) {
  products(sort: $sort, first: $first, after: $after, last: $last, before: $before, filter: $filter) {
    edges { cursor node { slug } }
    nodes { slug }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;
const SORTS = ["NEWEST", "PRICE_ASC", "PRICE_DESC", "NAME"];

let shop: Shop;
let drop: () => Promise<void>;
beforeAll(async () => {
  const fresh = await freshDatabase();
  drop = fresh.drop;
  shop = await openShop(fresh.url);
  const care = await shop.category("care");
  const creams = await shop.category("creams", { parentId: care.id });
  // Equal prices, times and names, so that only the id decides.
  const rows = Array.from({ length: 23 }, (_, index) => ({
    slug: `item-${String(index).padStart(2, "0")}`,
    nameEn: index % 3 === 0 ? "Same name" : `Item ${index}`,
    price: index % 4 === 0 ? "12.34" : `${index + 1}.00`,
    publishedAt: new Date(Date.UTC(2026, 0, 1 + Math.floor(index / 5))),
    isFeatured: index === 7,
    skinConcerns: index < 3 ? (["ACNE", "REDNESS"] as const).slice() : [],
    skinTypes:
      index === 5 ? (["OILY"] as const).slice() : index === 6 ? (["DRY"] as const).slice() : [],
    shelves: [index % 2 === 0 ? creams.id : care.id],
  }));
  await shop.products(rows);
  await shop.products([
    { slug: "a-draft", status: "draft", shelves: [care.id], skinConcerns: ["ACNE"] },
    { slug: "a-relic", status: "archived", shelves: [care.id], skinConcerns: ["ACNE"] },
  ]);
});
afterAll(async () => {
  await shop.close();
  await drop();
});

const slugs = (answer: Answer): string[] =>
  answer.data.products.nodes.map((node: { slug: string }) => node.slug);
const pageInfo = (answer: Answer) => answer.data.products.pageInfo;
const codeOf = (answer: Answer) => answer.errors[0]?.extensions?.["code"];
const pathOf = (answer: Answer) =>
  (answer.errors[0]?.extensions?.["fields"] as { path: string[] }[])[0]?.path;

test.each(SORTS)("%s: pages forwards and backwards make up the whole list", async (sort) => {
  const whole = slugs(await shop.ask(PAGE, { sort, first: 100 }));
  expect(new Set(whole).size).toBe(23);

  const forwards: string[] = [];
  let after: string | null = null;
  for (let page = 0; page < 10; page += 1) {
    const answer: Answer = await shop.ask(PAGE, { sort, first: 5, after });
    forwards.push(...slugs(answer));
    expect(pageInfo(answer).hasPreviousPage).toBe(after !== null);
    if (!pageInfo(answer).hasNextPage) break;
    after = pageInfo(answer).endCursor;
  }
  expect(forwards).toEqual(whole);

  const backwards: string[] = [];
  let before: string | null = null;
  for (let page = 0; page < 10; page += 1) {
    const answer: Answer = await shop.ask(PAGE, { sort, last: 5, before });
    backwards.unshift(...slugs(answer));
    expect(pageInfo(answer).hasNextPage).toBe(before !== null);
    if (!pageInfo(answer).hasPreviousPage) break;
    before = pageInfo(answer).startCursor;
  }
  expect(backwards).toEqual(whole);
});

test("orders mean what they say", async () => {
  const query = `query ($sort: ProductSort!) { products(sort: $sort, first: 100) { nodes { name price { amount currency } publishedAt } } }`;
  const nodes = async (sort: string) => (await shop.ask(query, { sort })).data.products.nodes;
  const prices = (await nodes("PRICE_ASC")).map((node: any) => Number(node.price.amount));
  expect(prices).toEqual([...prices].sort((a, b) => a - b));
  expect(prices).toContain(12.34);
  const dearest = (await nodes("PRICE_DESC")).map((node: any) => Number(node.price.amount));
  expect(dearest).toEqual([...prices].reverse());
  const names = (await nodes("NAME")).map((node: any) => node.name.toLowerCase());
  expect(names).toEqual([...names].sort());
  const times = (await nodes("NEWEST")).map((node: any) => Date.parse(node.publishedAt));
  expect(times).toEqual([...times].sort((a, b) => b - a));
});

test("a page in one statement", async () => {
  expect((await shop.ask(PAGE, { sort: "NEWEST", first: 5 })).statements).toBe(1);
});

test.each([
  ["not base64", "%%%"],
  ["no JSON", Buffer.from("nonsense").toString("base64url")],
  ["another list", Buffer.from('["things",1,"prd_0000000000000"]').toString("base64url")],
  [
    "text for a time",
    Buffer.from('["products NEWEST","x","prd_0000000000000"]').toString("base64url"),
  ],
  [
    "a time beyond all",
    Buffer.from('["products NEWEST",1e300,"prd_0000000000000"]').toString("base64url"),
  ],
  ["no id", Buffer.from('["products NEWEST",1,"\' or 1=1"]').toString("base64url")],
  ["null", Buffer.from('["products NEWEST",null,null]').toString("base64url")],
  ["too long", "A".repeat(50_000)],
])("a cursor that is %s is refused", async (_, after) => {
  const answer = await shop.ask(PAGE, { sort: "NEWEST", first: 5, after });
  expect(codeOf(answer)).toBe("BAD_USER_INPUT");
  expect(pathOf(answer)).toEqual(["after"]);
  expect(answer.statements).toBe(0);
});

test("a cursor of another order is refused", async () => {
  const cursor = pageInfo(await shop.ask(PAGE, { sort: "PRICE_ASC", first: 5 })).endCursor;
  for (const sort of ["NEWEST", "PRICE_DESC", "NAME"]) {
    const answer = await shop.ask(PAGE, { sort, last: 5, before: cursor });
    expect(codeOf(answer)).toBe("BAD_USER_INPUT");
    expect(pathOf(answer)).toEqual(["before"]);
  }
});

test.each([
  [{ first: 101 }, ["first"]],
  [{ first: 0 }, ["first"]],
  [{ first: -1 }, ["first"]],
  [{ last: 101 }, ["last"]],
  [{ first: 5, last: 5 }, ["first"]],
  [{ filter: { priceMin: "-1" } }, ["filter", "priceMin"]],
  [{ filter: { priceMax: "cheap" } }, ["filter", "priceMax"]],
  [{ filter: { priceMax: "1e9" } }, ["filter", "priceMax"]],
  [{ filter: { priceMin: "9.999" } }, ["filter", "priceMin"]],
  [{ filter: { priceMin: "20", priceMax: "10" } }, ["filter", "priceMin"]],
])("%j is refused and names the argument", async (variables, path) => {
  const answer = await shop.ask(PAGE, { sort: "NEWEST", ...variables });
  expect(codeOf(answer)).toBe("BAD_USER_INPUT");
  expect(pathOf(answer)).toEqual(path);
  expect(answer.statements).toBe(0);
});

test("an unknown order or concern does not pass validation", async () => {
  const unknown = await shop.ask(PAGE, { sort: "RANDOM" });
  expect(unknown.errors).toHaveLength(1);
  const concern = await shop.ask(PAGE, { sort: "NAME", filter: { concerns: ["HUNGER"] } });
  expect(concern.errors).toHaveLength(1);
});

const filtered = async (filter: object): Promise<string[]> => {
  const answer = await shop.ask(PAGE, { sort: "NAME", first: 100, filter });
  expect(answer.errors).toEqual([]);
  return slugs(answer).sort();
};

test("filters narrow, alone and together", async () => {
  expect(await filtered({})).toHaveLength(23);
  expect(await filtered({ featured: true })).toEqual(["item-07"]);
  expect(await filtered({ featured: false })).toHaveLength(22);
  expect(await filtered({ concerns: ["REDNESS", "OILINESS", "REDNESS"] })).toEqual([
    "item-00",
    "item-01",
    "item-02",
  ]);
  expect(await filtered({ concerns: [] })).toHaveLength(23);
  // Made for oily skin or for all skin; not the one for dry skin.
  expect(await filtered({ skinTypes: ["OILY"] })).toHaveLength(22);
  expect(await filtered({ priceMin: "12.34", priceMax: "12.34" })).toHaveLength(6);
  expect(await filtered({ priceMin: "12.35", priceMax: "14" })).toEqual(["item-13"]);
  expect(
    await filtered({
      concerns: ["ACNE"],
      priceMax: "2.5",
      skinTypes: ["DRY"],
      categorySlug: "care",
    }),
  ).toEqual(["item-01"]);
});

test("a category lists also what is below it; an unknown one lists nothing", async () => {
  expect(await filtered({ categorySlug: "care" })).toHaveLength(23);
  expect(await filtered({ categorySlug: "creams" })).toHaveLength(12);
  for (const categorySlug of ["nope", "", "Creams", "x'--", "\0", "a".repeat(5_000)]) {
    expect(await filtered({ categorySlug })).toEqual([]);
  }
});

test("filtered lists page, too", async () => {
  const filter = { categorySlug: "creams", priceMin: "3", skinTypes: ["OILY"] };
  const whole = slugs(await shop.ask(PAGE, { sort: "PRICE_DESC", first: 100, filter }));
  const first = await shop.ask(PAGE, { sort: "PRICE_DESC", first: 4, filter });
  const after = pageInfo(first).endCursor;
  const rest = await shop.ask(PAGE, { sort: "PRICE_DESC", first: 100, after, filter });
  expect([...slugs(first), ...slugs(rest)]).toEqual(whole);
});

test("drafts and archived products are invisible everywhere", async () => {
  const ids = await shop.database.query<{ id: string }>(
    "select id from products where status <> 'active'",
  );
  const answer = await shop.ask(
    `query ($id: ID!, $ids: [ID!]!) {
      bySlug: product(slug: "a-draft") { id }
      byId: product(id: $id) { id }
      nodes(ids: $ids) { id }
      category(slug: "care") { products(first: 100) { nodes { slug } } }
      skinConcerns { concern productCount }
    }`,
    { id: ids[0]!.id, ids: ids.map((row) => row.id) },
  );
  expect(answer.errors).toEqual([]);
  expect(answer.data).toMatchObject({ bySlug: null, byId: null, nodes: [null, null] });
  const listed = answer.data.category.products.nodes.map((node: any) => node.slug);
  expect(listed).toHaveLength(23);
  expect(listed).not.toContain("a-draft");
  expect(answer.data.skinConcerns).toHaveLength(10);
  expect(answer.data.skinConcerns).toContainEqual({ concern: "ACNE", productCount: 3 });
  expect(answer.data.skinConcerns).toContainEqual({ concern: "DRYNESS", productCount: 0 });
});
