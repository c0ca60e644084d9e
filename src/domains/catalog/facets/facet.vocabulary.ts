import type { SkinConcern, SkinType } from "../catalog.vocabulary.ts";

/** A value that a list can be narrowed to, and how many products that leaves. */
export interface Count<T> {
  readonly value: T;
  readonly count: number;
}

/** What a list can be narrowed to. Each part counts under all filters but its own, as choosing another value would show. */
export interface Facets {
  /** By category id; what stands below a category counts for it, too. The fullest come first, at most 200. */
  readonly categories: readonly Count<string>[];
  /** The fullest first, at most 100. */
  readonly brands: readonly Count<string>[];
  readonly concerns: readonly Count<SkinConcern>[];
  /** Products made for all skin types count for each. */
  readonly skinTypes: readonly Count<SkinType>[];
  /** By the lower end of a band of `PRICE_BANDS`, cheapest first. */
  readonly priceBands: readonly Count<number>[];
}

/** Of a list that holds nothing. */
export const NO_FACETS: Facets = {
  categories: [],
  brands: [],
  concerns: [],
  skinTypes: [],
  priceBands: [],
};
