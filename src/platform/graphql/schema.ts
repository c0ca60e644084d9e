import type { GraphQLSchema } from "graphql";
import { buildSchemaSync, getMetadataStorage, type AuthCheckerFn } from "type-graphql";
import type { Context, Role } from "./context.ts";
import { resolveDirectly } from "./direct-resolvers.ts";
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

/**
 * Leaves fields that only name a property to the executor: without a resolver of their own they cost next to nothing,
 * and lists are mostly made of them.
 */
function simplifyFields(): void {
  const { fields, authorizedFields, authorizedResolver, middlewares, resolverMiddlewares } =
    getMetadataStorage();
  const guardedClasses = new Set(
    [...authorizedResolver, ...resolverMiddlewares].map(({ target }) => target),
  );
  for (const field of fields) {
    const isGuarded =
      guardedClasses.has(field.target) ||
      [...authorizedFields, ...middlewares].some(
        ({ target, fieldName }) => target === field.target && fieldName === field.name,
      );
    if (!isGuarded && field.name === field.schemaName) field.simple ??= true;
  }
}

/** Builds the executable schema from resolver instances. */
export function buildGraphQLSchema(resolvers: readonly object[]): GraphQLSchema {
  fillProblemCodes();
  simplifyFields();
  const instances = new Map(resolvers.map((resolver) => [resolver.constructor, resolver]));
  const classes = [...instances.keys()] as [new () => object, ...(new () => object)[]];
  const schema = buildSchemaSync({
    resolvers: classes,
    container: { get: (type: (typeof classes)[number]) => instances.get(type) as object },
    authChecker: checkRole,
    pubSub: noPubSub,
    validate: false,
    // Apollo Server validates the schema when it starts; to introspect it here as well takes as long as to build it.
    skipCheck: true,
  });
  resolveDirectly(schema, (resolver) => instances.get(resolver as (typeof classes)[number]));
  return schema;
}
