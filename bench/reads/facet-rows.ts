import type { Database } from "../../src/platform/db/database.ts";
import {
  mergedByKeys,
  mergedWhenEqual,
  type ReadByKeys,
} from "../../src/platform/db/merged-reads.ts";
import { manyByKey, oneByKey } from "../../src/platform/graphql/loaders.ts";

export interface ProductRow {
  readonly id: string;
}
export interface CategoryRow {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly productId: string;
}
export interface ReviewRow {
  readonly id: string;
  readonly productId: string;
  readonly userId: string;
}
export interface AuthorRow {
  readonly id: string;
  readonly name: string;
}

const COLUMNS = `id, slug, name, brand, description, price, stock, is_featured as "isFeatured",
  image_url as "imageUrl", rating_average as "ratingAverage"`;

/** What everybody may see is read for all requests together, unless MERGE=0. */
const isMerging = process.env["MERGE"] !== "0";
const together = <V>(fetch: ReadByKeys<string, V>, keyOf: (row: V) => string) =>
  isMerging ? mergedByKeys(fetch, keyOf) : fetch;

/** How the benchmark's rows are read. */
export function openRows(database: Database) {
  const page = (first: number, offset: number) =>
    database.query<ProductRow>(
      `select ${COLUMNS} from products order by published_at desc, id desc limit $1 offset $2`,
      [first, offset],
      "bench.page",
    );
  return {
    page: isMerging ? mergedWhenEqual(page) : page,
    products: together<ProductRow>(
      (ids) =>
        database.query(
          `select ${COLUMNS} from products where id = any($1)`,
          [ids],
          "bench.products",
        ),
      (row) => row.id,
    ),
    categories: together<CategoryRow>(
      (ids) =>
        database.query(
          `select pc.product_id as "productId", c.id, c.slug, c.name from product_categories pc
           join categories c on c.id = pc.category_id where pc.product_id = any($1)
           order by pc.product_id, c.id`,
          [ids],
          "bench.categories",
        ),
      (row) => row.productId,
    ),
    authors: together<AuthorRow>(
      (ids) =>
        database.query("select id, name from users where id = any($1)", [ids], "bench.authors"),
      (row) => row.id,
    ),
    /** The newest three of each product. */
    reviews: together<ReviewRow>(
      (ids) =>
        database.query(
          `select r.* from unnest($1::text[]) wanted(id) cross join lateral (
             select product_id as "productId", id, rating, title, created_at as "createdAt",
               user_id as "userId"
             from reviews where product_id = wanted.id order by created_at desc, id desc limit 3
           ) r`,
          [ids],
          "bench.reviews",
        ),
      (row) => row.productId,
    ),
  };
}

/** The loaders of one operation. */
export const createLoaders = (rows: ReturnType<typeof openRows>) => ({
  products: oneByKey(rows.products, (row) => row.id),
  categories: manyByKey(rows.categories, (row) => row.productId),
  authors: oneByKey(rows.authors, (row) => row.id),
  reviews: manyByKey(rows.reviews, (row) => row.productId),
});
