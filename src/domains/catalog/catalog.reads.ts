import { mergedByKeys, mergedByShape, mergedWhenEqual } from "../../platform/db/merged-reads.ts";
import type { CategoryRepository } from "./category.repository.ts";
import type { FacetRepository } from "./facets/facet.repository.ts";
import type { ProductRepository } from "./product.repository.ts";
import type { SuggestionRepository } from "./search/suggestion.repository.ts";

/** Reads of the catalogue that all operations of the process share. */
export type CatalogReads = ReturnType<typeof openCatalogReads>;

/** Merges the reads of what everybody may see. Nothing here may ever depend on who asks. */
export function openCatalogReads(from: {
  readonly products: ProductRepository;
  readonly categories: CategoryRepository;
  readonly facets: FacetRepository;
  readonly suggestions: SuggestionRepository;
}) {
  const { products, categories, facets, suggestions } = from;
  return {
    productsById: mergedByShape(
      (columns: number, ids: readonly string[]) => products.byIds(ids, columns),
      (row) => row.id,
    ),
    productsBySlug: mergedByShape(
      (columns: number, slugs: readonly string[]) => products.bySlugs(slugs, columns),
      (row) => row.slug,
    ),
    productsOfCategories: mergedByShape(
      products.ofCategories.bind(products),
      ({ rootId }) => rootId,
    ),
    productList: mergedWhenEqual(products.list.bind(products)),
    imagesOfProducts: mergedByKeys(
      (ids: readonly string[]) => products.imagesOf(ids),
      (row) => row.productId,
    ),
    concerns: mergedWhenEqual(products.countByConcern.bind(products)),
    categoriesById: mergedByShape(
      (columns: number, ids: readonly string[]) => categories.byIds(ids, columns),
      (row) => row.id,
    ),
    categoriesBySlug: mergedByShape(
      (columns: number, slugs: readonly string[]) => categories.bySlugs(slugs, columns),
      (row) => row.slug,
    ),
    categoriesOfProducts: mergedByShape(
      (columns: number, ids: readonly string[]) => categories.ofProducts(ids, columns),
      (row) => row.productId,
    ),
    childrenOfCategories: mergedByShape(
      (columns: number, ids: readonly string[]) => categories.childrenOf(ids, columns),
      (row) => row.parentId,
    ),
    topCategories: mergedWhenEqual(categories.topLevel.bind(categories)),
    facets: mergedWhenEqual(facets.of.bind(facets)),
    total: mergedWhenEqual(facets.total.bind(facets)),
    suggestions: mergedWhenEqual(suggestions.for.bind(suggestions)),
  };
}
