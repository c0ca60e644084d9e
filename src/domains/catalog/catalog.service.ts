import { ranOutOfTime } from "../../platform/db/faults.ts";
import { PublicError } from "../../platform/graphql/errors.ts";
import { rowsOfEach } from "../../platform/graphql/loaders.ts";
import {
  SkinConcerns,
  type ConcernSeverity,
  type SkinConcern,
  type SkinType,
} from "./catalog.vocabulary.ts";
import type { CatalogReads } from "./catalog.reads.ts";
import type { CategoryRow } from "./category.repository.ts";
import { NO_FACETS, type Facets } from "./facets/facet.vocabulary.ts";
import type { ProductCriteria } from "./product-criteria.repository.ts";
import type { ProductRow } from "./product-columns.repository.ts";
import type { ProductImageRow, ProductListing, ProductPageShape } from "./product.repository.ts";
import type { RecommendationRepository } from "./recommendation.repository.ts";
import { searchTermsOf } from "./search/search-terms.ts";
import type { Suggestion } from "./search/suggestion.repository.ts";
import type { ShelfProduct, ShelfRepository } from "./shelf.repository.ts";

/** What a skin needs. */
export interface RecommendationWish {
  readonly concerns: readonly { concern: SkinConcern; severity: ConcernSeverity }[];
  readonly skinType: SkinType | null;
  /** Ingredient names in any spelling of case; products that hold one are left out. */
  readonly ingredientsToAvoid: readonly string[];
  /** How many products at most; 1–50. */
  readonly limit: number;
}

/** A product for a wish, and why. */
export interface Recommendation {
  readonly productId: string;
  /** 0–1, 1 = helps with all concerns and is made for the skin type. */
  readonly score: number;
  /** Most severe first. */
  readonly matchedConcerns: SkinConcern[];
}

/** Shelves to choose from for a skin. */
export interface ShelfWish {
  /** Slugs of categories. */
  readonly shelves: readonly string[];
  /** The same of shelves whose products are left out, whatever other one they stand on. */
  readonly except: readonly string[];
  readonly skinType: SkinType | null;
  readonly concerns: readonly SkinConcern[];
  /** Ingredient names in any spelling of case. */
  readonly ingredientsToAvoid: readonly string[];
}

const SEVERITY_WEIGHT: Record<ConcernSeverity, number> = { MILD: 1, MODERATE: 2, SEVERE: 3 };
const MOST_RECOMMENDATIONS = 50;
const MOST_PER_SHELF = 100;
const SLUG = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/** Names that mean the same on a label. */
const SAME_INGREDIENT: readonly (readonly string[])[] = [
  ["fragrance", "fragrances", "perfume", "parfum", "synthetic fragrance", "added fragrance"],
  ["alcohol", "alcohol denat", "alcohol denat.", "denatured alcohol", "ethanol", "drying alcohol"],
  ["coconut oil", "cocos nucifera oil", "cocos nucifera (coconut) oil"],
  ["vitamin c", "ascorbic acid", "l-ascorbic acid"],
  ["aha", "glycolic acid", "lactic acid", "mandelic acid"],
  ["bha", "salicylic acid"],
  ["retinoids", "retinol", "retinal", "retinaldehyde"],
];

/** What the shop sells, for readers. */
export class CatalogService {
  constructor(
    private readonly deps: {
      readonly reads: CatalogReads;
      readonly recommendations: RecommendationRepository;
      readonly shelves: ShelfRepository;
    },
  ) {}

  /**
   * Active products, up to `rowsToFetch`, in the direction of the request.
   * @throws SERVICE_UNAVAILABLE when a search takes too long
   */
  async list(list: ProductListing): Promise<readonly ProductRow[]> {
    if (findsNothing(list.criteria)) return [];
    return inTime(this.deps.reads.productList(list));
  }

  /** How many products a list has. @throws SERVICE_UNAVAILABLE when counting takes too long */
  async count(criteria: ProductCriteria): Promise<number> {
    return findsNothing(criteria) ? 0 : inTime(this.deps.reads.total(criteria));
  }

  /** What a list can be narrowed to, with counts. @throws SERVICE_UNAVAILABLE when counting takes too long */
  async facets(criteria: ProductCriteria): Promise<Facets> {
    return findsNothing(criteria) ? NO_FACETS : inTime(this.deps.reads.facets(criteria));
  }

  /** What a shopper who typed this may mean, best first; empty for a text without letters and digits. */
  async suggestions(prefix: string, limit: number): Promise<Suggestion[]> {
    const terms = searchTermsOf(prefix);
    if (terms.words.length + terms.khmer.length === 0) return [];
    return inTime(this.deps.reads.suggestions(prefix, terms, limit));
  }

  /** @param columns Groups of columns, as `categoryGroups` gives them. */
  topCategories(columns: number): Promise<CategoryRow[]> {
    return this.deps.reads.topCategories(columns);
  }

  /** Those below each category, in shop order. @param columns Groups of columns, as `categoryGroups` gives them. */
  async childrenOf(parentIds: readonly string[], columns: number): Promise<CategoryRow[][]> {
    const rows = await this.deps.reads.childrenOfCategories(columns, parentIds);
    return rowsOfEach(parentIds, rows, (row) => row.parentId);
  }

  /** Those that each product stands on. @param columns Groups of columns, as `categoryGroups` gives them. */
  async categoriesOf(productIds: readonly string[], columns: number): Promise<CategoryRow[][]> {
    const rows = await this.deps.reads.categoriesOfProducts(columns, productIds);
    return rowsOfEach(productIds, rows, (row) => row.productId);
  }

  /** Those of each product, the main one first. */
  async imagesOf(productIds: readonly string[]): Promise<ProductImageRow[][]> {
    const rows = await this.deps.reads.imagesOfProducts(productIds);
    return rowsOfEach(productIds, rows, (row) => row.productId);
  }

  /** The same page of each category with what is below it: up to `rowsToFetch`, in the direction of the request. */
  async productsOf(
    categoryIds: readonly string[],
    page: ProductPageShape,
  ): Promise<ProductRow[][]> {
    const rows = await this.deps.reads.productsOfCategories(page, categoryIds);
    return rowsOfEach(categoryIds, rows, (row) => row.rootId);
  }

  /** Each concern with the number of active products that help with it, in the vocabulary's order. */
  async concerns(): Promise<{ concern: SkinConcern; productCount: number }[]> {
    const counts = new Map(
      (await this.deps.reads.concerns()).map((row) => [row.concern, row.productCount]),
    );
    return Object.values(SkinConcerns).map((concern) => ({
      concern,
      productCount: counts.get(concern) ?? 0,
    }));
  }

  /**
   * Active products in stock for a skin, best first: the best product of each category before the second of any,
   * so that a short list is a routine rather than five cleansers. One statement; empty when nothing fits.
   */
  recommendFor(wish: RecommendationWish): Promise<Recommendation[]> {
    const weights = new Map<SkinConcern, number>();
    for (const { concern, severity } of wish.concerns) {
      weights.set(concern, Math.max(weights.get(concern) ?? 0, SEVERITY_WEIGHT[severity]));
    }
    return this.deps.recommendations.bestFor({
      weights,
      skinType: wish.skinType,
      avoid: spellingsOf(wish.ingredientsToAvoid),
      limit: Math.min(Math.max(1, Math.trunc(wish.limit)), MOST_RECOMMENDATIONS),
    });
  }

  /**
   * Active products in stock on some shelves, also those that do not suit the skin: the caller decides. At most the hundred
   * most suitable of each shelf; one statement.
   */
  productsOn(wish: ShelfWish): Promise<ShelfProduct[]> {
    const { shelves, except, skinType, concerns, ingredientsToAvoid } = wish;
    return this.deps.shelves.productsOn({
      shelves,
      except,
      skinType,
      concerns,
      avoid: spellingsOf(ingredientsToAvoid),
      limitPerShelf: MOST_PER_SHELF,
    });
  }
}

/** Whether there is nothing to look for: signs and pictures are in no product, and no category has a malformed name. */
const findsNothing = ({ search, categories }: ProductCriteria): boolean =>
  (search !== null && search.words.length + search.khmer.length === 0) ||
  (categories !== null && categories.slugs.length + categories.ids.length === 0);

async function inTime<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (!ranOutOfTime(error)) throw error;
    throw new PublicError("SERVICE_UNAVAILABLE", "This takes too long just now. Narrow the list.");
  }
}

/** Whether a text can be the slug of a product or category. */
export const isSlug = (text: string): boolean => text.length <= 100 && SLUG.test(text);

/** The names as labels may print them, in lower case. */
export function spellingsOf(ingredients: readonly string[]): string[] {
  const spellings = new Set<string>();
  for (const ingredient of ingredients) {
    const name = ingredient.replaceAll("\0", "").trim().toLowerCase();
    if (name === "") continue;
    spellings.add(name);
    for (const group of SAME_INGREDIENT) {
      if (group.includes(name)) group.forEach((spelling) => spellings.add(spelling));
    }
  }
  return [...spellings];
}
