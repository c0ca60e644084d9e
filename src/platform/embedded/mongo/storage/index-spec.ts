import { MongoFault, unsupported } from "../fault.ts";
import { compileFilter, type Matcher } from "../query/matcher.ts";
import { sortValues } from "../query/sort.ts";
import { equal, hashKey } from "../values/compare.ts";
import { splitPath, visitPath } from "../values/path.ts";
import { isDoc, type Doc, type Value } from "../values/value.ts";

/** The definition of an index, as createIndexes takes it and listIndexes gives it back. */
export interface IndexSpec {
  readonly name: string;
  readonly key: Readonly<Record<string, 1 | -1>>;
  readonly unique: boolean;
  readonly sparse: boolean;
  readonly partialFilterExpression: Doc | undefined;
  /** A document expires this many seconds after the date in the index' only field. */
  readonly expireAfterSeconds: number | undefined;
}

export const ID_INDEX: IndexSpec = {
  name: "_id_",
  key: { _id: 1 },
  unique: true,
  sparse: false,
  partialFilterExpression: undefined,
  expireAfterSeconds: undefined,
};

const KNOWN = [
  ...["v", "key", "name", "unique", "sparse", "partialFilterExpression"],
  ...["expireAfterSeconds", "background"],
];

/** Reads an index definition; refuses kinds of indexes whose behaviour this store does not have. */
export function parseIndexSpec(value: Value): IndexSpec {
  if (!isDoc(value)) throw new MongoFault(14, "an index must be an object");
  const strange = Object.keys(value).find((field) => !KNOWN.includes(field));
  if (strange !== undefined) throw unsupported(`the index option ${strange}`);
  const key = parseKey(value["key"]);
  const { name, expireAfterSeconds, partialFilterExpression: partial } = value;
  if (typeof name !== "string" || name === "") throw new MongoFault(9, "an index needs a name");
  if (partial !== undefined && !isDoc(partial)) {
    throw new MongoFault(67, "partialFilterExpression must be an object");
  }
  if (partial) compileFilter(partial);
  if (partial && flag(value, "sparse")) {
    throw new MongoFault(67, "cannot mix partialFilterExpression and sparse options");
  }
  return {
    ...{ name, key, unique: flag(value, "unique"), sparse: flag(value, "sparse") },
    partialFilterExpression: partial,
    expireAfterSeconds: parseExpiry(expireAfterSeconds, Object.keys(key).length),
  };
}

function parseKey(value: Value): IndexSpec["key"] {
  if (!isDoc(value) || Object.keys(value).length === 0) {
    throw new MongoFault(67, "Index keys cannot be empty");
  }
  for (const [path, direction] of Object.entries(value)) {
    if (typeof direction === "string") throw unsupported(`an index of kind "${direction}"`);
    if (direction !== 1 && direction !== -1) {
      throw new MongoFault(67, "Values in the index key pattern must be 1 or -1");
    }
    if (path.includes("$")) throw unsupported(`an index on "${path}"`);
    splitPath(path);
  }
  return value as IndexSpec["key"];
}

function flag(value: Doc, name: string): boolean {
  const set = value[name] ?? false;
  if (typeof set === "boolean") return set;
  if (set === 0 || set === 1) return set === 1;
  throw new MongoFault(14, `the index option ${name} must be a boolean`);
}

function parseExpiry(value: Value, fields: number): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "number" || value < 0 || value > 2_147_483_647) {
    throw new MongoFault(67, "expireAfterSeconds must be between 0 and 2147483647");
  }
  if (fields > 1) throw new MongoFault(67, "TTL indexes are single-field indexes");
  return Math.trunc(value);
}

/** The definition in the form of listIndexes. */
export function describeIndex(spec: IndexSpec): Doc {
  return {
    v: 2,
    key: { ...spec.key },
    name: spec.name,
    ...(spec.unique && spec.name !== "_id_" ? { unique: true } : {}),
    ...(spec.sparse ? { sparse: true } : {}),
    ...(spec.partialFilterExpression
      ? { partialFilterExpression: spec.partialFilterExpression }
      : {}),
    ...(spec.expireAfterSeconds === undefined
      ? {}
      : { expireAfterSeconds: spec.expireAfterSeconds }),
  };
}

export const sameIndex = (a: IndexSpec, b: IndexSpec): boolean =>
  equal(describeIndex(a), describeIndex(b));

interface IndexKeys {
  /** One per combination of values: what must be unique. */
  readonly full: string[];
  /** What an equality on the first field may ask for. */
  readonly first: string[];
}

/** Computes the keys of documents in one index. */
export function keyMaker(spec: IndexSpec): (doc: Doc) => IndexKeys {
  const paths = Object.keys(spec.key).map(splitPath);
  const [firstPath = []] = paths;
  const covers: Matcher = spec.partialFilterExpression
    ? compileFilter(spec.partialFilterExpression)
    : () => true;
  return (doc) => {
    if (!covers(doc)) return { full: [], first: [] };
    const values = paths.map((parts) => sortValues(doc, parts));
    if (spec.sparse && !paths.some((parts) => isPresent(doc, parts))) {
      return { full: [], first: [] };
    }
    if (values.filter((list) => list.length > 1).length > 1) {
      throw unsupported("an index on two fields with several values");
    }
    return {
      full: unique(combine(values)),
      first: unique([...sortValues(doc, firstPath).map(hashKey)]),
    };
  };
}

const isPresent = (doc: Doc, parts: readonly string[]): boolean =>
  visitPath(doc, parts, (value) => value !== undefined);

function combine(values: readonly (readonly Value[])[]): string[] {
  return values.reduce<string[]>(
    (sum, list) => sum.flatMap((start) => list.map((value) => start + hashKey(value))),
    [""],
  );
}

const unique = (keys: readonly string[]): string[] => [...new Set(keys)];
