import { mergedByKeys, mergedByShape, mergedWhenEqual } from "../../platform/db/merged-reads.ts";
import { rowsOfEach } from "../../platform/graphql/loaders.ts";
import type { CategoryRepository } from "./category.repository.ts";
import type { FacetRepository } from "./facets/facet.repository.ts";
import { narrowingOf } from "./product-filter.ts";
import type { ProductRow } from "./product-columns.repository.ts";
import type { Place, ProductListing, ProductRepository } from "./product.repository.ts";
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
    productList: mergedLists(products),
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

/** Pages of the whole shop that begin behind a product are read together, others when they are equal. */
function mergedLists(
  products: ProductRepository,
): (list: ProductListing) => Promise<readonly ProductRow[]> {
  const equal = mergedWhenEqual(products.list.bind(products));
  const behind = mergedByShape(
    (list: ProductListing, places: readonly string[]) => pagesBehind(products, list, places),
    ({ place }) => place,
  );
  return async (list) => {
    const { criteria, request } = list;
    if (request.beyond === null || narrowingOf(criteria) !== null) return equal(list);
    const start = { ...list, request: { ...request, beyond: null } };
    const [page] = await behind(start, [JSON.stringify(request.beyond)]);
    return page?.rows ?? [];
  };
}

/** @param places As JSON, so that equal ones are one key. */
async function pagesBehind(
  products: ProductRepository,
  list: ProductListing,
  places: readonly string[],
): Promise<{ place: string; rows: readonly ProductRow[] }[]> {
  const [first, ...others] = places.map((place) => JSON.parse(place) as Place);
  if (first === undefined) return [];
  const one = { ...list, request: { ...list.request, beyond: first } };
  const pages =
    others.length === 0
      ? [await products.list(one)]
      : rowsOfEach(
          places.map((_, index) => index + 1),
          await products.pagesBehind(list, [first, ...others]),
          ({ page }) => page,
        );
  return places.map((place, index) => ({ place, rows: pages[index] ?? [] }));
}
