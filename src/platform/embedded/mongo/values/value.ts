import { BSONRegExp, Binary, ObjectId } from "bson";
import { unsupported } from "../fault.ts";

/** A document as it is stored: an ordered map of field names to values. Stored documents are never changed in place. */
export type Doc = { [field: string]: Value };
/**
 * Every value that can be stored. Numbers are IEEE doubles: whole numbers are exact up to 2^53,
 * beyond that, and for Decimal128, the store refuses.
 */
export type Value =
  | null
  | undefined
  | boolean
  | number
  | string
  | Date
  | ObjectId
  | Binary
  | BSONRegExp
  | Value[]
  | Doc;

export type TypeName =
  | "undefined"
  | "null"
  | "number"
  | "string"
  | "object"
  | "array"
  | "binData"
  | "objectId"
  | "bool"
  | "date"
  | "regex";

/** The name of the value's BSON type; all numeric types are "number". */
export function typeOf(value: Value): TypeName {
  switch (typeof value) {
    case "string":
      return "string";
    case "number":
      return "number";
    case "boolean":
      return "bool";
    case "undefined":
      return "undefined";
  }
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (value instanceof Date) return "date";
  if (value instanceof ObjectId) return "objectId";
  if (value instanceof Binary) return "binData";
  if (value instanceof BSONRegExp) return "regex";
  return "object";
}

export const isDoc = (value: unknown): value is Doc =>
  typeof value === "object" && value !== null && isPlain(value);

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

const MAX_DEPTH = 100;

/**
 * Refuses a parsed command that holds a value the store cannot handle exactly:
 * Decimal128, 64-bit integers beyond 2^53, timestamps, code, MinKey and MaxKey.
 */
export function assertExact(value: unknown, depth = 0): void {
  if (typeof value !== "object" || value === null) {
    if (typeof value === "bigint") throw unsupported("a bigint");
    return;
  }
  if (depth > MAX_DEPTH) throw unsupported(`nesting deeper than ${MAX_DEPTH}`);
  if (Array.isArray(value)) {
    for (const item of value) assertExact(item, depth + 1);
  } else if (isPlain(value)) {
    if ("__proto__" in value && Object.hasOwn(value, "__proto__")) {
      throw unsupported("a field named __proto__");
    }
    for (const item of Object.values(value)) assertExact(item, depth + 1);
  } else if (!isExactLeaf(value)) {
    const { _bsontype } = value as { _bsontype?: string };
    throw unsupported(`a value of type ${_bsontype ?? value.constructor.name}`);
  }
}

const isExactLeaf = (value: object): boolean =>
  value instanceof Date ||
  value instanceof ObjectId ||
  value instanceof Binary ||
  value instanceof BSONRegExp;

/** A copy whose objects and arrays may be changed; leaves are shared, since nothing changes them. */
export function copyOf<T extends Value>(value: T): T {
  if (Array.isArray(value)) return value.map((item) => copyOf(item)) as T;
  if (!isDoc(value)) return value;
  const copy: Doc = {};
  for (const [field, item] of Object.entries(value)) copy[field] = copyOf(item);
  return copy as T;
}
