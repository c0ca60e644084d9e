import { createHash } from "node:crypto";
import type { Database } from "../../platform/db/database.ts";
import type { PageRequest } from "../../platform/graphql/connection.ts";
import { decimalOf } from "./catalog.money.ts";
import type { ProductSort, SkinConcern, SkinType } from "./catalog.vocabulary.ts";
import {
  conditionsOf,
  IN_STOCK,
  SEARCH_LIMITS,
  shelfOf,
  sourceOf,
  standsOn,
  type Bind,
  type ProductCriteria,
} from "./product-criteria.repository.ts";

/** A product on sale as shoppers see it; prices in minor units. */
export interface ProductRow {
  readonly id: string;
  readonly slug: string;
  readonly sku: string;
  readonly brand: string;
  readonly nameEn: string;
  readonly nameKh: string | null;
  readonly descriptionEn: string;
  readonly descriptionKh: string | null;
  readonly shortDescriptionEn: string | null;
  readonly shortDescriptionKh: string | null;
  readonly usageInstructionsEn: string | null;
  readonly usageInstructionsKh: string | null;
  readonly priceMinor: number;
  readonly compareAtPriceMinor: number | null;
  readonly inStock: boolean;
  readonly weightGrams: number | null;
  readonly volumeMl: number | null;
  readonly skinTypes: SkinType[];
  readonly skinConcerns: SkinConcern[];
  readonly ingredients: string[];
  readonly image: string | null;
  readonly isFeatured: boolean;
  readonly publishedAt: Date;
  /** Approved reviews with one star, two stars and so on. */
  readonly ratingHistogram: number[];
  readonly reviewCount: number;
  /** 0 without reviews. */
  readonly ratingAverage: number;
  readonly unitsSold: number;
  /** What the order by name sorts by. */
  readonly sortName: string;
  /** How well it fits the search; only in lists by relevance. */
  readonly score?: number;
}

export interface ProductImageRow {
  readonly id: string;
  readonly productId: string;
  readonly image: string;
  readonly altTextEn: string | null;
  readonly altTextKh: string | null;
  readonly isPrimary: boolean;
}

const SORT_NAME = `lower(p.name_en) collate "C"`;
const COLUMNS = `p.id, p.slug, p.sku, p.brand, p.name_en as "nameEn", p.name_kh as "nameKh",
  p.description_en as "descriptionEn", p.description_kh as "descriptionKh",
  p.short_description_en as "shortDescriptionEn", p.short_description_kh as "shortDescriptionKh",
  p.usage_instructions_en as "usageInstructionsEn",
  p.usage_instructions_kh as "usageInstructionsKh",
  (p.price * 100)::float8 as "priceMinor", (p.compare_at_price * 100)::float8 as "compareAtPriceMinor",
  ${IN_STOCK} as "inStock", p.weight_grams as "weightGrams",
  (p.dimensions ->> 'volumeMl')::float8 as "volumeMl", p.skin_types as "skinTypes",
  p.skin_concerns as "skinConcerns", p.ingredients, p.image, p.is_featured as "isFeatured",
  p.published_at as "publishedAt", p.rating_histogram as "ratingHistogram",
  p.review_count as "reviewCount", p.rating_average::float8 as "ratingAverage",
  p.units_sold as "unitsSold", ${SORT_NAME} as "sortName"`;

type KeyPart = string | number | null;

interface Order {
  /** What the list is sorted by before the id. */
  readonly keys: readonly { readonly by: string; readonly type: string }[];
  readonly descending: boolean;
  /** A cursor's part as a value of its type. */
  value?(part: KeyPart): unknown;
}
const NEWEST: Order = {
  keys: [{ by: "p.published_at", type: "timestamptz" }],
  descending: true,
  value: (part) => new Date(Number(part)).toISOString(),
};
const byPrice = (descending: boolean): Order => ({
  keys: [{ by: "p.price", type: "numeric" }],
  descending,
  value: (part) => decimalOf(Number(part)),
});
const ORDERS: Record<ProductSort, Order> = {
  RELEVANCE: { keys: [{ by: "matches.score", type: "float8" }], descending: true },
  NEWEST,
  PRICE_ASC: byPrice(false),
  PRICE_DESC: byPrice(true),
  NAME: { keys: [{ by: SORT_NAME, type: "text" }], descending: false },
  RATING: {
    keys: [
      { by: "p.rating_average", type: "numeric" },
      { by: "p.review_count", type: "integer" },
    ],
    descending: true,
  },
  BEST_SELLING: { keys: [{ by: "p.units_sold", type: "integer" }], descending: true },
};

/** Reads what shoppers may see of products: only active ones. */
export class ProductRepository {
  constructor(private readonly database: Database) {}

  byIds(ids: readonly string[]): Promise<ProductRow[]> {
    return this.database.query(
      `select ${COLUMNS} from products p where p.id = any($1) and p.status = 'active'`,
      [ids],
      "catalog.products_by_id",
    );
  }

  bySlugs(slugs: readonly string[]): Promise<ProductRow[]> {
    return this.database.query(
      `select ${COLUMNS} from products p where p.slug = any($1) and p.status = 'active'`,
      [slugs],
      "catalog.products_by_slug",
    );
  }

  /** Up to `limit + 1` rows in the direction of the request. @param sort RELEVANCE only with a search */
  list(criteria: ProductCriteria, sort: ProductSort, request: PageRequest): Promise<ProductRow[]> {
    const { text, values, narrowings } = listStatement(criteria, sort, request);
    if (criteria.search !== null) return this.database.queryWithin(SEARCH_LIMITS, text, values);
    // Rare combinations stay unnamed, so that a connection does not collect prepared statements.
    return this.database.query(text, values, narrowings > 1 ? undefined : nameOf(text));
  }

  /** The same page of each category and what is below it, in one statement; `rootId` says whose row it is. */
  ofCategories(
    categoryIds: readonly string[],
    sort: ProductSort,
    request: PageRequest,
  ): Promise<(ProductRow & { rootId: string })[]> {
    const values: unknown[] = [categoryIds];
    const bind: Bind = (value) => `$${values.push(value)}`;
    const conditions = ["p.status = 'active'", ...beyond(sort, request, bind)].join(" and ");
    const text = `with recursive ${shelfOf("c.id = any($1)")}
      select wanted.root as "rootId", found.*
      from unnest($1::text[]) with ordinality as wanted(root, place)
      cross join lateral (
        select ${COLUMNS}, row_number() over (order by ${orderBy(sort, request)}) as place
        from products p
        where ${conditions} and ${standsOn("where shelf.root = wanted.root")}
        order by ${orderBy(sort, request)} limit ${bind(request.limit + 1)}
      ) as found
      order by wanted.place, found.place`;
    return this.database.query(text, values, nameOf(text));
  }

  imagesOf(productIds: readonly string[]): Promise<ProductImageRow[]> {
    return this.database.query(
      `select id, product_id as "productId", image, alt_text_en as "altTextEn",
         alt_text_kh as "altTextKh", is_primary as "isPrimary"
       from product_images where product_id = any($1)
       order by product_id, is_primary desc, sort_order`,
      [productIds],
      "catalog.images_of_products",
    );
  }

  /** How many products help with each concern; concerns without products are left out. */
  countByConcern(): Promise<{ concern: SkinConcern; productCount: number }[]> {
    return this.database.query(
      `select concern, count(*)::int as "productCount"
       from products p cross join unnest(p.skin_concerns) as concern
       where p.status = 'active' group by concern`,
      [],
      "catalog.products_by_concern",
    );
  }
}

function listStatement(
  criteria: ProductCriteria,
  sort: ProductSort,
  request: PageRequest,
): { text: string; values: unknown[]; narrowings: number } {
  const values: unknown[] = [];
  const bind: Bind = (value) => `$${values.push(value)}`;
  const { tables, from } = sourceOf(criteria, bind);
  const narrowing = conditionsOf(criteria, bind).map(({ sql }) => sql);
  const conditions = ["p.status = 'active'", ...narrowing, ...beyond(sort, request, bind)];
  const score = sort === "RELEVANCE" ? ", matches.score" : "";
  const text = `${tables && `with recursive ${tables}`} select ${COLUMNS}${score}
    ${from} where ${conditions.join(" and ")}
    order by ${orderBy(sort, request)} limit ${bind(request.limit + 1)}`;
  return { text, values, narrowings: narrowing.length };
}

/** Strictly behind the cursor, as one row comparison that an index can start from. */
function beyond(sort: ProductSort, request: PageRequest, bind: Bind): string[] {
  if (request.beyond === null) return [];
  const { keys, descending, value = (part: KeyPart) => part } = ORDERS[sort];
  const parts = request.beyond.slice(0, -1);
  const given = keys.map(({ type }, index) => `${bind(value(parts[index] ?? null))}::${type}`);
  const sign = descending === request.backward ? ">" : "<";
  const row = keys.map(({ by }) => by).join(", ");
  return [`(${row}, p.id) ${sign} (${given.join(", ")}, ${bind(request.beyond.at(-1))})`];
}

function orderBy(sort: ProductSort, request: PageRequest): string {
  const direction = ORDERS[sort].descending === request.backward ? "asc" : "desc";
  return [...ORDERS[sort].keys.map(({ by }) => by), "p.id"]
    .map((by) => `${by} ${direction}`)
    .join(", ");
}

const nameOf = (text: string): string =>
  `catalog.${createHash("sha1").update(text).digest("base64url").slice(0, 16)}`;
