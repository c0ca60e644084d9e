import { MongoFault } from "../fault.ts";
import { isNothing } from "../expression/truth.ts";
import { fieldOf, splitPath } from "../values/path.ts";
import { isDoc, type Doc, type Value } from "../values/value.ts";
import { setComputed } from "./computed.ts";

interface Options {
  readonly parts: readonly string[];
  readonly index: string | undefined;
  readonly preserve: boolean;
}

/** Compiles $unwind: one document per element. */
export function compileUnwind(spec: Value): (docs: readonly Doc[]) => Doc[] {
  const options = optionsOf(spec);
  return (docs) => docs.flatMap((doc) => unwind(doc, options));
}

function optionsOf(spec: Value): Options {
  const options: Doc = isDoc(spec) ? spec : { path: spec };
  for (const name of Object.keys(options)) {
    if (!["path", "includeArrayIndex", "preserveNullAndEmptyArrays"].includes(name)) {
      throw new MongoFault(28811, `unrecognized option to $unwind: ${name}`);
    }
  }
  const { path, includeArrayIndex: index, preserveNullAndEmptyArrays: preserve } = options;
  if (typeof path !== "string" || !path.startsWith("$")) {
    throw new MongoFault(28818, "path option to $unwind should be prefixed with a '$'");
  }
  if (index !== undefined && (typeof index !== "string" || index.startsWith("$"))) {
    throw new MongoFault(28810, "includeArrayIndex must be a field name");
  }
  if (preserve !== undefined && typeof preserve !== "boolean") {
    throw new MongoFault(28809, "preserveNullAndEmptyArrays must be a boolean");
  }
  return { parts: splitPath(path.slice(1)), index, preserve: preserve ?? false };
}

function unwind(doc: Doc, { parts, index, preserve }: Options): Doc[] {
  const value = parts.reduce<Value>((at, part) => (isDoc(at) ? fieldOf(at, part) : undefined), doc);
  const numbered = (result: Doc, place: number | null): Doc =>
    index === undefined ? result : setComputed(result, splitPath(index), place);
  if (Array.isArray(value) && value.length > 0) {
    return value.map((item, place) => numbered(setComputed(doc, parts, item), place));
  }
  if (isNothing(value) || Array.isArray(value)) {
    if (!preserve) return [];
    return [numbered(Array.isArray(value) ? setComputed(doc, parts, undefined) : doc, null)];
  }
  return [numbered(doc, null)];
}
