import { MongoFault, unsupported } from "../fault.ts";
import { hashKey } from "../values/compare.ts";
import { splitPath, visitPath, visitValues } from "../values/path.ts";
import { isDoc, type Doc, type Value } from "../values/value.ts";
import { setComputed } from "./computed.ts";
import type { Pipeline, Source } from "./pipeline.ts";

/** Compiles $lookup by equality of two fields; with a pipeline only if that has no variables. */
export function compileLookup(
  spec: Value,
  compilePipeline: (stages: Value) => Pipeline,
): (docs: readonly Doc[], source: Source) => Doc[] {
  if (!isDoc(spec)) throw new MongoFault(9, "the $lookup specification must be an object");
  const { from, localField, foreignField, as, pipeline } = spec;
  for (const name of Object.keys(spec)) {
    if (!["from", "localField", "foreignField", "as", "pipeline"].includes(name)) {
      throw name === "let"
        ? unsupported("$lookup with let")
        : new MongoFault(9, `$lookup: ${name}`);
    }
  }
  for (const text of [from, localField, foreignField, as]) {
    if (typeof text !== "string") {
      throw new MongoFault(9, "$lookup needs from, localField, foreignField and as");
    }
  }
  const [local, foreign, target] = [localField, foreignField, as].map((path) =>
    splitPath(path as string),
  ) as [string[], string[], string[]];
  const refine = pipeline === undefined ? undefined : compilePipeline(pipeline);
  return (docs, source) => {
    const joined = source(from as string);
    const byKey = indexBy(joined, foreign);
    return docs.map((doc) => {
      const found = new Set(localKeys(doc, local).flatMap((key) => byKey.get(key) ?? []));
      const inOrder = [...found].sort((a, b) => a - b).map((place) => joined[place] as Doc);
      return setComputed(doc, target, refine ? refine(inOrder, source) : inOrder);
    });
  };
}

function indexBy(docs: readonly Doc[], parts: readonly string[]): Map<string, number[]> {
  const places = new Map<string, number[]>();
  for (const [place, doc] of docs.entries()) {
    visitValues(doc, parts, (value) => {
      const key = hashKey(value ?? null);
      const list = places.get(key) ?? [];
      if (list.at(-1) !== place) list.push(place);
      places.set(key, list);
      return false;
    });
  }
  return places;
}

function localKeys(doc: Doc, parts: readonly string[]): string[] {
  const keys: string[] = [];
  visitPath(doc, parts, (value) => {
    const values: readonly Value[] = Array.isArray(value) ? value : [value];
    keys.push(...values.map((item) => hashKey(item ?? null)));
    return false;
  });
  return keys;
}
