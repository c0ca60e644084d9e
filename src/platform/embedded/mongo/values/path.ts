import { badValue } from "../fault.ts";
import { isDoc, type Doc, type Value } from "./value.ts";

/** Splits a dotted path; refuses empty parts. */
export function splitPath(path: string): string[] {
  const parts = path.split(".");
  if (parts.some((part) => part === "")) throw badValue(`"${path}" is not a valid field path`);
  return parts;
}

export const isIndex = (part: string): boolean => /^(0|[1-9]\d{0,8})$/.test(part);

/** The own field of a document: never something inherited from Object. */
export const fieldOf = (doc: Doc, name: string): Value =>
  Object.hasOwn(doc, name) ? doc[name] : undefined;

/**
 * Visits what a query on the path looks at. An array on the way is looked into element by element,
 * only its documents count, and a number also means the element at that place. Where a field is
 * missing, undefined is visited. The last value is visited as it is, also when it is an array.
 * Stops when the visitor returns true, and then returns true.
 */
export function visitPath(
  value: Value,
  parts: readonly string[],
  visit: (value: Value) => boolean,
  at = 0,
): boolean {
  const part = parts[at];
  if (part === undefined) return visit(value);
  if (Array.isArray(value)) {
    for (const item of value) {
      if (isDoc(item) && visitPath(item, parts, visit, at)) return true;
    }
    const place = isIndex(part) ? value[Number(part)] : undefined;
    return place !== undefined && visitPath(place, parts, visit, at + 1);
  }
  if (!isDoc(value)) return visit(undefined);
  const next = fieldOf(value, part);
  return next === undefined ? visit(undefined) : visitPath(next, parts, visit, at + 1);
}

/** Like visitPath, but an array at the end is visited element by element and then as a whole. */
export function visitValues(
  doc: Value,
  parts: readonly string[],
  visit: (value: Value) => boolean,
): boolean {
  return visitPath(doc, parts, (value) => {
    if (Array.isArray(value)) {
      for (const item of value) if (visit(item)) return true;
    }
    return visit(value);
  });
}
