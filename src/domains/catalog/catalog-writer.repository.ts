import type { EntityTarget, ObjectLiteral } from "typeorm";
import type { Tx } from "../../platform/db/unit-of-work.ts";
import {
  CategoryEntity,
  ProductCategoryEntity,
  ProductEntity,
  ProductImageEntity,
} from "./catalog.entity.ts";

export type NewCategory = Omit<CategoryEntity, "updatedAt">;
export type NewProduct = Omit<ProductEntity, "updatedAt">;

// PostgreSQL takes at most 65,535 parameters in a statement.
const ROWS_PER_STATEMENT = 500;

/** Writes the catalogue in bulk. Counts are rows that were added or changed; equal rows are left alone. */
export class CatalogWriter {
  /** Makes concurrent writers of the whole catalogue take turns, until the transaction ends. */
  async lock(tx: Tx): Promise<void> {
    await tx.query("select pg_advisory_xact_lock(hashtext('catalog'))");
  }

  async categoryIds(tx: Tx, slugs: readonly string[]): Promise<Map<string, string>> {
    return idsBySlug(
      await tx.query("select id, slug from categories where slug = any($1)", [slugs]),
    );
  }

  async productIds(tx: Tx, slugs: readonly string[]): Promise<Map<string, string>> {
    return idsBySlug(await tx.query("select id, slug from products where slug = any($1)", [slugs]));
  }

  putCategories(tx: Tx, categories: readonly NewCategory[]): Promise<number> {
    return upsert(tx, CategoryEntity, categories, ["slug"], ["id"]);
  }

  /** The stock of a product that exists is kept: sales have moved it. */
  putProducts(tx: Tx, products: readonly NewProduct[]): Promise<number> {
    return upsert(tx, ProductEntity, products, ["slug"], ["id", "stock"]);
  }

  /** Puts the products on exactly these shelves. */
  async setShelves(
    tx: Tx,
    productIds: readonly string[],
    shelves: readonly ProductCategoryEntity[],
  ): Promise<number> {
    const given = [
      shelves.map((shelf) => shelf.productId),
      shelves.map((shelf) => shelf.categoryId),
    ];
    const removed = await tx.execute(
      `delete from product_categories pc where product_id = any($1) and not exists (
         select 1 from unnest($2::text[], $3::text[]) as given(product_id, category_id)
         where given.product_id = pc.product_id and given.category_id = pc.category_id)`,
      [productIds, ...given],
    );
    const added = await tx.execute(
      `insert into product_categories (product_id, category_id)
       select * from unnest($1::text[], $2::text[]) on conflict do nothing`,
      given,
    );
    return removed + added;
  }

  /** Puts pictures at their places; a picture that was there is replaced and keeps its id. */
  putImages(tx: Tx, images: readonly ProductImageEntity[]): Promise<number> {
    return upsert(tx, ProductImageEntity, images, ["product_id", "sort_order"], ["id"]);
  }
}

const idsBySlug = (rows: { id: string; slug: string }[]): Map<string, string> =>
  new Map(rows.map((row) => [row.slug, row.id]));

/** Adds rows; where the key is taken, overwrites all columns but the kept ones if any differs. */
async function upsert<E extends ObjectLiteral>(
  tx: Tx,
  entity: EntityTarget<E>,
  rows: readonly object[],
  key: string[],
  kept: string[],
): Promise<number> {
  const overwritten = tx.manager.connection
    .getMetadata(entity)
    .columns.filter((column) => !column.isUpdateDate)
    .map((column) => column.databaseName)
    .filter((name) => !key.includes(name) && !kept.includes(name));
  let changed = 0;
  for (let start = 0; start < rows.length; start += ROWS_PER_STATEMENT) {
    const result = await tx.manager
      .createQueryBuilder()
      .insert()
      .into(entity)
      .values(rows.slice(start, start + ROWS_PER_STATEMENT))
      .orUpdate(overwritten, key, { skipUpdateIfNoValuesChanged: true })
      .returning("id")
      .updateEntity(false)
      .execute();
    changed += (result.raw as object[]).length;
  }
  return changed;
}
