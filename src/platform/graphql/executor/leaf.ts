import {
  GraphQLBoolean,
  GraphQLEnumType,
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  GraphQLString,
  type GraphQLLeafType,
} from "graphql";
import { inspect } from "graphql/jsutils/inspect.js";

/** The value as it stands in the answer; undefined when the long way has to be taken. */
export type Quick = (value: unknown) => unknown;

const MAX_INT = 2_147_483_647;

const text: Quick = (value) => (typeof value === "string" ? value : undefined);
const float: Quick = (value) =>
  typeof value === "number" && Number.isFinite(value) ? value : undefined;
const int: Quick = (value) =>
  typeof value === "number" && Number.isInteger(value) && Math.abs(value) <= MAX_INT
    ? value
    : undefined;
const boolean: Quick = (value) => (typeof value === "boolean" ? value : undefined);

const BUILT_IN = new Map<GraphQLLeafType, Quick>([
  [GraphQLString, text],
  [GraphQLID, text],
  [GraphQLFloat, float],
  [GraphQLInt, int],
  [GraphQLBoolean, boolean],
]);

/** Serialises the values that nearly all are, without the ceremony for the others. */
export function quickly(type: GraphQLLeafType): Quick {
  const builtIn = BUILT_IN.get(type);
  if (builtIn) return builtIn;
  if (type instanceof GraphQLEnumType) {
    const names = new Map(type.getValues().map(({ name, value }) => [value as unknown, name]));
    return (value) => (typeof value === "string" ? names.get(value) : undefined);
  }
  return (value) => {
    const plain = typeof value === "string" || typeof value === "number" || value instanceof Date;
    return plain ? (type.serialize(value) ?? undefined) : undefined;
  };
}

/** Serialises any value. @throws as graphql-js does. */
export function serialize(type: GraphQLLeafType, value: unknown): unknown {
  const serialized = type.serialize(value);
  if (serialized != null) return serialized;
  throw new Error(
    `Expected \`${inspect(type)}.serialize(${inspect(value)})\` to return non-nullable value, returned: ${inspect(serialized)}`,
  );
}
