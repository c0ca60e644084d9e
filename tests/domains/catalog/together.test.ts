import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { NewProduct } from "../../../src/domains/catalog/catalog-writer.repository.ts";
import { freshDatabase } from "../../support/database.ts";
import { openShop, type Shop } from "./shop.ts";

let shop: Shop;
let drop: () => Promise<void>;
let products: NewProduct[];

beforeAll(async () => {
  const fresh = await freshDatabase();
  drop = fresh.drop;
  shop = await openShop(fresh.url);
  const shelf = await shop.category("shelf", { nameKh: "ធ្នើ" });
  products = await shop.products(
    Array.from({ length: 30 }, (_, index) => ({
      nameKh: `ផលិតផល ${index}`,
      shelves: [shelf.id],
    })),
  );
  await shop.images(products, 1);
});
afterAll(async () => {
  await shop.close();
  await drop();
});

const PAGE = `query ($first: Int!) { products(first: $first) { nodes {
  id name images { url } categories { name } reviews(first: 3) { nodes { rating } } } } }`;

/** How many statements go out while something happens, whoever sends them. */
async function statementsOf<T>(work: () => Promise<T>): Promise<{ result: T; statements: number }> {
  const { database } = shop;
  const { query: read, queryWithin: search } = database;
  let statements = 0;
  database.query = ((...given: Parameters<typeof read>) => {
    statements += 1;
    return read.apply(database, given);
  }) as typeof read;
  database.queryWithin = ((...given: Parameters<typeof search>) => {
    statements += 1;
    return search.apply(database, given);
  }) as typeof search;
  try {
    return { result: await work(), statements };
  } finally {
    Object.assign(database, { query: read, queryWithin: search });
  }
}

const atOnce = <T>(count: number, ask: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => ask(index)));

test("a hundred that open the same page cost what one costs", async () => {
  const alone = await shop.ask(PAGE, { first: 20 });
  expect(alone.statements).toBe(4);
  const all = await statementsOf(() => atOnce(100, () => shop.ask(PAGE, { first: 20 })));
  expect(all.statements).toBe(4);
  for (const { data } of all.result) expect(data).toEqual(alone.data);
});

test("pages that begin at different places are read together, forwards and backwards, in each order", async () => {
  for (const sort of ["NEWEST", "PRICE_ASC", "NAME", "RATING", "BEST_SELLING"]) {
    const query = (place: string) => `query { products(sort: ${sort}, ${place}) {
      nodes { id } pageInfo { hasNextPage hasPreviousPage endCursor } } }`;
    const edges = `{ products(sort: ${sort}, first: 30) { edges { cursor node { id } } } }`;
    const all: { cursor: string; node: { id: string } }[] = (await shop.ask(edges)).data.products
      .edges;
    const pages = all.flatMap(({ cursor }, index) => [
      { place: `first: 4, after: "${cursor}"`, found: all.slice(index + 1, index + 5) },
      { place: `last: 4, before: "${cursor}"`, found: all.slice(Math.max(0, index - 4), index) },
    ]);
    const together = await statementsOf(() =>
      atOnce(pages.length, (index) => shop.ask(query(pages[index]!.place))),
    );
    expect(together.statements).toBe(2);
    for (const [index, { data }] of together.result.entries()) {
      const { place, found } = pages[index]!;
      expect(data.products.nodes).toEqual(found.map(({ node }) => node));
      expect(data).toEqual((await shop.ask(query(place))).data);
    }
  }
});

test("fifty products by id, searched or suggested at once cost few statements", async () => {
  const one = (index: number) =>
    shop.ask(`{ product(id: "${products[index % 30]!.id}") { slug } }`);
  const byId = await statementsOf(() => atOnce(50, one));
  expect(byId.statements).toBe(1);
  expect(byId.result.map(({ data }) => data.product.slug)).toEqual(
    byId.result.map((_, index) => products[index % 30]!.slug),
  );
  const search = `{ products(filter: { search: "product" }) { totalCount nodes { slug } facets { brands { brand } } } }`;
  expect((await statementsOf(() => atOnce(50, () => shop.ask(search)))).statements).toBe(3);
  const guess = `{ searchSuggestions(prefix: "prod") { kind } }`;
  expect((await statementsOf(() => atOnce(50, () => shop.ask(guess)))).statements).toBe(1);
});

test("people with different languages and pages get their own", async () => {
  const answers = await atOnce(60, async (index) => {
    const language = index % 2 === 0 ? "EN" : "KH";
    const first = 1 + (index % 3);
    return { language, first, ...(await shop.ask(PAGE, { first }, language)) };
  });
  for (const { language, first, data } of answers) {
    const names = data.products.nodes.map(({ name }: { name: string }) => name);
    const shelves = data.products.nodes.map(({ categories }: any) => categories[0].name);
    expect(names).toHaveLength(first);
    const isKhmer = /^[\u1780-\u17FF]/;
    for (const text of [...names, ...shelves]) expect(isKhmer.test(text)).toBe(language === "KH");
  }
});

test("columns that only some ask for reach only those", async () => {
  const { id } = products[3]!;
  const [short, long] = await Promise.all([
    shop.ask(`{ product(id: "${id}") { name } }`),
    shop.ask(`{ product(id: "${id}") { name description ingredients } }`),
  ]);
  expect(short.data.product).toEqual({ name: "Product 4" });
  expect(long.data.product).toMatchObject({ description: "A test product.", ingredients: [] });
});

test("what was committed is seen by the next read, whatever others read meanwhile", async () => {
  const { id } = products[0]!;
  const query = `{ product(id: "${id}") { name } products(first: 30) { nodes { id name } } }`;
  let isOver = false;
  const crowd = atOnce(5, async () => {
    while (!isOver) await shop.ask(query);
  });
  for (let version = 1; version <= 50; version += 1) {
    const name = `Version ${version}`;
    await shop.database.query("update products set name_en = $1 where id = $2", [name, id]);
    const { data } = await shop.ask(query);
    const listed = data.products.nodes.find((node: { id: string }) => node.id === id);
    expect([data.product.name, listed.name]).toEqual([name, name]);
  }
  isOver = true;
  await crowd;
});

test("a statement that fails fails for those who share it, and for nobody after", async () => {
  const { database } = shop;
  const { query: read } = database;
  database.query = () => Promise.reject(new Error("away"));
  const failed = await atOnce(10, () => shop.ask(PAGE, { first: 2 })).finally(() => {
    database.query = read;
  });
  for (const { data, errors } of failed) expect([data, errors.length]).toEqual([null, 1]);
  expect((await shop.ask(PAGE, { first: 2 })).errors).toEqual([]);
});
