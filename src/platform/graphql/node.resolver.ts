import type { GraphQLResolveInfo } from "graphql";
import { Arg, Authorized, Ctx, ID, Info, Query, Resolver } from "type-graphql";
import type { Context } from "./context.ts";
import { badUserInput } from "./errors.ts";
import { Node, nodeSourceOf } from "./node.ts";

const MAX_IDS = 100;

/** The Relay entry points: anything by its id. */
@Resolver()
export class NodeResolver {
  @Authorized()
  @Query(() => Node, {
    nullable: true,
    description: "One thing by its id; null when it does not exist or is not yours.",
  })
  async node(
    @Arg("id", () => ID, { description: "An id from any earlier answer." }) id: string,
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
  ): Promise<object | null> {
    return (await this.load([id], context, info))[0] ?? null;
  }

  @Authorized()
  @Query(() => [Node], {
    nullable: "items",
    description: "Several things by their ids, in the same order; null where there is none.",
  })
  async nodes(
    @Arg("ids", () => [ID], { description: "Up to 100 ids." }) ids: string[],
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
  ): Promise<(object | null)[]> {
    if (ids.length > MAX_IDS) throw badUserInput(`Ask for at most ${MAX_IDS} ids.`, ["ids"]);
    return this.load(ids, context, info);
  }

  /** One load per type, however many ids. */
  private async load(
    ids: readonly string[],
    context: Context,
    info: GraphQLResolveInfo,
  ): Promise<(object | null)[]> {
    const found = new Map<string, object | null>();
    const prefixes = new Set(ids.map((id) => id.slice(0, 3)));
    await Promise.all(
      [...prefixes].map(async (prefix) => {
        const ofPrefix = [...new Set(ids.filter((id) => id.startsWith(prefix)))];
        const source = nodeSourceOf(prefix);
        if (!source) return;
        const things = await source.load(context, ofPrefix, info);
        ofPrefix.forEach((id, index) => found.set(id, things[index] ?? null));
      }),
    );
    return ids.map((id) => found.get(id) ?? null);
  }
}
