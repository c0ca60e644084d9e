import type { Loaders } from "../../platform/graphql/loaders.ts";
import { oneRowByKey, type RowLoader } from "../../platform/graphql/row-loader.ts";
import type { CatalogReads } from "./catalog.reads.ts";
import { categoryGroups, type CategoryRow } from "./category.repository.ts";
import { productGroups, type ProductRow } from "./product-columns.repository.ts";

declare module "../../platform/graphql/loaders.ts" {
  interface Loaders {
    /** An active product by its id. */
    product: RowLoader<ProductRow | null>;
    productBySlug: RowLoader<ProductRow | null>;
    /** An active category by its id. */
    category: RowLoader<CategoryRow | null>;
    categoryBySlug: RowLoader<CategoryRow | null>;
  }
}

/** The loaders of one operation. */
export const createCatalogLoaders = (
  reads: CatalogReads,
): Pick<Loaders, "product" | "productBySlug" | "category" | "categoryBySlug"> => ({
  product: oneRowByKey(
    (ids, columns) => reads.productsById(productGroups(columns), ids),
    (row) => row.id,
  ),
  productBySlug: oneRowByKey(
    (slugs, columns) => reads.productsBySlug(productGroups(columns), slugs),
    (row) => row.slug,
  ),
  category: oneRowByKey(
    (ids, columns) => reads.categoriesById(categoryGroups(columns), ids),
    (row) => row.id,
  ),
  categoryBySlug: oneRowByKey(
    (slugs, columns) => reads.categoriesBySlug(categoryGroups(columns), slugs),
    (row) => row.slug,
  ),
});
