import type { Database } from "../../platform/db/database.ts";

/** An active category. */
export interface CategoryRow {
  readonly id: string;
  readonly slug: string;
  readonly nameEn: string;
  readonly nameKh: string | null;
  readonly descriptionEn: string | null;
  readonly descriptionKh: string | null;
  readonly parentId: string | null;
}

const COLUMNS = `c.id, c.slug, c.name_en as "nameEn", c.name_kh as "nameKh",
  c.description_en as "descriptionEn", c.description_kh as "descriptionKh", c.parent_id as "parentId"`;

/** Reads active categories. */
export class CategoryRepository {
  constructor(private readonly database: Database) {}

  byIds(ids: readonly string[]): Promise<CategoryRow[]> {
    return this.database.query(
      `select ${COLUMNS} from categories c where c.id = any($1) and c.is_active`,
      [ids],
      "catalog.categories_by_id",
    );
  }

  bySlugs(slugs: readonly string[]): Promise<CategoryRow[]> {
    return this.database.query(
      `select ${COLUMNS} from categories c where c.slug = any($1) and c.is_active`,
      [slugs],
      "catalog.categories_by_slug",
    );
  }

  /** The categories that stand on no other, in shop order. */
  topLevel(): Promise<CategoryRow[]> {
    return this.database.query(
      `select ${COLUMNS} from categories c
       where c.parent_id is null and c.is_active order by c.sort_order, c.id`,
      [],
      "catalog.top_categories",
    );
  }

  childrenOf(parentIds: readonly string[]): Promise<(CategoryRow & { parentId: string })[]> {
    return this.database.query(
      `select ${COLUMNS} from categories c
       where c.parent_id = any($1) and c.is_active order by c.parent_id, c.sort_order, c.id`,
      [parentIds],
      "catalog.child_categories",
    );
  }

  ofProducts(productIds: readonly string[]): Promise<(CategoryRow & { productId: string })[]> {
    return this.database.query(
      `select ${COLUMNS}, pc.product_id as "productId"
       from product_categories pc join categories c on c.id = pc.category_id
       where pc.product_id = any($1) and c.is_active
       order by pc.product_id, c.sort_order, c.id`,
      [productIds],
      "catalog.categories_of_products",
    );
  }
}
