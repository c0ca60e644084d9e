import { badValue, unsupported } from "../fault.ts";
import { compare } from "../values/compare.ts";
import { splitPath, visitPath } from "../values/path.ts";
import { isDoc, type Doc, type Value } from "../values/value.ts";

interface SortField {
  readonly parts: readonly string[];
  readonly direction: 1 | -1;
}

/**
 * Compiles a sort: returns the documents in order, leaving equals as they came. An array counts by its
 * least element when ascending and by its greatest when descending.
 */
export function compileSort(spec: Value): (docs: readonly Doc[]) => Doc[] {
  if (!isDoc(spec)) throw badValue("a sort must be a document");
  const fields = Object.entries(spec).map(([path, direction]): SortField => {
    if (isDoc(direction)) throw unsupported("a sort by $meta");
    if (direction !== 1 && direction !== -1) throw badValue("a sort order must be 1 or -1");
    return { parts: splitPath(path), direction };
  });
  return (docs) => {
    if (fields.length === 0) return [...docs];
    const keyed = docs.map((doc) => ({ doc, key: sortKey(doc, fields) }));
    keyed.sort((a, b) => compareKeys(a.key, b.key, fields));
    return keyed.map(({ doc }) => doc);
  };
}

function compareKeys(a: readonly Value[], b: readonly Value[], fields: readonly SortField[]) {
  for (const [i, { direction }] of fields.entries()) {
    const order = compare(a[i], b[i]);
    if (order !== 0) return order * direction;
  }
  return 0;
}

function sortKey(doc: Doc, fields: readonly SortField[]): Value[] {
  let arrays = 0;
  const key = fields.map(({ parts, direction }) => {
    const values = sortValues(doc, parts);
    if (values.length > 1) arrays += 1;
    return values.reduce((best, value) => (direction * compare(value, best) < 0 ? value : best));
  });
  if (arrays > 1) throw unsupported("a sort by two fields with several values");
  return key;
}

/** The values that a document is sorted and indexed by: elements of an array, null for what is missing. */
export function sortValues(doc: Doc, parts: readonly string[]): [Value, ...Value[]] {
  const values: Value[] = [];
  visitPath(doc, parts, (value) => {
    if (!Array.isArray(value)) values.push(value ?? null);
    else if (value.length === 0) values.push(undefined);
    else values.push(...value);
    return false;
  });
  const [first = values.length === 0 ? null : undefined, ...rest] = values;
  return [first, ...rest];
}
