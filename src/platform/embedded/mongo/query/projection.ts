import { MongoFault, badValue, unsupported } from "../fault.ts";
import { compileExpression, newScope, type Evaluate } from "../expression/expression.ts";
import { isTrue } from "../expression/truth.ts";
import { setComputed } from "../pipeline/computed.ts";
import { splitPath } from "../values/path.ts";
import { isDoc, type Doc, type Value } from "../values/value.ts";
import { arrayPart } from "./array-projection.ts";

export type Project = (doc: Doc) => Doc;
type ArrayPart = (value: Value) => Value;

interface Parsed {
  readonly kept: string[][];
  readonly dropped: string[][];
  readonly computed: { readonly parts: string[]; readonly evaluate: Evaluate }[];
  /** $slice and $elemMatch of find. */
  readonly arrays: Map<string, ArrayPart>;
  id: "kept" | "dropped" | "unsaid";
  onlyMatching: boolean;
}

/** Compiles a projection of find or of $project; only find knows $slice and $elemMatch on arrays. */
export function compileProjection(spec: Value, forFind: boolean): Project {
  if (!isDoc(spec)) throw badValue("a projection must be a document");
  const parsed: Parsed = {
    ...{ kept: [], dropped: [], computed: [], arrays: new Map() },
    ...{ id: "unsaid", onlyMatching: false },
  };
  parse(spec, [], forFind, parsed);
  assertNoCollision(parsed);
  const keeps = parsed.kept.length > 0 || parsed.computed.length > 0 || parsed.onlyMatching;
  if (keeps && parsed.dropped.length > 0) {
    throw new MongoFault(31254, "Cannot do exclusion in inclusion projection");
  }
  const isInclusion =
    keeps || (parsed.id === "kept" && parsed.dropped.length === 0 && parsed.arrays.size === 0);
  return isInclusion ? inclusion(parsed) : exclusion(parsed);
}

function parse(spec: Doc, prefix: readonly string[], forFind: boolean, into: Parsed): void {
  for (const [path, value] of Object.entries(spec)) {
    if (path === "$" || path.endsWith(".$")) throw unsupported("a positional projection");
    if (path.startsWith("$")) throw new MongoFault(16410, `"${path}" is not a field name`);
    const parts = [...prefix, ...splitPath(path)];
    const isId = parts.join(".") === "_id";
    if (typeof value === "number" || typeof value === "boolean") {
      if (isId) into.id = isTrue(value) ? "kept" : "dropped";
      else (isTrue(value) ? into.kept : into.dropped).push(parts);
    } else if (isDoc(value) && !Object.keys(value)[0]?.startsWith("$")) {
      if (Object.keys(value).length === 0) throw badValue("an empty sub-projection");
      parse(value, parts, forFind, into);
    } else if (!forFind || !parseArrayPart(parts, value, into)) {
      if (isId) into.id = "dropped";
      into.computed.push({ parts, evaluate: compileExpression(value) });
    }
  }
}

function parseArrayPart(parts: string[], value: Value, into: Parsed): boolean {
  const part = arrayPart(value);
  if (!part) return false;
  if (parts.length > 1) throw unsupported(`${part.operator} on a nested field`);
  into.arrays.set(parts[0] ?? "", part.apply);
  if (part.operator === "$elemMatch") into.onlyMatching = true;
  return true;
}

function assertNoCollision({ kept, dropped, computed, arrays }: Parsed): void {
  const paths = [...kept, ...dropped, ...computed.map(({ parts }) => parts)].map((parts) =>
    parts.join("."),
  );
  const all = [...paths, ...arrays.keys()].sort();
  for (const path of all) {
    if (all.some((other) => other !== path && other.startsWith(`${path}.`))) {
      throw new MongoFault(31249, `Path collision at ${path}`);
    }
  }
  if (new Set(all).size !== all.length) throw new MongoFault(31250, "Path collision");
}

function inclusion({ kept, computed, arrays, id }: Parsed): Project {
  const tree = treeOf([...kept, ...[...arrays.keys()].map((name) => [name])]);
  if (id !== "dropped") tree.set("_id", null);
  return (doc) => {
    const result = pick(shaped(doc, arrays), tree) as Doc;
    const scope = newScope(doc);
    const values = computed.map(({ evaluate }) => evaluate(scope));
    return computed.reduce(
      (sum, { parts }, i) => (values[i] === undefined ? sum : setComputed(sum, parts, values[i])),
      result,
    );
  };
}

function exclusion({ dropped, arrays, id }: Parsed): Project {
  const tree = treeOf(dropped);
  if (id === "dropped") tree.set("_id", null);
  return (doc) => omit(shaped(doc, arrays), tree) as Doc;
}

function shaped(doc: Doc, arrays: ReadonlyMap<string, ArrayPart>): Doc {
  if (arrays.size === 0) return doc;
  const result: Doc = {};
  for (const [field, value] of Object.entries(doc)) {
    const part = arrays.get(field);
    const kept = part ? part(value) : value;
    if (kept !== undefined) result[field] = kept;
  }
  return result;
}

type Tree = Map<string, Tree | null>;

/** The paths as a tree; null ends a path. */
export function treeOf(paths: readonly (readonly string[])[]): Tree {
  const root: Tree = new Map();
  for (const path of paths) {
    let at = root;
    for (const [i, part] of path.entries()) {
      if (i === path.length - 1) at.set(part, null);
      else {
        const next = at.get(part) ?? new Map<string, Tree | null>();
        at.set(part, next);
        at = next;
      }
    }
  }
  return root;
}

/** What the tree names; values that have no fields drop out below the top. */
function pick(value: Value, tree: Tree): Value {
  if (Array.isArray(value)) {
    return value.map((item) => pick(item, tree)).filter((item) => item !== undefined);
  }
  if (!isDoc(value)) return undefined;
  const result: Doc = {};
  for (const [field, item] of Object.entries(value)) {
    const below = tree.get(field);
    if (below === undefined) continue;
    const kept = below === null ? item : pick(item, below);
    if (kept !== undefined) result[field] = kept;
  }
  return result;
}

/** All but what the tree names. */
export function omit(value: Value, tree: Tree): Value {
  if (Array.isArray(value)) return value.map((item) => omit(item, tree));
  if (!isDoc(value)) return value;
  const result: Doc = {};
  for (const [field, item] of Object.entries(value)) {
    const below = tree.get(field);
    if (below === null) continue;
    result[field] = below === undefined ? item : omit(item, below);
  }
  return result;
}
