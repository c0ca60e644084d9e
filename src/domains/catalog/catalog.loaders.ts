import DataLoader from "dataloader";
import type { PageRequest } from "../../platform/graphql/connection.ts";
import { manyByKey, oneByKey, type Loaders } from "../../platform/graphql/loaders.ts";
import type { CategoryRepository, CategoryRow } from "./category.repository.ts";
import type { ProductSort } from "./catalog.vocabulary.ts";
import type { ProductImageRow, ProductRepository, ProductRow } from "./product.repository.ts";

/** One page of the products of one category. */
export interface CategoryPage {
  readonly categoryId: string;
  readonly sort: ProductSort;
  readonly request: PageRequest;
}

declare module "../../platform/graphql/loaders.ts" {
  interface Loaders {
    /** An active product by its id. */
    product: DataLoader<string, ProductRow | null>;
    productBySlug: DataLoader<string, ProductRow | null>;
    imagesOfProduct: DataLoader<string, ProductImageRow[]>;
    categoriesOfProduct: DataLoader<string, CategoryRow[]>;
    /** An active category by its id. */
    category: DataLoader<string, CategoryRow | null>;
    categoryBySlug: DataLoader<string, CategoryRow | null>;
    childrenOfCategory: DataLoader<string, CategoryRow[]>;
    /** Up to `limit + 1` rows, in the direction of the request. */
    productsOfCategory: DataLoader<CategoryPage, ProductRow[], string>;
  }
}

/** The loaders of one operation. */
export function createCatalogLoaders(
  products: ProductRepository,
  categories: CategoryRepository,
): Partial<Loaders> {
  return {
    product: oneByKey(
      (ids) => products.byIds(ids),
      (row) => row.id,
    ),
    productBySlug: oneByKey(
      (slugs) => products.bySlugs(slugs),
      (row) => row.slug,
    ),
    imagesOfProduct: manyByKey(
      (ids) => products.imagesOf(ids),
      (row) => row.productId,
    ),
    categoriesOfProduct: manyByKey(
      (ids) => categories.ofProducts(ids),
      (row) => (row as { productId: string }).productId,
    ),
    category: oneByKey(
      (ids) => categories.byIds(ids),
      (row) => row.id,
    ),
    categoryBySlug: oneByKey(
      (slugs) => categories.bySlugs(slugs),
      (row) => row.slug,
    ),
    childrenOfCategory: manyByKey(
      (ids) => categories.childrenOf(ids),
      (row) => row.parentId ?? "",
    ),
    productsOfCategory: pagesOfCategories(products),
  };
}

/** Categories that are asked for the same page share a statement. */
function pagesOfCategories(
  products: ProductRepository,
): DataLoader<CategoryPage, ProductRow[], string> {
  const shapeOf = ({ sort, request }: CategoryPage) => JSON.stringify([sort, request]);
  return new DataLoader(
    async (pages: readonly CategoryPage[]) => {
      const byShape = Map.groupBy(pages, shapeOf);
      const found = new Map<CategoryPage, ProductRow[]>(pages.map((page) => [page, []]));
      await Promise.all(
        [...byShape.values()].map(async (alike) => {
          const { sort, request } = alike[0]!;
          const byCategory = new Map(alike.map((page) => [page.categoryId, page]));
          const rows = await products.ofCategories([...byCategory.keys()], sort, request);
          for (const row of rows) found.get(byCategory.get(row.rootId)!)?.push(row);
        }),
      );
      return pages.map((page) => found.get(page) ?? []);
    },
    { cacheKeyFn: (page) => `${page.categoryId} ${shapeOf(page)}` },
  );
}
