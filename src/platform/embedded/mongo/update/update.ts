import { MongoFault, badValue, unsupported } from "../fault.ts";
import { compilePipeline } from "../pipeline/pipeline.ts";
import { compareStrings, equal } from "../values/compare.ts";
import { isIndex } from "../values/path.ts";
import { copyOf, isDoc, type Doc, type Value } from "../values/value.ts";
import { CHANGES, type Change } from "./operators.ts";
import { readAt, removeAt, updatePath, writeAt } from "./target.ts";

/** Makes the new version of a document; the old one is left as it is. */
export type Update = (doc: Doc, isInsert: boolean) => Doc;

export interface CompiledUpdate {
  readonly apply: Update;
  /** A replacement cannot be applied to many. */
  readonly isReplacement: boolean;
}

/** Compiles the second argument of an update: operators, a replacement, or a pipeline. */
export function compileUpdate(spec: Value): CompiledUpdate {
  if (Array.isArray(spec)) return { apply: pipelineUpdate(spec), isReplacement: false };
  if (!isDoc(spec)) throw new MongoFault(9, "an update must be an object or an array");
  const operators = Object.keys(spec).filter((name) => name.startsWith("$"));
  if (operators.length === 0) return { apply: replacement(spec), isReplacement: true };
  if (operators.length !== Object.keys(spec).length) {
    throw new MongoFault(52, "an update has either operators or fields, not both");
  }
  return { apply: operatorUpdate(spec), isReplacement: false };
}

const REPLACING_STAGES = [
  "$addFields",
  "$set",
  "$unset",
  "$project",
  "$replaceRoot",
  "$replaceWith",
];

function pipelineUpdate(stages: Value[]): Update {
  for (const stage of stages) {
    const name = isDoc(stage) ? (Object.keys(stage)[0] ?? "") : "";
    if (!REPLACING_STAGES.includes(name)) {
      throw new MongoFault(72, `${name} is not allowed to be used within an update`);
    }
  }
  const pipeline = compilePipeline(stages);
  return (doc) => {
    const [result] = pipeline([doc], () => []);
    return withId(copyOf(result ?? {}), doc);
  };
}

function replacement(fields: Doc): Update {
  return (doc) => withId(copyOf(fields), doc);
}

/** Keeps the _id, in the first place; refuses another one. */
function withId(result: Doc, before: Doc): Doc {
  const { _id: id, ...fields } = result;
  const kept = Object.hasOwn(before, "_id") ? before["_id"] : id;
  if (id !== undefined && !equal(id, kept)) {
    throw new MongoFault(66, "the (immutable) field '_id' was found to have been altered");
  }
  return kept === undefined ? fields : { _id: kept, ...fields };
}

interface Step {
  readonly path: string;
  readonly parts: readonly string[];
  readonly onlyOnInsert: boolean;
  /** Changes `doc`; `before` is the document as it was before all steps. */
  apply(doc: Doc, before: Doc, now: Date): void;
}

function operatorUpdate(spec: Doc): Update {
  const steps = Object.entries(spec).flatMap(([operator, fields]) => stepsOf(operator, fields));
  assertNoConflict(steps.map(({ path }) => path));
  steps.sort((a, b) => comparePaths(a.parts, b.parts));
  return (doc, isInsert) => {
    const result = copyOf(doc);
    const now = new Date();
    for (const step of steps) {
      if (isInsert || !step.onlyOnInsert) step.apply(result, doc, now);
    }
    if (Object.hasOwn(doc, "_id") && !equal(result["_id"], doc["_id"])) {
      throw new MongoFault(66, "Performing an update on the path '_id' would modify it");
    }
    return isInsert ? withId(result, result) : result;
  };
}

function stepsOf(operator: string, fields: Value): Step[] {
  if (operator === "$bit") throw unsupported(operator);
  if (operator !== "$rename" && !Object.hasOwn(CHANGES, operator)) {
    throw new MongoFault(9, `Unknown modifier: ${operator}`);
  }
  if (!isDoc(fields)) throw new MongoFault(9, `Modifiers operate on fields, not on ${operator}`);
  return Object.entries(fields).flatMap(([path, argument]) =>
    operator === "$rename"
      ? renameSteps(path, argument)
      : [changeStep(operator, path, CHANGES[operator] as Change, argument)],
  );
}

function changeStep(operator: string, path: string, change: Change, argument: Value): Step {
  const parts = updatePath(path);
  const onlyOnInsert = operator === "$setOnInsert";
  if (operator === "$unset") {
    return { path, parts, onlyOnInsert, apply: (doc) => removeAt(doc, parts) };
  }
  return {
    ...{ path, parts, onlyOnInsert },
    apply: (doc, _, now) => {
      const next = change(readAt(doc, parts), argument, now);
      if (next !== undefined) writeAt(doc, parts, copyOf(next));
    },
  };
}

function renameSteps(from: string, to: Value): Step[] {
  if (typeof to !== "string") throw badValue("The 'to' field for $rename must be a string");
  const [source, target] = [updatePath(from), updatePath(to)];
  if ([...source, ...target].some(isIndex)) throw unsupported("$rename with an array place");
  throwIfSame(from, to);
  const remove: Step["apply"] = (doc) => removeAt(doc, source);
  const set: Step["apply"] = (doc, before) => {
    const moved = readAt(before, source);
    if (moved !== undefined) writeAt(doc, target, copyOf(moved));
  };
  return [
    { path: from, parts: source, onlyOnInsert: false, apply: remove },
    { path: to, parts: target, onlyOnInsert: false, apply: set },
  ];
}

function throwIfSame(from: string, to: string): void {
  if (from === to) throw badValue("The source and target field for $rename must differ");
}

function assertNoConflict(paths: readonly string[]): void {
  const seen = [...paths].sort();
  for (const [i, path] of seen.entries()) {
    const clash = seen.find(
      (other, j) => j !== i && (other === path || other.startsWith(`${path}.`)),
    );
    if (clash !== undefined) {
      throw new MongoFault(40, `Updating the path '${clash}' would create a conflict at '${path}'`);
    }
  }
}

/** New fields appear in the order of their names, array places in that of their numbers. */
function comparePaths(a: readonly string[], b: readonly string[]): number {
  for (const [i, part] of a.entries()) {
    const other = b[i];
    if (other === undefined) return 1;
    if (part === other) continue;
    if (isIndex(part) && isIndex(other)) return Number(part) - Number(other);
    return compareStrings(part, other);
  }
  return -1;
}

/** Refuses to store field names that begin with a dollar or contain a dot: they could not be queried. */
export function assertPlainFields(value: Value): void {
  if (Array.isArray(value)) {
    for (const item of value) assertPlainFields(item);
  } else if (isDoc(value)) {
    for (const [name, item] of Object.entries(value)) {
      if (name.startsWith("$") || name.includes(".") || name === "") {
        throw new MongoFault(52, `The field name '${name}' cannot be stored`);
      }
      assertPlainFields(item);
    }
  }
}
