import { BSONRegExp, Binary, ObjectId } from "bson";
import { isDoc, typeOf, type Doc, type TypeName, type Value } from "./value.ts";

/** MongoDB's order between values of different types. */
const RANK: Readonly<Record<TypeName, number>> = {
  undefined: 0,
  null: 5,
  number: 10,
  string: 15,
  object: 20,
  array: 25,
  binData: 30,
  objectId: 35,
  bool: 40,
  date: 45,
  regex: 50,
};

export const rankOf = (value: Value): number => RANK[typeOf(value)];

/** The total order of MongoDB over all values: by type first, then by value. Undefined (missing) is least. */
export function compare(a: Value, b: Value): number {
  const rank = rankOf(a) - rankOf(b);
  return rank !== 0 ? rank : compareWithin(a, b);
}

function compareWithin(a: Value, b: Value): number {
  if (typeof a === "number" && typeof b === "number") return compareNumbers(a, b);
  if (typeof a === "string" && typeof b === "string") return compareStrings(a, b);
  if (typeof a === "boolean" && typeof b === "boolean") return Number(a) - Number(b);
  if (a instanceof Date && b instanceof Date) return a.getTime() - b.getTime();
  if (a instanceof ObjectId && b instanceof ObjectId) {
    return Buffer.compare(Buffer.from(a.id), Buffer.from(b.id));
  }
  if (a instanceof Binary && b instanceof Binary) return compareBinaries(a, b);
  if (a instanceof BSONRegExp && b instanceof BSONRegExp) {
    return compareStrings(a.pattern, b.pattern) || compareStrings(a.options, b.options);
  }
  if (Array.isArray(a) && Array.isArray(b)) return compareArrays(a, b);
  if (isDoc(a) && isDoc(b)) return compareDocs(a, b);
  return 0;
}

/** NaN equals itself and is less than every other number. */
function compareNumbers(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a === b) return 0;
  return Number(Number.isNaN(b)) - Number(Number.isNaN(a));
}

/** By code points, as UTF-8 bytes order; JavaScript's own order differs where surrogates meet U+E000 and above. */
export function compareStrings(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return codePointOrder(x) - codePointOrder(y);
  }
  return a.length - b.length;
}

const codePointOrder = (unit: number): number =>
  unit < 0xd800 ? unit : unit >= 0xe000 ? unit - 0x800 : unit + 0x2000;

function compareBinaries(a: Binary, b: Binary): number {
  if (a.position !== b.position) return a.position - b.position;
  if (a.sub_type !== b.sub_type) return a.sub_type - b.sub_type;
  return Buffer.compare(bytesOf(a), bytesOf(b));
}

const bytesOf = (binary: Binary): Buffer => Buffer.from(binary.value());

function compareArrays(a: readonly Value[], b: readonly Value[]): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const order = compare(a[i], b[i]);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** Field by field in their order: type, then name, then value. */
function compareDocs(a: Doc, b: Doc): number {
  const left = Object.entries(a);
  const right = Object.entries(b);
  for (const [i, [name, value]] of left.entries()) {
    const other = right[i];
    if (other === undefined) return 1;
    const order =
      rankOf(value) - rankOf(other[1]) ||
      compareStrings(name, other[0]) ||
      compareWithin(value, other[1]);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

export const equal = (a: Value, b: Value): boolean => compare(a, b) === 0;

/** A text that two values share exactly when they are equal: the key of hash indexes, groups and sets. */
export function hashKey(value: Value): string {
  if (typeof value === "string") return `s${value.length}:${value}`;
  if (typeof value === "number") return `n${Object.is(value, -0) ? 0 : value};`;
  if (typeof value === "boolean") return value ? "t" : "f";
  if (value === undefined) return "u";
  if (value === null) return "z";
  if (value instanceof Date) return `d${value.getTime()};`;
  if (value instanceof ObjectId) return `o${value.toHexString()}`;
  if (value instanceof Binary) return `b${value.sub_type}:${bytesOf(value).toString("hex")};`;
  if (value instanceof BSONRegExp) {
    return `r${hashKey(value.pattern)}${hashKey(value.options)}`;
  }
  if (Array.isArray(value)) return `[${value.map(hashKey).join("")}]`;
  const fields = Object.entries(value).map(([name, item]) => hashKey(name) + hashKey(item));
  return `{${fields.join("")}}`;
}
