import {
  GraphQLBoolean,
  GraphQLEnumType,
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  GraphQLString,
  type GraphQLLeafType,
} from "graphql";
import { GraphQLDateTime } from "graphql-scalars";
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

// A text in its final form that names a day which every year has; the others go the long way.
const DAY =
  /^\d{4}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)/;
const FINAL_TIME = new RegExp(`${DAY.source}T(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d\\.\\d{3}Z$`);
/** `JSON.stringify` takes twice as long for a `Date` as it takes to make and write this text. */
const time: Quick = (value) => {
  if (typeof value === "string") return FINAL_TIME.test(value) ? value : undefined;
  const isTime = value instanceof Date && !Number.isNaN(value.getTime());
  return isTime ? value.toISOString() : undefined;
};

/** Of types that occur often. */
const KNOWN = new Map<GraphQLLeafType, Quick>([
  [GraphQLString, text],
  [GraphQLID, text],
  [GraphQLFloat, float],
  [GraphQLInt, int],
  [GraphQLBoolean, boolean],
  [GraphQLDateTime, time],
]);

/** Serialises the values that nearly all are, without the ceremony for the others. */
export function quickly(type: GraphQLLeafType): Quick {
  const known = KNOWN.get(type);
  if (known) return known;
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
