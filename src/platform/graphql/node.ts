// type-graphql refuses to run without it, although every type here is explicit.
import "reflect-metadata";
import type { GraphQLResolveInfo } from "graphql";
import { Field, ID, InterfaceType } from "type-graphql";
import type DataLoader from "dataloader";
import type { Context } from "./context.ts";
import type { Loaders } from "./loaders.ts";

/** Anything that has an id and can be fetched again by it. */
@InterfaceType({
  description: "Anything that can be fetched again by its id.",
  resolveType: (value: Node) => nodeTypeOf(value.id),
})
export abstract class Node {
  @Field(() => ID, { description: "Opaque, unique across all types." })
  id!: string;
}

/**
 * How `node(id)` finds a thing: by the prefix of its id. `load` judges ownership itself, resolves to null for foreign things,
 * and reaches data only through the context, because sources are registered once per process. `info` is that of a field
 * which answers with a `Node` or several, and tells what is asked of them; everything unless given.
 */
export interface NodeSource {
  readonly prefix: string;
  readonly typeName: string;
  load(
    context: Context,
    ids: readonly string[],
    info?: GraphQLResolveInfo,
  ): Promise<readonly (object | null)[]>;
}

const sources = new Map<string, NodeSource>();

/** Makes things of a prefix reachable through `node` and `nodes`. */
export function registerNodeSource(source: NodeSource): void {
  sources.set(source.prefix, source);
}

/** Makes things that belong to one user reachable, for that user alone. @param loaderOf finds them by id, whoever owns them */
export function registerOwnedNode<Row extends { readonly userId: string | null }>(
  prefix: string,
  typeName: string,
  loaderOf: (loaders: Loaders) => DataLoader<string, Row | null>,
): void {
  registerNodeSource({
    prefix,
    typeName,
    load: async ({ loaders, signedIn }, ids) => {
      const rows = await loaderOf(loaders).loadMany(ids);
      return rows.map((row) =>
        row !== null && !(row instanceof Error) && row.userId === signedIn?.userId ? row : null,
      );
    },
  });
}

/** Who can load things with the prefix of this id. */
export const nodeSourceOf = (id: string): NodeSource | undefined => sources.get(id.slice(0, 3));

/** The GraphQL type of a thing, by the prefix of its id. */
export const nodeTypeOf = (id: string): string | undefined => nodeSourceOf(id)?.typeName;
