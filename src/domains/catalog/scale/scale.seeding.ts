import type { Database } from "../../../platform/db/database.ts";
import type { UnitOfWork } from "../../../platform/db/unit-of-work.ts";
import { GeneratedUserRepository } from "../../identity/index.ts";
import { BulkRepository, type BulkTable } from "./bulk.repository.ts";
import { generateShop } from "./generated-rows.ts";

export interface ScaleOptions {
  readonly database: Database;
  readonly unitOfWork: UnitOfWork;
  /** Products to generate, 10–100,000; users, categories and reviews follow: a fifth, a twenty-fifth and twenty times as many. */
  readonly products: number;
  /** 0–1023; another number makes another shop beside the first. */
  readonly seed: number;
  readonly onProgress?: (table: string, done: number) => void;
}

/** How many rows were added; all zero when the same shop had been generated before. */
export type ScaleReport = Readonly<Record<"users" | BulkTable, number>>;

const ROWS_AT_ONCE = 2_000;
const REVIEWS_PER_TEN_PRODUCTS = [60, 40, 30, 20, 15, 12, 10, 8, 5, 0];

/** Fills the shop with made-up rows for load tests. The same numbers make the same rows, so running it again adds nothing. */
export async function seedScale(options: ScaleOptions): Promise<ScaleReport> {
  const { database, unitOfWork, products, seed, onProgress } = options;
  const { loadCatalogSeed } = await import("../seed/catalog-seed.ts");
  const sizes = {
    users: Math.ceil(products / 5),
    categories: Math.ceil(products / 25),
    products,
    reviewsPerTenProducts: REVIEWS_PER_TEN_PRODUCTS,
  };
  const shop = generateShop(seed, sizes, loadCatalogSeed());
  const people = new GeneratedUserRepository();
  const bulk = new BulkRepository(database);
  const fill = async (table: BulkTable, rows: Iterable<object>) => {
    let added = 0;
    let done = 0;
    for (const batch of batches(rows)) {
      added += await unitOfWork.run((tx) => bulk.add(tx, table, batch));
      done += batch.length;
      onProgress?.(table, done);
    }
    return added;
  };
  const report = {
    users: await unitOfWork.run((tx) => people.add(tx, shop.users)),
    categories: await fill("categories", shop.categories),
    products: await fill("products", shop.products),
    product_categories: await fill("product_categories", shop.shelves),
    reviews: await fill("reviews", shop.reviews),
  };
  await bulk.analyze();
  return report;
}

function* batches<T>(rows: Iterable<T>): Iterable<T[]> {
  let batch: T[] = [];
  for (const row of rows) {
    batch.push(row);
    if (batch.length === ROWS_AT_ONCE) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}
