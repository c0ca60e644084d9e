// type-graphql refuses to run without it, although every type here is explicit.
import "reflect-metadata";
import { getNamedType, type GraphQLResolveInfo } from "graphql";
import { ArgsType, Field, Int, ObjectType, type ClassType } from "type-graphql";
import { badUserInput } from "./errors.ts";
import { ColumnChoice } from "./selected-fields.ts";

const DEFAULT_PAGE = 20;
const MAX_PAGE = 100;

/** The flat paging arguments of every connection. */
@ArgsType()
export class PageArgs {
  @Field(() => Int, { nullable: true, description: "Items from the start; 1–100, default 20." })
  first?: number | null;

  @Field(() => String, { nullable: true, description: "Only items behind this cursor." })
  after?: string | null;

  @Field(() => Int, { nullable: true, description: "Items from the end; 1–100." })
  last?: number | null;

  @Field(() => String, { nullable: true, description: "Only items before this cursor." })
  before?: string | null;
}

/** A page as a repository understands it: so many rows, one way, strictly beyond a key. */
export interface PageRequest {
  /** Rows that the client asked for; fetch as many as `rowsToFetch` says. */
  readonly limit: number;
  /** False when nobody asks for more than the items; true unless told. */
  readonly looksAhead?: boolean;
  readonly backward: boolean;
  /** The sort key of the cursor's row, null at the start. */
  readonly beyond: readonly (string | number | null)[] | null;
}

/** Checks paging arguments. @throws BAD_USER_INPUT for contradictions, sizes out of range and foreign cursors. */
export function pageRequest(args: PageArgs, order: string, keyLength = 1): PageRequest {
  if (args.first != null && args.last != null) {
    throw badUserInput("Give first or last, not both.", ["first"]);
  }
  if (args.after != null && args.before != null) {
    throw badUserInput("Give after or before, not both.", ["after"]);
  }
  const backward = args.last != null || (args.before != null && args.first == null);
  const limit = (backward ? args.last : args.first) ?? DEFAULT_PAGE;
  const sizeName = backward ? "last" : "first";
  if (limit < 1 || limit > MAX_PAGE) {
    throw badUserInput(`${sizeName} must be from 1 to ${MAX_PAGE}.`, [sizeName]);
  }
  const cursorName = backward ? "before" : "after";
  if ((backward ? args.after : args.before) != null) {
    throw badUserInput(`Use ${cursorName} with ${sizeName}.`, [backward ? "after" : "before"]);
  }
  const cursor = backward ? args.before : args.after;
  const beyond = cursor == null ? null : decodeCursor(cursor, order, keyLength, cursorName);
  return { limit, backward, beyond };
}

/** How many rows to fetch for a page: one more than it shows, which tells whether there are more, where that is asked. */
export const rowsToFetch = ({
  limit,
  looksAhead = true,
}: Pick<PageRequest, "limit" | "looksAhead">): number => (looksAhead ? limit + 1 : limit);

/**
 * The same request, without looking ahead when the operation does not ask the connection for `pageInfo`. For lists that are
 * also shown as a part of something; where people page through a list, they ask for it anyway.
 */
export function asSelected(request: PageRequest, info: GraphQLResolveInfo): PageRequest {
  const { name } = getNamedType(info.returnType);
  let choice = pageInfoOf.get(name);
  if (!choice) {
    choice = new ColumnChoice(name, { [`${name}.pageInfo`]: 1 });
    pageInfoOf.set(name, choice);
  }
  return { ...request, looksAhead: choice.of(info) !== 0 };
}
const pageInfoOf = new Map<string, ColumnChoice>();

/** A part of the sort key of a row that not every list reads. @throws when this list did not */
export function sortedBy<T>(part: T | undefined): T {
  if (part === undefined) throw new Error("A list was read without what it is sorted by.");
  return part;
}

/** An opaque cursor. @param order Names the sort order, so that a cursor of another list is refused. */
export const encodeCursor = (order: string, key: readonly (string | number | null)[]): string =>
  Buffer.from(JSON.stringify([order, ...key])).toString("base64url");

function decodeCursor(
  cursor: string,
  order: string,
  keyLength: number,
  argument: string,
): (string | number | null)[] {
  const refused = () => badUserInput("This cursor does not belong to this list.", [argument]);
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
  } catch {
    throw refused();
  }
  if (!Array.isArray(parts) || parts[0] !== order || parts.length !== keyLength + 1)
    throw refused();
  const key = parts.slice(1) as unknown[];
  const usable = key.every(
    (part) =>
      part === null ||
      (typeof part === "string" && part.length <= 200 && !part.includes("\0")) ||
      (typeof part === "number" && Number.isFinite(part)),
  );
  if (!usable) throw refused();
  return key as (string | number | null)[];
}

@ObjectType({ description: "Where a page lies in its list." })
export class PageInfo {
  @Field(() => Boolean, { description: "Whether items follow this page." })
  hasNextPage!: boolean;

  @Field(() => Boolean, { description: "Whether items precede this page." })
  hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true, description: "Cursor of the first item." })
  startCursor!: string | null;

  @Field(() => String, { nullable: true, description: "Cursor of the last item." })
  endCursor!: string | null;
}

export interface Edge<T> {
  cursor: string;
  node: T;
}
export interface Connection<T> {
  edges: Edge<T>[];
  nodes: T[];
  pageInfo: PageInfo;
  totalCount?: number;
}

/**
 * Builds a page from the rows that a repository fetched. Cursors are made when they are asked for: most lists want nodes.
 * @param rows Up to `rowsToFetch(request)`, in the direction of the request (backward pages come last row first).
 */
export const connectionOf = <T>(
  rows: readonly T[],
  request: PageRequest,
  order: string,
  keyOf: (row: T) => readonly (string | number | null)[],
): Connection<T> => new Page(rows, request, order, keyOf);

/** A class, because its getters are made once and not for each of the lists that a list can hold. */
class Page<T> implements Connection<T> {
  readonly nodes: T[];
  private readonly more: boolean;

  constructor(
    rows: readonly T[],
    private readonly request: PageRequest,
    private readonly order: string,
    private readonly keyOf: (row: T) => readonly (string | number | null)[],
  ) {
    this.more = rows.length > request.limit;
    this.nodes = rows.slice(0, request.limit);
    if (request.backward) this.nodes.reverse();
  }

  get edges(): Edge<T>[] {
    return this.nodes.map((node) => ({ node, cursor: this.cursorOf(node) }));
  }

  get pageInfo(): PageInfo {
    const { backward, beyond, looksAhead = true } = this.request;
    if (!looksAhead) throw new Error("A page was read without looking ahead.");
    const [first, last] = [this.nodes[0], this.nodes.at(-1)];
    return {
      hasNextPage: backward ? beyond !== null : this.more,
      hasPreviousPage: backward ? this.more : beyond !== null,
      startCursor: first === undefined ? null : this.cursorOf(first),
      endCursor: last === undefined ? null : this.cursorOf(last),
    };
  }

  private cursorOf(row: T): string {
    return encodeCursor(this.order, this.keyOf(row));
  }
}

/** Declares the edge and connection types of a node type: `XEdge` and `XConnection`. */
export function connectionTypes<T extends object>(
  name: string,
  node: () => ClassType<T> | (abstract new () => T),
): { edge: ClassType<Edge<T>>; connection: ClassType<Connection<T>> } {
  @ObjectType(`${name}Edge`, { description: `One ${name} of a list, with its cursor.` })
  class EdgeType {
    @Field(() => String, { description: "Where this item lies in its list." })
    cursor!: string;

    @Field(() => node() as ClassType<T>, { description: "The item." })
    node!: T;
  }

  @ObjectType(`${name}Connection`, { description: `A page of ${name}.` })
  class ConnectionType {
    @Field(() => [EdgeType], { description: "The items with their cursors." })
    edges!: Edge<T>[];

    @Field(() => [node() as ClassType<T>], { description: "The items alone." })
    nodes!: T[];

    @Field(() => PageInfo, { description: "Where this page lies in its list." })
    pageInfo!: PageInfo;
  }
  return { edge: EdgeType, connection: ConnectionType as ClassType<Connection<T>> };
}
