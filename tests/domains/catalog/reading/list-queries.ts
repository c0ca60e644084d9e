import type { LargeShop } from "./large-shop.ts";

export const SORTS = [
  "RELEVANCE",
  "NEWEST",
  "PRICE_ASC",
  "PRICE_DESC",
  "NAME",
  "RATING",
  "BEST_SELLING",
];
export const REVIEW_SORTS = ["NEWEST", "HIGHEST", "LOWEST", "MOST_HELPFUL"];

/** One value for each part of the filter but the search, a common and a rare one where it matters. */
export const FILTERS: readonly string[] = [
  `categorySlug: "shelf-3"`,
  `categorySlug: "shelf-150"`,
  `categoryIds: ["cat_0000000000002", "cat_0000000000044"]`,
  `brands: ["House 7", "House 8"]`,
  `brands: ["Nobody"]`,
  `concerns: [ACNE]`,
  `concerns: [FINE_LINES]`,
  `skinTypes: [OILY]`,
  `ingredientsInclude: ["Stuff 17"]`,
  `ingredientsInclude: ["Aqua"]`,
  `ingredientsExclude: ["Stuff 17"]`,
  `inStock: true`,
  `inStock: false`,
  `featured: true`,
  `featured: false`,
  `minRating: 3`,
  `minRating: 5`,
  `priceMin: "10", priceMax: "12"`,
  `priceMin: "50.99"`,
  `priceMax: "1"`,
];

export const SEARCHES: readonly string[] = [
  "serum",
  "clenser 17",
  "a",
  "house",
  "cream house 7",
  "zzzz",
  "សេរ៉ូម",
  "ទឹក",
  "ទ",
  "ទឹក serum",
];

const PAGE = "pageInfo { startCursor endCursor } nodes { id }";

/** The four ways of asking for a page of a field; cursors come from the middle of its list. */
export async function pagesOf(
  shop: LargeShop,
  queryOf: (paging: string, selection: string) => string,
  cursorOf: (data: any) => { startCursor: string | null; endCursor: string | null } | undefined,
  selection = PAGE,
): Promise<string[]> {
  const whole = await shop.ask(queryOf("first: 50", selection));
  if (whole.errors.length > 0) throw new Error(JSON.stringify(whole.errors));
  const { startCursor, endCursor } = cursorOf(whole.data) ?? {};
  const pages = [queryOf("first: 20", selection), queryOf("last: 20", selection)];
  if (!startCursor || !endCursor) return pages;
  return [
    ...pages,
    queryOf(`first: 20, after: "${endCursor}"`, selection),
    queryOf(`last: 20, before: "${endCursor}"`, selection),
  ];
}

/** Pages of the whole shop or of what a filter leaves of it. */
export const productPages = (shop: LargeShop, sort: string, filter: string, selection = PAGE) =>
  pagesOf(
    shop,
    (paging, of) => `{ products(sort: ${sort}, filter: { ${filter} }, ${paging}) { ${of} } }`,
    (data) => data.products.pageInfo,
    selection,
  );
