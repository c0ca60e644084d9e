import type { ReadLimits } from "../../platform/db/database.ts";
import { decimalOf } from "./catalog.money.ts";
import type { SkinConcern, SkinType } from "./catalog.vocabulary.ts";
import { gramsOf, type SearchTerms } from "./search/search-terms.ts";

/** Which products to list; null or empty does not narrow. Prices in minor units, inclusive. */
export interface ProductCriteria {
  readonly search: SearchTerms | null;
  /** Products of any of these categories or of one below them; null does not narrow, two empty lists find nothing. */
  readonly categories: {
    readonly slugs: readonly string[];
    readonly ids: readonly string[];
  } | null;
  readonly brands: readonly string[];
  readonly concerns: readonly SkinConcern[];
  readonly skinTypes: readonly SkinType[];
  /** Each is a list of spellings, of which one has to be in the product. */
  readonly ingredients: readonly (readonly string[])[];
  /** Spellings that must not be in the product. */
  readonly withoutIngredients: readonly string[];
  readonly featured: boolean | null;
  readonly inStock: boolean | null;
  /** Average of stars at least. */
  readonly minRating: number | null;
  readonly priceMin: number | null;
  readonly priceMax: number | null;
}

/** Appends a value to a statement and names its place, such as `$3`. */
export type Bind = (value: unknown) => string;

/** What a list can be narrowed by and counted by. */
export type Dimension = "CATEGORY" | "BRAND" | "CONCERN" | "SKIN_TYPE" | "PRICE";

/** One condition on a product `p`; those without a dimension hold for every count as well. */
export interface Condition {
  readonly dimension: Dimension | null;
  readonly sql: string;
}

/** Whether a product `p` can be ordered now. */
export const IN_STOCK = "(not p.track_inventory or p.allow_backorders or p.stock > 0)";

/** For statements that are made of what people type; a search must not hold a connection that others need. */
export const SEARCH_LIMITS: ReadLimits = {
  timeoutMs: 2_000,
  settings: {
    // A wrong guess about a text must not lead to reading whole tables.
    enable_seqscan: "off",
    // Finds "clenser" and "nicinamide".
    "pg_trgm.word_similarity_threshold": 0.5,
  },
};

const FUZZY_FROM_LETTERS = 4;

/** Everything that narrows but the search. The conditions need the tables of `sourceOf`. */
export function conditionsOf(criteria: ProductCriteria, bind: Bind): Condition[] {
  const conditions: Condition[] = [];
  const add = (dimension: Dimension | null, sql: string) => conditions.push({ dimension, sql });
  if (criteria.categories !== null) add("CATEGORY", standsOn(""));
  if (criteria.brands.length > 0) add("BRAND", `p.brand = any(${bind(criteria.brands)}::text[])`);
  if (criteria.concerns.length > 0) {
    add("CONCERN", `p.skin_concerns && ${bind(criteria.concerns)}::text[]`);
  }
  if (criteria.skinTypes.length > 0) {
    const types = bind(criteria.skinTypes);
    add("SKIN_TYPE", `(p.skin_types && ${types}::text[] or p.skin_types = '{}')`);
  }
  if (criteria.priceMin !== null) {
    add("PRICE", `p.price >= ${bind(decimalOf(criteria.priceMin))}::numeric`);
  }
  if (criteria.priceMax !== null) {
    add("PRICE", `p.price <= ${bind(decimalOf(criteria.priceMax))}::numeric`);
  }
  for (const sql of undividedConditions(criteria, bind)) add(null, sql);
  return conditions;
}

function undividedConditions(criteria: ProductCriteria, bind: Bind): string[] {
  const conditions = criteria.ingredients.map(
    (spellings) => `p.ingredient_names && ${bind(spellings)}::text[]`,
  );
  if (criteria.withoutIngredients.length > 0) {
    conditions.push(`not p.ingredient_names && ${bind(criteria.withoutIngredients)}::text[]`);
  }
  if (criteria.featured !== null) {
    conditions.push(criteria.featured ? "p.is_featured" : "not p.is_featured");
  }
  if (criteria.inStock !== null) conditions.push(criteria.inStock ? IN_STOCK : `not ${IN_STOCK}`);
  if (criteria.minRating !== null) {
    conditions.push(`p.rating_average >= ${bind(criteria.minRating)}::numeric`);
  }
  return conditions;
}

/** What a statement over such products begins with and selects from; its conditions come from `conditionsOf`. */
export function sourceOf(criteria: ProductCriteria, bind: Bind): { tables: string; from: string } {
  const { categories, search } = criteria;
  const tables: string[] = [];
  if (categories !== null) {
    const named = `c.slug = any(${bind(categories.slugs)}) or c.id = any(${bind(categories.ids)})`;
    tables.push(shelfOf(named));
  }
  if (search !== null) tables.push(matchesOf(search, bind));
  return {
    tables: tables.join(", "),
    from: `from products p ${search === null ? "" : "join matches on matches.id = p.id"}`,
  };
}

/** Active categories and all active ones below them; `union` ends also in a tree that bites its tail. */
export const shelfOf = (start: string): string => `shelf(root, id) as (
    select c.id, c.id from categories c where (${start}) and c.is_active
    union
    select shelf.root, c.id from categories c join shelf on c.parent_id = shelf.id
    where c.is_active
  )`;

/**
 * Gathered from the shelves, so that a page costs what its categories hold. Asked of each product in the list's order, a
 * small category would cost the whole shop.
 */
export const standsOn = (which: string): string => `p.id = any(array(${onShelves(which)}))`;

/** The same as a value rather than a condition: PostgreSQL looks each product up in a hash. */
export const STANDS_ON_SHELF = `(p.id in (${onShelves("")}))`;

function onShelves(which: string): string {
  return `select pc.product_id from product_categories pc
    where pc.category_id = any(array(select shelf.id from shelf ${which}))`;
}

/**
 * The products that a search finds, with how well they fit, as a common table `matches(id, score)`. All terms have to be
 * found: words as they are, as beginnings or misspelt; Khmer as it stands anywhere in the text.
 */
function matchesOf(terms: SearchTerms, bind: Bind): string {
  const words = terms.words.map((word) => ({
    word: `${bind(word)}::text`,
    query: bind(queryOf(word)),
  }));
  const found = terms.words.map((word, index) => {
    const { word: given, query } = words[index]!;
    const exact = `p.search_words @@ (plainto_tsquery('english', ${given}) || ${query}::tsquery)`;
    return word.length < FUZZY_FROM_LETTERS ? exact : `(${exact} or ${given} <% p.search_text)`;
  });
  const runs = terms.khmer.map((run) => ({ run: `${bind(run)}::text`, grams: bind(gramsOf(run)) }));
  const khmer = runs.map(
    ({ run, grams }) =>
      `(p.search_grams @> ${grams}::text[] and strpos(p.search_khmer, ${run}) > 0)`,
  );
  const scores = [
    ...words.map(
      ({
        word,
        query,
      }) => `ts_rank(p.search_words, plainto_tsquery('english', ${word}) || ${query}::tsquery)
        + word_similarity(${word}, p.search_text)`,
    ),
    ...runs.map(({ run }) => `1.0 / strpos(p.search_khmer, ${run})`),
  ];
  return `matches as materialized (
    select p.id, round((${scores.join(" + ")})::numeric, 6)::float8 as score
    from products p where p.status = 'active' and ${[...found, ...khmer].join(" and ")}
  )`;
}

/** A word of letters and digits as a query for itself and, from two letters, for what begins with it. */
const queryOf = (word: string): string => `'${word}'${word.length > 1 ? ":*" : ""}`;
