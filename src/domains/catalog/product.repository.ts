import { createHash } from "node:crypto";
import type { Database } from "../../platform/db/database.ts";
import type { PageRequest } from "../../platform/graphql/connection.ts";
import { decimalOf } from "./catalog.money.ts";
import type { ProductSort, SkinConcern, SkinType } from "./catalog.vocabulary.ts";

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
  /** What the order by name sorts by. */
  readonly sortName: string;
}

export interface ProductImageRow {
  readonly id: string;
  readonly productId: string;
  readonly image: string;
  readonly altTextEn: string | null;
  readonly altTextKh: string | null;
  readonly isPrimary: boolean;
}

/** Which products to list; null or empty does not narrow. Prices in minor units, inclusive. */
export interface ProductCriteria {
  readonly categorySlug: string | null;
  readonly concerns: readonly SkinConcern[];
  readonly skinTypes: readonly SkinType[];
  readonly featured: boolean | null;
  readonly priceMin: number | null;
  readonly priceMax: number | null;
}

const IN_STOCK = "(not p.track_inventory or p.allow_backorders or p.stock > 0)";
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
  p.published_at as "publishedAt", ${SORT_NAME} as "sortName"`;

interface Order {
  readonly by: string;
  readonly type: string;
  readonly descending: boolean;
  /** The cursor's part as a value of that type. */
  value(part: string | number | null): unknown;
}
const ORDERS: Record<ProductSort, Order> = {
  NEWEST: {
    by: "p.published_at",
    type: "timestamptz",
    descending: true,
    value: (part) => new Date(Number(part)).toISOString(),
  },
  PRICE_ASC: priceOrder(false),
  PRICE_DESC: priceOrder(true),
  NAME: { by: SORT_NAME, type: "text", descending: false, value: (part) => part },
};

function priceOrder(descending: boolean): Order {
  return {
    by: "p.price",
    type: "numeric",
    descending,
    value: (part) => decimalOf(Number(part)),
  };
}

type Bind = (value: unknown) => string;

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

  /** Up to `limit + 1` rows in the direction of the request. */
  list(criteria: ProductCriteria, sort: ProductSort, request: PageRequest): Promise<ProductRow[]> {
    const values: unknown[] = [];
    const bind: Bind = (value) => `$${values.push(value)}`;
    const narrowing = conditionsOf(criteria, bind);
    const conditions = ["p.status = 'active'", ...narrowing, ...beyond(sort, request, bind)];
    const shelf = criteria.categorySlug === null ? "" : shelfOf("c.slug = $1");
    const text = `${shelf} select ${COLUMNS} from products p where ${conditions.join(" and ")}
      order by ${orderBy(sort, request)} limit ${bind(request.limit + 1)}`;
    // Rare combinations stay unnamed, so that a connection does not collect prepared statements.
    return this.database.query(text, values, narrowing.length > 1 ? undefined : nameOf(text));
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
    const text = `${shelfOf("c.id = any($1)")}
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

function conditionsOf(criteria: ProductCriteria, bind: Bind): string[] {
  const conditions: string[] = [];
  // Comes first: its value is $1.
  if (criteria.categorySlug !== null) {
    bind(criteria.categorySlug);
    conditions.push(standsOn(""));
  }
  if (criteria.concerns.length > 0)
    conditions.push(`p.skin_concerns && ${bind(criteria.concerns)}`);
  if (criteria.skinTypes.length > 0) {
    conditions.push(`(p.skin_types && ${bind(criteria.skinTypes)} or p.skin_types = '{}')`);
  }
  if (criteria.featured !== null) {
    conditions.push(criteria.featured ? "p.is_featured" : "not p.is_featured");
  }
  if (criteria.priceMin !== null) {
    conditions.push(`p.price >= ${bind(decimalOf(criteria.priceMin))}::numeric`);
  }
  if (criteria.priceMax !== null) {
    conditions.push(`p.price <= ${bind(decimalOf(criteria.priceMax))}::numeric`);
  }
  return conditions;
}

/** Strictly behind the cursor, as one row comparison that an index can start from. */
function beyond(sort: ProductSort, request: PageRequest, bind: Bind): string[] {
  if (request.beyond === null) return [];
  const { by, type, descending, value } = ORDERS[sort];
  const [part = null, id] = request.beyond;
  const sign = descending === request.backward ? ">" : "<";
  return [`(${by}, p.id) ${sign} (${bind(value(part))}::${type}, ${bind(id)})`];
}

function orderBy(sort: ProductSort, request: PageRequest): string {
  const direction = ORDERS[sort].descending === request.backward ? "asc" : "desc";
  return `${ORDERS[sort].by} ${direction}, p.id ${direction}`;
}

/** Active categories and all active ones below them; `union` ends also in a tree that bites its tail. */
const shelfOf = (start: string): string => `with recursive shelf(root, id) as (
    select c.id, c.id from categories c where ${start} and c.is_active
    union
    select shelf.root, c.id from categories c join shelf on c.parent_id = shelf.id
    where c.is_active
  )`;

/** Probes per product, so that a page ends early; joined with the shelf, PostgreSQL sorts the whole shop first. */
const standsOn = (which: string): string => `exists (
    select 1 from product_categories pc where pc.product_id = p.id
      and pc.category_id = any(array(select shelf.id from shelf ${which}))
  )`;

const nameOf = (text: string): string =>
  `catalog.${createHash("sha1").update(text).digest("base64url").slice(0, 16)}`;
