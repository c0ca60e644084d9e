import { MongoFault, badValue, unsupported } from "../fault.ts";
import { isIndex } from "../values/path.ts";
import { isDoc, typeOf, type Doc, type Value } from "../values/value.ts";

const MOST_PADDING = 1_500_000;
type Container = Doc | Value[];

/** Splits a path of an update; refuses what would reach several elements. */
export function updatePath(path: string): string[] {
  const parts = path.split(".");
  if (parts.some((part) => part === "")) {
    throw new MongoFault(56, `The update path '${path}' contains an empty field name`);
  }
  const positional = parts.find((part) => part.startsWith("$"));
  if (positional === undefined) return parts;
  if (/^\$(\[.*\])?$/.test(positional)) throw unsupported("an update with $ or $[] in its path");
  throw new MongoFault(52, `The dollar ($) prefixed field '${positional}' is not allowed`);
}

/** Reads the value at a path of an update: documents by name, arrays by place. Undefined when not there. */
export function readAt(doc: Doc, parts: readonly string[]): Value {
  return parts.reduce<Value>((at, part) => (isContainer(at) ? child(at, part) : undefined), doc);
}

/** Sets the value at a path, making the documents on the way; the document is changed. */
export function writeAt(doc: Doc, parts: readonly string[], value: Value): void {
  let at: Container = doc;
  for (const [i, part] of parts.entries()) {
    if (i === parts.length - 1) {
      put(at, part, value);
      return;
    }
    let next = child(at, part);
    if (next === undefined) {
      next = {};
      put(at, part, next);
    }
    if (!isContainer(next)) throw notViable(parts, part, next);
    at = next;
  }
}

/** Removes the field at a path; an element of an array becomes null, so that the others keep their places. */
export function removeAt(doc: Doc, parts: readonly string[]): void {
  const holder = readAt(doc, parts.slice(0, -1));
  const last = parts.at(-1) ?? "";
  if (Array.isArray(holder)) {
    if (isIndex(last) && Number(last) < holder.length) holder[Number(last)] = null;
  } else if (isDoc(holder)) {
    delete holder[last];
  }
}

const isContainer = (value: Value): value is Container => Array.isArray(value) || isDoc(value);

function child(container: Container, part: string): Value {
  if (Array.isArray(container)) return isIndex(part) ? container[Number(part)] : undefined;
  return Object.hasOwn(container, part) ? container[part] : undefined;
}

function put(container: Container, part: string, value: Value): void {
  if (!Array.isArray(container)) {
    container[part] = value;
    return;
  }
  if (!isIndex(part)) {
    throw new MongoFault(28, `Cannot create field '${part}' in an array`);
  }
  const place = Number(part);
  if (place - container.length > MOST_PADDING) throw badValue("the array would grow too much");
  while (container.length < place) container.push(null);
  container[place] = value;
}

const notViable = (parts: readonly string[], part: string, value: Value): MongoFault =>
  new MongoFault(
    28,
    `Cannot create field '${parts.at(-1)}' in element {${part}: ...} of type ${typeOf(value)}`,
  );
