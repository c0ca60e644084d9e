import type { Database } from "../../platform/db/database.ts";
import { TIMES_AS_TEXT } from "../../platform/db/row-types.ts";
import { StatementNames } from "../../platform/db/statement-names.ts";
import { rowsToFetch, type PageRequest } from "../../platform/graphql/connection.ts";
import { decimalOf } from "./catalog.money.ts";
import type { ProductSort, SkinConcern } from "./catalog.vocabulary.ts";
import { productColumns, SORT_NAME, type ProductRow } from "./product-columns.repository.ts";
import {
  conditionsOf,
  SEARCH_LIMITS,
  shelfOf,
  sourceOf,
  standsOn,
  type Bind,
  type ProductCriteria,
} from "./product-criteria.repository.ts";

/** One page of products. */
export interface ProductPageShape {
  readonly sort: ProductSort;
  readonly request: PageRequest;
  /** Groups of columns, as `productGroups` gives them. */
  readonly columns: number;
}

/** One page of the products that a filter leaves. */
export interface ProductListing extends ProductPageShape {
  readonly criteria: ProductCriteria;
}

export interface ProductImageRow {
  readonly id: string;
  readonly productId: string;
  readonly image: string;
  readonly altTextEn: string | null;
  readonly altTextKh: string | null;
  readonly isPrimary: boolean;
}

type KeyPart = string | number | null;
/** Where a page begins: the sort key of the row before it. */
export type Place = readonly KeyPart[];

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

/** What an order sorts by and cursors need, when it stands on no card. */
const PLACES: Partial<Record<ProductSort, readonly string[]>> = {
  RELEVANCE: ["matches.score"],
  NAME: [`${SORT_NAME} as "sortName"`],
  BEST_SELLING: [`p.units_sold as "unitsSold"`],
};

/** Pages of these sizes are prepared statements of their own. */
const USUAL_SIZES: ReadonlySet<number> = new Set([1, 3, 5, 10, 12, 20, 24, 30, 50, 100]);

/** Reads what shoppers may see of products: only active ones. */
export class ProductRepository {
  private readonly names = new StatementNames("catalog");

  constructor(private readonly database: Database) {}

  byIds(ids: readonly string[], columns: number): Promise<ProductRow[]> {
    return this.byKeys("id", ids, columns);
  }

  bySlugs(slugs: readonly string[], columns: number): Promise<ProductRow[]> {
    return this.byKeys("slug", slugs, columns);
  }

  /** The rows of a page in the direction of the request. @param sort RELEVANCE only with a search */
  list(list: ProductListing): Promise<ProductRow[]> {
    const { text, values, narrowings } = listStatement(list);
    if (list.criteria.search !== null) {
      return this.database.queryWithin(SEARCH_LIMITS, text, values, TIMES_AS_TEXT);
    }
    // Rare combinations are not prepared: others would have no room.
    const name = narrowings > 1 ? undefined : this.names.of(text);
    return this.database.query(text, values, name, TIMES_AS_TEXT);
  }

  /** Pages of the whole shop that begin behind several places, in one statement; `page` counts the places from 1. */
  pagesBehind(
    { sort, request, columns }: ProductPageShape,
    places: readonly Place[],
  ): Promise<(ProductRow & { page: number })[]> {
    const values: unknown[] = [];
    const bind: Bind = (value) => `$${values.push(value)}`;
    const { keys, value = asItIs } = ORDERS[sort];
    const given = keys.map(
      ({ type }, index) => `${bind(places.map((place) => value(place[index] ?? null)))}::${type}[]`,
    );
    const ids = `${bind(places.map((place) => place.at(-1)))}::text[]`;
    const names = [...keys.map((_, index) => `key${index}`), "id"];
    const text = `select wanted.page::int, found.*
      from unnest(${[...given, ids].join(", ")}) with ordinality as wanted(${names.join(", ")}, page)
      cross join lateral (
        select ${columnsOf(sort, columns)} from products p
        where p.status = 'active'
          and ${beyond(
            sort,
            request,
            names.map((name) => `wanted.${name}`),
          )}
        order by ${orderBy(sort, request)} limit ${limitOf(request, bind)}
      ) as found`;
    return this.database.query(text, values, this.names.of(text), TIMES_AS_TEXT);
  }

  /** The same page of each category and what is below it, in one statement; `rootId` says whose row it is. */
  ofCategories(
    { sort, request, columns }: ProductPageShape,
    categoryIds: readonly string[],
  ): Promise<(ProductRow & { rootId: string })[]> {
    // All first pages of one category are best read alike. For lists of them, for other sizes and behind a cursor,
    // PostgreSQL has to look at the values: without them it mistakes how much there is.
    const isAlike =
      categoryIds.length === 1 && request.beyond === null && USUAL_SIZES.has(request.limit);
    const values: unknown[] = [isAlike ? categoryIds[0] : categoryIds];
    const bind: Bind = (value) => `$${values.push(value)}`;
    const roots = isAlike ? "array[$1::text]" : "$1::text[]";
    const limit = isAlike ? limitOf(request, bind) : bind(rowsToFetch(request));
    const conditions = ["p.status = 'active'", ...behind(sort, request, bind)].join(" and ");
    const text = `with recursive ${shelfOf(`c.id = any(${roots})`)}
      select wanted.root as "rootId", found.*
      from unnest(${roots}) with ordinality as wanted(root, place)
      cross join lateral (
        select ${columnsOf(sort, columns)}, row_number() over (order by ${orderBy(sort, request)}) as place
        from products p
        where ${conditions} and ${standsOn("where shelf.root = wanted.root")}
        order by ${orderBy(sort, request)} limit ${limit}
      ) as found
      order by wanted.place, found.place`;
    return this.database.query(text, values, this.names.of(text), TIMES_AS_TEXT);
  }

  private byKeys(
    column: "id" | "slug",
    keys: readonly string[],
    columns: number,
  ): Promise<ProductRow[]> {
    // PostgreSQL keeps its plan for one key, and plans each list anew.
    const isOne = keys.length === 1;
    return this.database.query(
      `select ${productColumns(columns)} from products p
       where p.${column} = ${isOne ? "$1" : "any($1)"} and p.status = 'active'`,
      [isOne ? keys[0] : keys],
      `catalog.product${isOne ? "" : "s"}_by_${column}.${columns}`,
      TIMES_AS_TEXT,
    );
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

function listStatement({ criteria, sort, request, columns }: ProductListing): {
  text: string;
  values: unknown[];
  narrowings: number;
} {
  const values: unknown[] = [];
  const bind: Bind = (value) => `$${values.push(value)}`;
  const { tables, from } = sourceOf(criteria, bind);
  const narrowing = conditionsOf(criteria, bind).map(({ sql }) => sql);
  const conditions = ["p.status = 'active'", ...narrowing, ...behind(sort, request, bind)];
  // Where a filter decides what is best, PostgreSQL looks at the values each time.
  const limit = narrowing.length === 0 ? limitOf(request, bind) : bind(rowsToFetch(request));
  const text = `${tables && `with recursive ${tables}`} select ${columnsOf(sort, columns)}
    ${from} where ${conditions.join(" and ")}
    order by ${orderBy(sort, request)} limit ${limit}`;
  return { text, values, narrowings: narrowing.length };
}

/** Usual sizes are written out: so PostgreSQL keeps its plan. */
const limitOf = (request: PageRequest, bind: Bind): string =>
  USUAL_SIZES.has(request.limit) ? String(rowsToFetch(request)) : bind(rowsToFetch(request));

/** The condition that a page begins behind the cursor of its request, if there is one. */
function behind(sort: ProductSort, request: PageRequest, bind: Bind): string[] {
  const place = request.beyond;
  if (place === null) return [];
  const { keys, value = asItIs } = ORDERS[sort];
  const given = keys.map(({ type }, index) => `${bind(value(place[index] ?? null))}::${type}`);
  return [beyond(sort, request, [...given, bind(place.at(-1))])];
}

const asItIs = (part: KeyPart): unknown => part;

/** Strictly behind a place, as one row comparison that an index can start from. */
function beyond(sort: ProductSort, { backward }: PageRequest, place: readonly string[]): string {
  const { keys, descending } = ORDERS[sort];
  const row = [...keys.map(({ by }) => by), "p.id"].join(", ");
  return `(${row}) ${descending === backward ? ">" : "<"} (${place.join(", ")})`;
}

function orderBy(sort: ProductSort, request: PageRequest): string {
  const direction = ORDERS[sort].descending === request.backward ? "asc" : "desc";
  return [...ORDERS[sort].keys.map(({ by }) => by), "p.id"]
    .map((by) => `${by} ${direction}`)
    .join(", ");
}

/** What is selected of a product, and what the order sorts by when it is nothing of that. */
const columnsOf = (sort: ProductSort, columns: number): string =>
  [productColumns(columns), ...(PLACES[sort] ?? [])].join(", ");
