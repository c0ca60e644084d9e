import { createHash } from "node:crypto";
import {
  connectionOf,
  pageRequest,
  sortedBy,
  type Connection,
  type PageArgs,
  type PageRequest,
} from "../../platform/graphql/connection.ts";
import { badUserInput } from "../../platform/graphql/errors.ts";
import { isId } from "../../platform/ids/ids.ts";
import type { ProductSort } from "./catalog.vocabulary.ts";
import type { ProductRow } from "./product-columns.repository.ts";

type KeyPart = string | number;
type Fits = (part: unknown) => boolean;

const LATEST_MS = Date.UTC(9999, 11, 31);
const MOST_MINOR_UNITS = 9_999_999_999;
const MOST_COUNT = 2 ** 31 - 1;

const wholeUpTo =
  (most: number): Fits =>
  (part) =>
    Number.isInteger(part) && (part as number) >= 0 && (part as number) <= most;
const isTime: Fits = (part) => Number.isInteger(part) && Math.abs(part as number) <= LATEST_MS;
const isAverage: Fits = (part) => typeof part === "number" && part >= 0 && part <= 5;
const isText: Fits = (part) => typeof part === "string";
const isNumber: Fits = (part) => typeof part === "number";

/** What each order sorts by before the id, as it stands in cursors. */
const SORT_KEYS: Record<
  ProductSort,
  { of(row: ProductRow): readonly KeyPart[]; readonly fits: readonly Fits[] }
> = {
  RELEVANCE: { of: ({ score }) => [sortedBy(score)], fits: [isNumber] },
  NEWEST: { of: (row) => [Date.parse(row.publishedAt)], fits: [isTime] },
  PRICE_ASC: { of: (row) => [row.priceMinor], fits: [wholeUpTo(MOST_MINOR_UNITS)] },
  PRICE_DESC: { of: (row) => [row.priceMinor], fits: [wholeUpTo(MOST_MINOR_UNITS)] },
  NAME: { of: ({ sortName }) => [sortedBy(sortName)], fits: [isText] },
  RATING: {
    of: (row) => [row.ratingAverage, row.reviewCount],
    fits: [isAverage, wholeUpTo(MOST_COUNT)],
  },
  BEST_SELLING: { of: ({ unitsSold }) => [sortedBy(unitsSold)], fits: [wholeUpTo(MOST_COUNT)] },
};

/** One list of products in one order. */
export interface ProductList {
  readonly sort: ProductSort;
  /** Tells lists apart that hold other products; null for the whole shop. */
  readonly scope: string | null;
}

/** The whole shop, or what a filter or a category leaves of it. */
export const productList = (sort: ProductSort, narrowedBy: unknown): ProductList => ({
  sort,
  scope:
    narrowedBy === null
      ? null
      : createHash("sha1").update(JSON.stringify(narrowedBy)).digest("base64url").slice(0, 10),
});

const orderName = ({ sort, scope }: ProductList): string =>
  scope === null ? `products ${sort}` : `products ${sort} ${scope}`;

/** Checks the paging arguments of a list of products. @throws BAD_USER_INPUT, also for cursors of another list. */
export function productPageRequest(args: PageArgs, list: ProductList): PageRequest {
  const { fits } = SORT_KEYS[list.sort];
  const request = pageRequest(args, orderName(list), fits.length + 1);
  if (request.beyond === null) return request;
  const id = request.beyond.at(-1);
  const fitting = fits.every((fit, index) => fit(request.beyond?.[index]));
  if (!fitting || typeof id !== "string" || !isId(id, "prd")) {
    throw badUserInput("This cursor does not belong to this list.", [
      request.backward ? "before" : "after",
    ]);
  }
  return request;
}

/** A page of the products that the repository found for a request. */
export const productConnection = (
  rows: readonly ProductRow[],
  request: PageRequest,
  list: ProductList,
): Connection<ProductRow> =>
  connectionOf(rows, request, orderName(list), (row) => [...SORT_KEYS[list.sort].of(row), row.id]);
