import { ObjectId } from "bson";
import { MongoFault, unsupported } from "../fault.ts";
import { typeOf, type Value } from "../values/value.ts";
import { onList, onListOrNull, stringIn } from "./arguments.ts";
import type { Operators } from "./scope.ts";
import { isTrue } from "./truth.ts";

/** The text that MongoDB converts a value to. Numbers only where both languages write the same digits. */
export function textOf(value: Value): string {
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return String(value);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof ObjectId) return value.toHexString();
  if (typeof value !== "number") {
    throw new MongoFault(241, `can't convert from BSON type ${typeOf(value)} to String`);
  }
  const size = Math.abs(value);
  const plain = size === 0 || (size >= 1e-4 && size < 1e15);
  if (!plain || String(value).length > 15) throw unsupported(`${value} as a text`);
  return String(value);
}

function toDate(value: Value): Value {
  if (value instanceof Date) return value;
  if (typeof value === "number") return new Date(Math.trunc(value));
  if (value instanceof ObjectId) return value.getTimestamp();
  const text = stringIn("$toDate", value);
  if (!/^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d{1,3})?(Z|[+-]\d\d:\d\d))?$/.test(text)) {
    throw unsupported(`the date format of "${text}"`);
  }
  return new Date(text);
}

function toObjectId(value: Value): Value {
  if (value instanceof ObjectId) return value;
  const text = stringIn("$toObjectId", value);
  if (!/^[0-9a-f]{24}$/i.test(text)) {
    throw new MongoFault(241, `Failed to parse objectId '${text}'`);
  }
  return new ObjectId(text);
}

function typeName(value: Value): string {
  if (value === undefined) return "missing";
  // Numbers are kept without their width.
  if (typeof value === "number") throw unsupported("$type of a number");
  return typeOf(value);
}

export const typeOperators: Operators = {
  $type: onList(1, 1, typeName),
  $toString: onListOrNull(1, 1, textOf),
  $toBool: onListOrNull(1, 1, isTrue),
  $toDate: onListOrNull(1, 1, toDate),
  $toObjectId: onListOrNull(1, 1, toObjectId),
};
