import { compileExpression, newScope, type Evaluate } from "../expression/expression.ts";
import { MongoFault, badValue } from "../fault.ts";
import { splitPath } from "../values/path.ts";
import { isDoc, type Doc, type Value } from "../values/value.ts";

/**
 * The value with a field set below it, as $addFields does: an array is gone through element by element,
 * and anything else that is no document gives way to one. Undefined removes the field.
 */
export function setComputed<T extends Value>(target: T, parts: readonly string[], value: Value): T {
  const [part, ...rest] = parts;
  if (part === undefined) return value as T;
  if (Array.isArray(target)) return target.map((item) => setComputed(item, parts, value)) as T;
  const result: Doc = isDoc(target) ? { ...target } : {};
  const next =
    rest.length === 0
      ? value
      : setComputed(Object.hasOwn(result, part) ? result[part] : undefined, rest, value);
  if (next === undefined) delete result[part];
  else result[part] = next;
  return result as T;
}

interface Assignment {
  readonly parts: readonly string[];
  readonly evaluate: Evaluate;
}

/** Compiles $addFields and $set: all values are computed from the document as it came. */
export function compileAddFields(spec: Value): (doc: Doc) => Doc {
  if (!isDoc(spec) || Object.keys(spec).length === 0) {
    throw new MongoFault(40177, "$addFields needs an object that is not empty");
  }
  const assignments = assignmentsOf(spec, []);
  return (doc) => {
    const scope = newScope(doc);
    const values = assignments.map(({ evaluate }) => evaluate(scope));
    return assignments.reduce((sum, { parts }, i) => setComputed(sum, parts, values[i]), doc);
  };
}

function assignmentsOf(spec: Doc, prefix: readonly string[]): Assignment[] {
  return Object.entries(spec).flatMap(([path, value]): Assignment[] => {
    if (path.startsWith("$")) throw badValue(`"${path}" is not a field name`);
    const parts = [...prefix, ...splitPath(path)];
    const isNested = isDoc(value) && !Object.keys(value)[0]?.startsWith("$");
    if (isNested && Object.keys(value).length > 0) return assignmentsOf(value, parts);
    return [{ parts, evaluate: compileExpression(value) }];
  });
}
