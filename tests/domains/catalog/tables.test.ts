import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { NewProduct } from "../../../src/domains/catalog/catalog-writer.repository.ts";
import { countStatements } from "../../../src/platform/db/statements.ts";
import { freshDatabase } from "../../support/database.ts";
import { openShop, type Shop } from "./shop.ts";

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

const refused: [string, Partial<NewProduct>][] = [
  ["a price of nothing", { price: "0.00" }],
  ["a price below zero", { price: "-1.00" }],
  ["a former price below the price", { price: "10.00", compareAtPrice: "9.99" }],
  ["an unknown status", { status: "gone" as "draft" }],
  ["an unknown skin type", { skinTypes: ["GREEN" as "OILY"] }],
  ["an unknown concern", { skinConcerns: ["HUNGER" as "ACNE"] }],
  ["a sale without a date", { publishedAt: null }],
  ["less than no stock", { stock: -1 }],
  ["a slug with spaces", { slug: "two words" }],
  ["no name", { nameEn: "" }],
  ["an unknown category", { categoryId: "cat_0000000000000" }],
];
test.each(refused)("the database refuses %s", async (_, product) => {
  await expect(shop.products([product])).rejects.toMatchObject({
    driverError: { code: expect.stringMatching(/^235?/) },
  });
});

test("what is allowed: no former price, a former price that equals, debts of back orders", async () => {
  const product = { compareAtPrice: "10.00", stock: -3, allowBackorders: true };
  await expect(
    shop.products([product, { status: "draft", publishedAt: null }]),
  ).resolves.toHaveLength(2);
});

test("SKUs are unique", async () => {
  await shop.products([{ sku: "TWICE" }]);
  await expect(shop.products([{ sku: "TWICE" }])).rejects.toThrow(/products_sku/);
});

test("a product has one primary picture", async () => {
  const [product] = await shop.products([{}]);
  await shop.images([product!], 2);
  await expect(
    shop.database.query("update product_images set is_primary = true where product_id = $1", [
      product!.id,
    ]),
  ).rejects.toThrow(/product_images_primary/);
});

test("a deleted category frees what stood below and in it", async () => {
  const above = await shop.category("above");
  const below = await shop.category("below", { parentId: above.id });
  const [product] = await shop.products([{ categoryId: above.id, shelves: [above.id, below.id] }]);
  await shop.database.query("delete from categories where id = $1", [above.id]);
  const answer = await shop.ask(
    `query ($slug: String!) { product(slug: $slug) { categories { slug parent { id } } } }`,
    { slug: product!.slug },
  );
  expect(answer.data.product.categories).toEqual([{ slug: "below", parent: null }]);
});

test("categories that bite their tail end", async () => {
  const head = await shop.category("head");
  const tail = await shop.category("tail", { parentId: head.id });
  await shop.database.query("update categories set parent_id = $1 where id = $2", [
    tail.id,
    head.id,
  ]);
  await shop.products([{ shelves: [tail.id] }]);
  const answer = await shop.ask(`{ category(slug: "head") { products { nodes { id } } } }`);
  expect(answer.data.category.products.nodes).toHaveLength(1);
});

test("at 20,000 products each list starts from an index", async () => {
  const shelf = await shop.category("large");
  await shop.database.query(
    `insert into products (id, slug, sku, name_en, brand, description_en, price, stock, status,
       is_featured, published_at, skin_concerns, skin_types)
     select 'prd_' || lpad(n::text, 13, '0'), 'large-' || n, 'LARGE-' || n, 'Large ' || n, 'Bulk', '',
       1 + n % 5000 / 100.0, 1, 'active', n % 200 = 0, timestamptz '2025-01-01' + n * interval '1 min',
       array[(array['ACNE','REDNESS','DULLNESS'])[1 + n % 3]], '{}'
     from generate_series(1, 20000) as n`,
  );
  await shop.database.query(
    "insert into product_categories select id, $1 from products where brand = 'Bulk'",
    [shelf.id],
  );
  await shop.database.query("analyze products, product_categories, categories");
  for (const sort of ["NEWEST", "PRICE_ASC", "PRICE_DESC", "NAME"]) {
    for (const page of [`first: 20`, `last: 20`]) {
      expect(await plansOf(`{ products(sort: ${sort}, ${page}) { nodes { id } } }`)).not.toMatch(
        /Seq Scan on products/,
      );
    }
    const cursor = (
      await shop.ask(`{ products(sort: ${sort}, first: 100) { pageInfo { endCursor } } }`)
    ).data.products.pageInfo.endCursor;
    const behind = `{ products(sort: ${sort}, first: 20, after: "${cursor}") { nodes { id } } }`;
    const plan = await plansOf(behind);
    expect(plan).toMatch(/Index Cond: \(ROW\(/);
  }
  const filters = [`featured: true`, `categorySlug: "large"`, `concerns: [ACNE]`, `priceMax: "2"`];
  for (const filter of filters) {
    const query = `{ products(first: 20, filter: { ${filter} }) { nodes { id } } }`;
    expect(await plansOf(query)).not.toMatch(/Seq Scan on products/);
  }
});

/** The plans of the list statements of an operation. */
async function plansOf(query: string): Promise<string> {
  const spy = shop.database;
  const original = spy.query.bind(spy);
  const plans: string[] = [];
  spy.query = async <T extends object>(
    text: string,
    values?: readonly unknown[],
    name?: string,
  ) => {
    const rows = await original<{ "QUERY PLAN": string }>(`explain ${text}`, values);
    plans.push(rows.map((row) => row["QUERY PLAN"]).join("\n"));
    return original<T>(text, values, name);
  };
  try {
    const { result } = await countStatements(() => shop.ask(query));
    expect(result.errors).toEqual([]);
  } finally {
    spy.query = original;
  }
  return plans.join("\n");
}
