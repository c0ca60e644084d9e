import DataLoader from "dataloader";
import { manyByKey, type Loaders } from "../../platform/graphql/loaders.ts";
import { oneRowByKey, rowsByKey, type RowLoader } from "../../platform/graphql/row-loader.ts";
import type { CatalogReads } from "./catalog.reads.ts";
import { categoryGroups, type CategoryRow } from "./category.repository.ts";
import { productGroups, type ProductRow } from "./product-columns.repository.ts";
import type { ProductImageRow, ProductPageShape } from "./product.repository.ts";

/** One page of the products of one category. */
export interface CategoryPage extends ProductPageShape {
  readonly categoryId: string;
}

declare module "../../platform/graphql/loaders.ts" {
  interface Loaders {
    /** An active product by its id. */
    product: RowLoader<ProductRow | null>;
    productBySlug: RowLoader<ProductRow | null>;
    imagesOfProduct: DataLoader<string, ProductImageRow[]>;
    categoriesOfProduct: RowLoader<CategoryRow[]>;
    /** An active category by its id. */
    category: RowLoader<CategoryRow | null>;
    categoryBySlug: RowLoader<CategoryRow | null>;
    childrenOfCategory: RowLoader<CategoryRow[]>;
    /** Up to `limit + 1` rows, in the direction of the request. */
    productsOfCategory: DataLoader<CategoryPage, ProductRow[], string>;
  }
}

/** The loaders of one operation. */
export function createCatalogLoaders(reads: CatalogReads): Partial<Loaders> {
  return {
    product: oneRowByKey(
      (ids, columns) => reads.productsById(productGroups(columns), ids),
      (row) => row.id,
    ),
    productBySlug: oneRowByKey(
      (slugs, columns) => reads.productsBySlug(productGroups(columns), slugs),
      (row) => row.slug,
    ),
    imagesOfProduct: manyByKey(reads.imagesOfProducts, (row) => row.productId),
    categoriesOfProduct: rowsByKey(
      (ids, columns) => reads.categoriesOfProducts(categoryGroups(columns), ids),
      (row) => row.productId,
    ),
    category: oneRowByKey(
      (ids, columns) => reads.categoriesById(categoryGroups(columns), ids),
      (row) => row.id,
    ),
    categoryBySlug: oneRowByKey(
      (slugs, columns) => reads.categoriesBySlug(categoryGroups(columns), slugs),
      (row) => row.slug,
    ),
    childrenOfCategory: rowsByKey(
      (ids, columns) => reads.childrenOfCategories(categoryGroups(columns), ids),
      (row) => row.parentId,
    ),
    productsOfCategory: pagesOfCategories(reads),
  };
}

/** Categories that are asked for the same page share a statement. */
function pagesOfCategories(
  reads: Pick<CatalogReads, "productsOfCategories">,
): DataLoader<CategoryPage, ProductRow[], string> {
  const nameOf = ({ sort, request, columns }: ProductPageShape) =>
    JSON.stringify([sort, request, columns]);
  return new DataLoader(
    async (pages: readonly CategoryPage[]) => {
      const byShape = Map.groupBy(pages, nameOf);
      const found = new Map<CategoryPage, ProductRow[]>(pages.map((page) => [page, []]));
      await Promise.all(
        [...byShape.values()].map(async (alike) => {
          const { sort, request, columns } = alike[0]!;
          const byCategory = new Map(alike.map((page) => [page.categoryId, page]));
          const ids = [...byCategory.keys()];
          const rows = await reads.productsOfCategories({ sort, request, columns }, ids);
          for (const row of rows) found.get(byCategory.get(row.rootId)!)?.push(row);
        }),
      );
      return pages.map((page) => found.get(page) ?? []);
    },
    { cacheKeyFn: (page) => `${page.categoryId} ${nameOf(page)}` },
  );
}
