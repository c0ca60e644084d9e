import {
  connectionOf,
  pageRequest,
  type Connection,
  type PageArgs,
  type PageRequest,
} from "../../../platform/graphql/connection.ts";
import { badUserInput } from "../../../platform/graphql/errors.ts";
import { isId } from "../../../platform/ids/ids.ts";
import type { HairstyleRow } from "./hairstyle.repository.ts";

const IN_SHOP_ORDER = "hairstyles.position";
const MAX_INT = 2_147_483_647;

/** Checks the paging arguments of a list of styles. @throws BAD_USER_INPUT */
export function hairstylePageRequest(args: PageArgs): PageRequest {
  const page = pageRequest(args, IN_SHOP_ORDER, 2);
  if (page.beyond === null) return page;
  const [position, id] = page.beyond;
  if (!Number.isInteger(position) || Math.abs(Number(position)) > MAX_INT || !isId(id, "hst")) {
    throw badUserInput("This cursor does not belong to this list.", [
      page.backward ? "before" : "after",
    ]);
  }
  return page;
}

/** A page of the styles that were found for a request. */
export const hairstyleConnection = (
  rows: readonly HairstyleRow[],
  page: PageRequest,
): Connection<HairstyleRow> =>
  connectionOf(rows, page, IN_SHOP_ORDER, ({ position, id }) => [position, id]);
