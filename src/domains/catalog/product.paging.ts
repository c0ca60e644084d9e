import {
  connectionOf,
  pageRequest,
  type Connection,
  type PageRequest,
} from "../../platform/graphql/connection.ts";
import { badUserInput } from "../../platform/graphql/errors.ts";
import { isId } from "../../platform/ids/ids.ts";
import type { ProductPageArgs } from "./catalog.types.ts";
import type { ProductSort } from "./catalog.vocabulary.ts";
import type { ProductRow } from "./product.repository.ts";

type KeyPart = string | number;

/** What each order sorts by before the id, as it stands in cursors. */
const SORT_KEYS: Record<
  ProductSort,
  { of(row: ProductRow): KeyPart; fits(part: unknown): boolean }
> = {
  NEWEST: { of: (row) => row.publishedAt.getTime(), fits: isTime },
  PRICE_ASC: { of: (row) => row.priceMinor, fits: isMinorUnits },
  PRICE_DESC: { of: (row) => row.priceMinor, fits: isMinorUnits },
  NAME: { of: (row) => row.sortName, fits: (part) => typeof part === "string" },
};
const LATEST_MS = Date.UTC(9999, 11, 31);
const MOST_MINOR_UNITS = 9_999_999_999;

function isTime(part: unknown): boolean {
  return Number.isInteger(part) && Math.abs(part as number) <= LATEST_MS;
}

function isMinorUnits(part: unknown): boolean {
  return Number.isInteger(part) && (part as number) >= 0 && (part as number) <= MOST_MINOR_UNITS;
}

const orderName = (sort: ProductSort): string => `products ${sort}`;

/** Checks the paging arguments of a list of products. @throws BAD_USER_INPUT, also for cursors of another order. */
export function productPageRequest(args: ProductPageArgs): PageRequest {
  const request = pageRequest(args, orderName(args.sort), 2);
  if (request.beyond === null) return request;
  const [part, id] = request.beyond;
  if (!SORT_KEYS[args.sort].fits(part) || !isId(id, "prd")) {
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
  sort: ProductSort,
): Connection<ProductRow> =>
  connectionOf(rows, request, orderName(sort), (row) => [SORT_KEYS[sort].of(row), row.id]);
