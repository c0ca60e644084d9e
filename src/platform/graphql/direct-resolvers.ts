import {
  getNamedType,
  isLeafType,
  isObjectType,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLSchema,
} from "graphql";
import { Extensions, getMetadataStorage } from "type-graphql";
import { BATCH, type BatchResolver } from "./executor/plan.ts";

type Metadata = ReturnType<typeof getMetadataStorage>["queries" | "fieldResolvers"][number];
type ParamMetadata = NonNullable<Metadata["params"]>[number];
type Method = (...given: unknown[]) => unknown;
type Resolve = GraphQLFieldResolver<unknown, unknown>;
/** One value that a method is called with. */
type Given = (...call: Parameters<Resolve>) => unknown;

/**
 * Lets fields call their resolver's method at once. type-graphql makes a promise for each argument, which costs a list more
 * than its rows; fields whose arguments are scalars and enums need nothing of what it does in them. Guarded fields and
 * those that take input objects are left to it.
 */
export function resolveDirectly(
  schema: GraphQLSchema,
  instanceOf: (resolver: unknown) => object | undefined,
): void {
  const { queries, fieldResolvers, objectTypes } = getMetadataStorage();
  const names = new Map<unknown, string>(objectTypes.map(({ target, name }) => [target, name]));
  const methods = fieldResolvers.filter(({ kind }) => kind === "external");
  const places: (readonly [type: string | undefined, Metadata])[] = [
    ...queries.map((metadata) => [schema.getQueryType()?.name, metadata] as const),
    ...methods.map((metadata) => [names.get(metadata.getObjectType?.()), metadata] as const),
  ];
  for (const [type, metadata] of places) {
    const instance = instanceOf(metadata.target);
    const field = fieldOf(schema, type, metadata);
    if (!field || !instance) continue;
    const resolve = directly(field, instance, metadata);
    if (metadata.extensions?.["batched"] === true) resolveBatched(field, resolve);
    else if (resolve) field.resolve = resolve;
  }
}

/**
 * The method of a field below it is called with the rows of all objects that ask in the same moment, and answers with a
 * value, an error or null for each, in their order. For rows that are read alike for everybody: what several operations ask
 * for at once has to be merged behind it (platform/db/merged-reads.ts). Takes no input objects, and no guard.
 */
export const Batched = (): ReturnType<typeof Extensions> => Extensions({ batched: true });

function resolveBatched(field: GraphQLField<unknown, unknown>, resolve: Resolve | null): void {
  if (!resolve) throw new Error(`${field.name} cannot be resolved for many objects at once.`);
  const batch = resolve as unknown as BatchResolver;
  field.extensions = { ...field.extensions, [BATCH]: batch };
  field.resolve = async (source, args: Record<string, unknown>, context, info) => {
    const [value] = await batch([source], args, context, info);
    if (value instanceof Error) throw value;
    return value;
  };
}

function fieldOf(
  schema: GraphQLSchema,
  typeName: string | undefined,
  { schemaName }: Metadata,
): GraphQLField<unknown, unknown> | undefined {
  const type = typeName === undefined ? undefined : schema.getType(typeName);
  return isObjectType(type) ? type.getFields()[schemaName] : undefined;
}

function directly(
  { args }: GraphQLField<unknown, unknown>,
  instance: object,
  { roles, middlewares, params = [], methodName }: Metadata,
): Resolve | null {
  if (roles !== undefined || (middlewares?.length ?? 0) > 0) return null;
  if (!args.every(({ type }) => isLeafType(getNamedType(type)))) return null;
  const given = params.toSorted((one, other) => one.index - other.index).map(givenBy);
  if (!given.every((value) => value !== null)) return null;
  const method = (instance as Record<string, Method>)[methodName]!.bind(instance);
  const [first, second, third] = given;
  // Most methods take the row, and perhaps an argument and the context.
  if (!first) return () => method();
  if (!second) return (...call) => method(first(...call));
  if (!third) return (...call) => method(first(...call), second(...call));
  return (...call) => method(...given.map((value) => value(...call)));
}

/** Null for what only type-graphql can give. */
function givenBy(param: ParamMetadata): Given | null {
  switch (param.kind) {
    case "root":
      return param.propertyName === undefined && !param.getType ? (source) => source : null;
    case "context": {
      const { propertyName } = param;
      if (propertyName === undefined) return (_source, _args, context) => context;
      return (_source, _args, context) => (context as Record<string, unknown>)[propertyName];
    }
    case "info":
      return (_source, _args, _context, info) => info;
    case "arg": {
      const { name, validateFn } = param;
      return validateFn ? null : (_source, args: Record<string, unknown>) => args[name];
    }
    case "args":
      // Classes of arguments have no methods: without input objects they are what was given.
      return param.validateFn ? null : (_source, args: Record<string, unknown>) => args;
    default:
      return null;
  }
}
