import type { GraphQLSchema } from "graphql";
import { buildSchemaSync, type AuthCheckerFn } from "type-graphql";
import type { Context, Role } from "./context.ts";
import { forbidden, unauthenticated } from "./errors.ts";
import { fillProblemCodes } from "./problems.ts";

/** `@Authorized()` asks for any user, `@Authorized("ADMIN")` for one of the named roles. */
const checkRole: AuthCheckerFn<Context, Role> = ({ context }, roles) => {
  if (!context.signedIn) throw unauthenticated(context.refusal ?? "MISSING_TOKEN");
  if (roles.length > 0 && !roles.includes(context.signedIn.role)) throw forbidden();
  return true;
};

// type-graphql insists on a pubSub, but every subscription here brings its own iterator.
const noPubSub = {
  publish(): void {
    throw new Error("Publish through nudges.");
  },
  subscribe(): never {
    throw new Error("Subscriptions bring their own iterator.");
  },
};

/** Builds the executable schema from resolver instances. */
export function buildGraphQLSchema(resolvers: readonly object[]): GraphQLSchema {
  fillProblemCodes();
  const instances = new Map(resolvers.map((resolver) => [resolver.constructor, resolver]));
  const classes = [...instances.keys()] as [new () => object, ...(new () => object)[]];
  return buildSchemaSync({
    resolvers: classes,
    container: { get: (type: (typeof classes)[number]) => instances.get(type) as object },
    authChecker: checkRole,
    pubSub: noPubSub,
    validate: false,
  });
}
