import { withGroups, type ColumnGroup } from "../../platform/db/column-groups.ts";
import type { Database } from "../../platform/db/database.ts";

/** An active category. What is optional is undefined where it was not read. */
export interface CategoryRow {
  readonly id: string;
  readonly slug: string;
  readonly nameEn: string;
  readonly nameKh?: string | null;
  readonly descriptionEn?: string | null;
  readonly descriptionKh?: string | null;
  readonly parentId: string | null;
}

/** Groups of columns, as bits. */
export const CategoryColumns = { TEXTS: 1, KHMER: 2 } as const;

const CARD = `c.id, c.slug, c.name_en as "nameEn", c.parent_id as "parentId"`;
const { TEXTS, KHMER } = CategoryColumns;
const GROUPS: readonly ColumnGroup[] = [
  { bits: KHMER, sql: `c.name_kh as "nameKh"` },
  { bits: TEXTS, sql: `c.description_en as "descriptionEn"` },
  { bits: TEXTS | KHMER, sql: `c.description_kh as "descriptionKh"` },
];

/** The groups that there are: equal for those who read the same columns. */
export const categoryGroups = (columns: number): number => columns & (TEXTS | KHMER);

const columnsOf = (columns: number): string => withGroups(CARD, GROUPS, columns);

/** Reads active categories, with groups of columns as `categoryGroups` gives them. */
export class CategoryRepository {
  constructor(private readonly database: Database) {}

  byIds(ids: readonly string[], columns: number): Promise<CategoryRow[]> {
    return this.database.query(
      `select ${columnsOf(columns)} from categories c where c.id = any($1) and c.is_active`,
      [ids],
      `catalog.categories_by_id.${columns}`,
    );
  }

  bySlugs(slugs: readonly string[], columns: number): Promise<CategoryRow[]> {
    return this.database.query(
      `select ${columnsOf(columns)} from categories c where c.slug = any($1) and c.is_active`,
      [slugs],
      `catalog.categories_by_slug.${columns}`,
    );
  }

  /** The categories that stand on no other, in shop order. */
  topLevel(columns: number): Promise<CategoryRow[]> {
    return this.database.query(
      `select ${columnsOf(columns)} from categories c
       where c.parent_id is null and c.is_active order by c.sort_order, c.id`,
      [],
      `catalog.top_categories.${columns}`,
    );
  }

  childrenOf(
    parentIds: readonly string[],
    columns: number,
  ): Promise<(CategoryRow & { parentId: string })[]> {
    return this.database.query(
      `select ${columnsOf(columns)} from categories c
       where c.parent_id = any($1) and c.is_active order by c.parent_id, c.sort_order, c.id`,
      [parentIds],
      `catalog.child_categories.${columns}`,
    );
  }

  ofProducts(
    productIds: readonly string[],
    columns: number,
  ): Promise<(CategoryRow & { productId: string })[]> {
    return this.database.query(
      `select ${columnsOf(columns)}, pc.product_id as "productId"
       from product_categories pc join categories c on c.id = pc.category_id
       where pc.product_id = any($1) and c.is_active
       order by pc.product_id, c.sort_order, c.id`,
      [productIds],
      `catalog.categories_of_products.${columns}`,
    );
  }
}
