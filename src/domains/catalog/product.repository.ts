import type { Database } from "../../platform/db/database.ts";
import { StatementNames } from "../../platform/db/statement-names.ts";
import type { PageRequest } from "../../platform/graphql/connection.ts";
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

  /** Up to `limit + 1` rows in the direction of the request. @param sort RELEVANCE only with a search */
  list(list: ProductListing): Promise<ProductRow[]> {
    const { text, values, narrowings } = listStatement(list);
    if (list.criteria.search !== null) {
      return this.database.queryWithin(SEARCH_LIMITS, text, values);
    }
    // Rare combinations are not prepared: others would have no room.
    return this.database.query(text, values, narrowings > 1 ? undefined : this.names.of(text));
  }

  /** The same page of each category and what is below it, in one statement; `rootId` says whose row it is. */
  ofCategories(
    { sort, request, columns }: ProductPageShape,
    categoryIds: readonly string[],
  ): Promise<(ProductRow & { rootId: string })[]> {
    const values: unknown[] = [categoryIds];
    const bind: Bind = (value) => `$${values.push(value)}`;
    const conditions = ["p.status = 'active'", ...beyond(sort, request, bind)].join(" and ");
    const text = `with recursive ${shelfOf("c.id = any($1)")}
      select wanted.root as "rootId", found.*
      from unnest($1::text[]) with ordinality as wanted(root, place)
      cross join lateral (
        select ${columnsOf(sort, columns)}, row_number() over (order by ${orderBy(sort, request)}) as place
        from products p
        where ${conditions} and ${standsOn("where shelf.root = wanted.root")}
        order by ${orderBy(sort, request)} limit ${bind(request.limit + 1)}
      ) as found
      order by wanted.place, found.place`;
    return this.database.query(text, values, this.names.of(text));
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
  const conditions = ["p.status = 'active'", ...narrowing, ...beyond(sort, request, bind)];
  // Written out, it lets PostgreSQL keep its plan; where a filter decides what is best, it looks at the values each time.
  const isKept = narrowing.length === 0 && USUAL_SIZES.has(request.limit);
  const limit = isKept ? String(request.limit + 1) : bind(request.limit + 1);
  const text = `${tables && `with recursive ${tables}`} select ${columnsOf(sort, columns)}
    ${from} where ${conditions.join(" and ")}
    order by ${orderBy(sort, request)} limit ${limit}`;
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

/** What is selected of a product, and what the order sorts by when it is nothing of that. */
const columnsOf = (sort: ProductSort, columns: number): string =>
  [productColumns(columns), ...(PLACES[sort] ?? [])].join(", ");
