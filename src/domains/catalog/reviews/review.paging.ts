import {
  connectionOf,
  pageRequest,
  sortedBy,
  type Connection,
  type PageRequest,
} from "../../../platform/graphql/connection.ts";
import { badUserInput } from "../../../platform/graphql/errors.ts";
import { isId } from "../../../platform/ids/ids.ts";
import type { ReviewRow } from "./review.repository.ts";
import type { ReviewPageArgs } from "./review.types.ts";
import type { ReviewSort } from "./review.vocabulary.ts";

/** One page of the reviews of any product. */
export interface ReviewList {
  readonly sort: ReviewSort;
  readonly rating: number | null;
  readonly request: PageRequest;
}

const LATEST_MS = Date.UTC(9999, 11, 31);
const MOST_COUNT = 2 ** 31 - 1;

/** What each order sorts by before the id, as it stands in cursors. */
const SORT_KEYS: Record<ReviewSort, (row: ReviewRow) => readonly number[]> = {
  NEWEST: (row) => [Date.parse(row.createdAt)],
  HIGHEST: (row) => [row.rating, Date.parse(row.createdAt)],
  LOWEST: (row) => [row.rating, Date.parse(row.createdAt)],
  MOST_HELPFUL: (row) => [sortedBy(row.helpfulCount), Date.parse(row.createdAt)],
};

const orderName = ({ sort, rating }: Omit<ReviewList, "request">): string =>
  `reviews ${sort} ${rating ?? "all"}`;

/** Checks the arguments of a list of reviews. @throws BAD_USER_INPUT, also for cursors of another list. */
export function reviewListOf(args: ReviewPageArgs): ReviewList {
  const { sort, rating = null } = args;
  if (rating !== null && (rating < 1 || rating > 5)) {
    throw badUserInput("rating must be from 1 to 5.", ["rating"]);
  }
  const keyLength = sort === "NEWEST" ? 2 : 3;
  const request = pageRequest(args, orderName({ sort, rating }), keyLength);
  if (request.beyond !== null && !isKey(request.beyond)) {
    throw badUserInput("This cursor does not belong to this list.", [
      request.backward ? "before" : "after",
    ]);
  }
  return { sort, rating, request };
}

/** Counts, then a time, then an id. */
function isKey(key: readonly unknown[]): boolean {
  const [id, time, ...counts] = [...key].reverse();
  return (
    typeof id === "string" &&
    isId(id, "rev") &&
    isWhole(time, LATEST_MS) &&
    counts.every((count) => isWhole(count, MOST_COUNT))
  );
}

const isWhole = (part: unknown, most: number): boolean =>
  Number.isInteger(part) && (part as number) >= 0 && (part as number) <= most;

/** A page of the reviews that the repository found. */
export const reviewConnection = (
  rows: readonly ReviewRow[],
  list: ReviewList,
): Connection<ReviewRow> =>
  connectionOf(rows, list.request, orderName(list), (row) => [
    ...SORT_KEYS[list.sort](row),
    row.id,
  ]);
