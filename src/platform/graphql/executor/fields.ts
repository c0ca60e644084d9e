import { locatedError, responsePathAsArray, type ResponsePath } from "graphql";
import type { FieldPlan, ObjectPlan } from "./plan.ts";
import { infoOf, isPromise, type Run } from "./run.ts";

/** Runs the fields of an object side by side; resolves once all of them have, rejects with the first required one that failed. */
export function executeFields(
  run: Run,
  plan: ObjectPlan,
  source: unknown,
  path: ResponsePath | undefined,
): Record<string, unknown> | Promise<Record<string, unknown>> {
  const results: Record<string, unknown> = { ...plan.blank };
  let waiting: FieldPlan[] | null = null;
  try {
    for (const field of plan.fields) {
      const result = executeField(run, field, source, path);
      results[field.key] = result;
      if (typeof result === "object" && isPromise(result)) (waiting ??= []).push(field);
    }
  } catch (error) {
    if (waiting === null) throw error;
    // The others may reject as well, and somebody has to listen.
    return settled(results, waiting).finally(() => {
      throw error;
    });
  }
  return waiting === null ? results : settled(results, waiting);
}

function settled(
  results: Record<string, unknown>,
  waiting: readonly FieldPlan[],
): Promise<Record<string, unknown>> {
  return Promise.all(waiting.map(({ key }) => results[key])).then((values) => {
    for (const [index, field] of waiting.entries()) results[field.key] = values[index];
    return results;
  });
}

function executeField(
  run: Run,
  field: FieldPlan,
  source: unknown,
  parentPath: ResponsePath | undefined,
): unknown {
  let path: ResponsePath | undefined;
  try {
    if (field.quick !== null && typeof source === "object" && source !== null) {
      const value = (source as Record<string, unknown>)[field.name];
      if (value == null && !field.nonNull) return null;
      const found = field.quick(value);
      if (found !== undefined) return found;
    }
    path = pathOf(parentPath, field);
    const here = path;
    const result = resolve(run, field, source, here);
    const completed = isPromise(result)
      ? result.then((resolved) => field.complete(run, here, here, resolved))
      : field.complete(run, here, here, result);
    if (!isPromise(completed)) return completed;
    return completed.then(undefined, (raw: unknown) => fail(run, field, here, raw));
  } catch (raw) {
    return fail(run, field, path ?? pathOf(parentPath, field), raw);
  }
}

const pathOf = (prev: ResponsePath | undefined, { key, parent }: FieldPlan): ResponsePath => ({
  prev,
  key,
  typename: parent.name,
});

function resolve(run: Run, field: FieldPlan, source: unknown, path: ResponsePath): unknown {
  if (field.resolve !== null) {
    const info = infoOf(run, field, path);
    return field.resolve(source, field.argumentsOf(run), run.context, info);
  }
  const args = field.definition.args.length === 0 ? null : field.argumentsOf(run);
  if (!isReadable(source)) return undefined;
  const property = source[field.name];
  if (typeof property !== "function") return property;
  const method = property as (...given: unknown[]) => unknown;
  return method.call(source, args ?? {}, run.context, infoOf(run, field, path));
}

const isReadable = (source: unknown): source is Record<string, unknown> =>
  (typeof source === "object" && source !== null) || typeof source === "function";

/** An optional field becomes null; a required one takes its parent along. */
function fail(run: Run, field: FieldPlan, path: ResponsePath, raw: unknown): null {
  const error = locatedError(raw, field.nodes, responsePathAsArray(path));
  if (field.nonNull) throw error;
  run.errors.add(error, path);
  return null;
}
