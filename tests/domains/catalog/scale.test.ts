import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { seedScale } from "../../../src/domains/catalog/index.ts";
import { openShop, type Shop } from "./shop.ts";
import { freshDatabase } from "../../support/database.ts";

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

const scaleUp = (seed: number, onProgress?: (table: string, done: number) => void) =>
  seedScale({
    database: shop.database,
    unitOfWork: shop.uow,
    products: 300,
    seed,
    ...(onProgress ? { onProgress } : {}),
  });
const rows = () =>
  shop.database.query<{ text: string }>(
    `select p::text as text from (select id, slug, price, brand, rating_histogram from products) p
     union all select r::text from (select id, product_id, user_id, rating, created_at from reviews) r
     order by 1`,
  );
const SIZES = { users: 60, categories: 12, products: 300, product_categories: 600, reviews: 6_000 };

test("rows by a number: again adds nothing, another number another shop", async () => {
  const progress: string[] = [];
  expect(await scaleUp(7, (table, done) => progress.push(`${table} ${done}`))).toEqual(SIZES);
  expect(progress).toEqual([
    "categories 12",
    "products 300",
    "product_categories 600",
    "reviews 2000",
    "reviews 4000",
    "reviews 6000",
  ]);
  const before = await rows();
  const none = { users: 0, categories: 0, products: 0, product_categories: 0, reviews: 0 };
  expect(await scaleUp(7)).toEqual(none);
  expect(await rows()).toEqual(before);
  expect(await shop.module.reviews.reconcile()).toEqual([]);

  await shop.database.query("truncate products, users, categories cascade");
  await scaleUp(7);
  expect(await rows()).toEqual(before);
  expect(await scaleUp(8)).toEqual(SIZES);
});

test("the generated shop can be read", async () => {
  const answer = await shop.ask(`{ products(first: 20, sort: RATING) {
    totalCount nodes { name(language: KH) price { amount } categories { name } ratingSummary { average count }
      reviews(first: 3) { nodes { rating authorName comment } } }
  } }`);
  expect(answer.errors).toEqual([]);
  expect(answer.data.products.totalCount).toBe(594);
  expect(answer.statements).toBe(4);
});
