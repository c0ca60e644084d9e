import { withGroups, type ColumnGroup } from "../../platform/db/column-groups.ts";
import type { SkinConcern, SkinType } from "./catalog.vocabulary.ts";
import { IN_STOCK } from "./product-criteria.repository.ts";

/** What of a product is read always: little, and most lists show it. Prices in minor units. */
export interface ProductCard {
  readonly id: string;
  readonly slug: string;
  readonly sku: string;
  readonly brand: string;
  readonly nameEn: string;
  readonly priceMinor: number;
  readonly inStock: boolean;
  readonly isFeatured: boolean;
  /** ISO 8601, UTC. */
  readonly publishedAt: string;
  readonly reviewCount: number;
  /** 0 without reviews. */
  readonly ratingAverage: number;
}

/** What is read when it is asked for; `ProductColumns` has the groups. */
export interface ProductDetails {
  readonly nameKh: string | null;
  readonly image: string | null;
  readonly compareAtPriceMinor: number | null;
  readonly weightGrams: number | null;
  readonly volumeMl: number | null;
  readonly shortDescriptionEn: string | null;
  readonly shortDescriptionKh: string | null;
  readonly descriptionEn: string;
  readonly descriptionKh: string | null;
  readonly usageInstructionsEn: string | null;
  readonly usageInstructionsKh: string | null;
  readonly skinTypes: SkinType[];
  readonly skinConcerns: SkinConcern[];
  readonly ingredients: string[];
  /** Approved reviews with one star, two stars and so on. */
  readonly ratingHistogram: number[];
}

/** What lists in some orders are sorted by; only those read it. */
export interface ProductPlace {
  readonly unitsSold: number;
  readonly sortName: string;
  /** How well it fits the search. */
  readonly score: number;
}

/** A product on sale as shoppers see it. What is optional is undefined where it was not read. */
export type ProductRow = ProductCard & Partial<ProductDetails> & Partial<ProductPlace>;

/** Groups of columns, as bits. */
export const ProductColumns = {
  SUMMARY: 1,
  TEXTS: 2,
  LISTS: 4,
  /** The Khmer of the name and of the texts that are read. */
  KHMER: 8,
  /** What a tile shows besides: the picture and the price before. */
  TILE: 16,
  MEASURES: 32,
} as const;

export const SORT_NAME = `lower(p.name_en) collate "C"`;

const CARD = `p.id, p.slug, p.sku, p.brand, p.name_en as "nameEn",
  (p.price * 100)::float8 as "priceMinor", ${IN_STOCK} as "inStock", p.is_featured as "isFeatured",
  p.published_at as "publishedAt", p.review_count as "reviewCount",
  p.rating_average::float8 as "ratingAverage"`;

const { SUMMARY, TEXTS, LISTS, KHMER, TILE, MEASURES } = ProductColumns;
const GROUPS: readonly ColumnGroup[] = [
  { bits: KHMER, sql: `p.name_kh as "nameKh"` },
  { bits: SUMMARY, sql: `p.short_description_en as "shortDescriptionEn"` },
  { bits: SUMMARY | KHMER, sql: `p.short_description_kh as "shortDescriptionKh"` },
  {
    bits: TEXTS,
    sql: `p.description_en as "descriptionEn", p.usage_instructions_en as "usageInstructionsEn"`,
  },
  {
    bits: TEXTS | KHMER,
    sql: `p.description_kh as "descriptionKh", p.usage_instructions_kh as "usageInstructionsKh"`,
  },
  {
    bits: LISTS,
    sql: `p.skin_types as "skinTypes", p.skin_concerns as "skinConcerns", p.ingredients,
      p.rating_histogram as "ratingHistogram"`,
  },
  {
    bits: TILE,
    sql: `p.image, (p.compare_at_price * 100)::float8 as "compareAtPriceMinor"`,
  },
  {
    bits: MEASURES,
    sql: `p.weight_grams as "weightGrams", (p.dimensions ->> 'volumeMl')::float8 as "volumeMl"`,
  },
];

/** The groups that there are: equal for those who read the same columns. */
export const productGroups = (columns: number): number =>
  columns & (SUMMARY | TEXTS | LISTS | KHMER | TILE | MEASURES);

/** What to select of a product `p`. @param columns As `productGroups` gives them */
export const productColumns = (columns: number): string => withGroups(CARD, GROUPS, columns);
