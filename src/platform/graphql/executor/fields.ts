import { locatedError, responsePathAsArray, type ResponsePath } from "graphql";
import type { FieldPlan, ObjectPlan } from "./plan.ts";
import { infoOf, isPromise, type Run } from "./run.ts";

/** Runs the fields of an object side by side; resolves once all of them have, rejects with the first required one that failed. */
export function executeFields(
  run: Run,
  plan: ObjectPlan,
  source: unknown,
  path: ResponsePath | undefined,
): Answer | Promise<Answer> {
  const answer: Answer = { ...plan.blank };
  return fillFields(run, plan.fields, { source, path, answer }) ?? answer;
}

/** An object of the answer. */
export type Answer = Record<string, unknown>;

/** An object on its way from what a resolver returned to the answer. */
export interface Filling {
  readonly source: unknown;
  readonly path: ResponsePath | undefined;
  readonly answer: Answer;
}

/** Puts fields into an answer: at once, which is null, or with a promise of it. @throws like `executeFields` */
export function fillFields(
  run: Run,
  fields: readonly FieldPlan[],
  { source, path, answer }: Filling,
): Promise<Answer> | null {
  let waiting: FieldPlan[] | null = null;
  try {
    for (const field of fields) {
      const result = executeField(run, field, source, path);
      answer[field.key] = result;
      if (typeof result === "object" && isPromise(result)) (waiting ??= []).push(field);
    }
  } catch (error) {
    if (waiting === null) throw error;
    // The others may reject as well, and somebody has to listen.
    return settled(answer, waiting).finally(() => {
      throw error;
    });
  }
  return waiting === null ? null : settled(answer, waiting);
}

function settled(answer: Answer, waiting: readonly FieldPlan[]): Promise<Answer> {
  return Promise.all(waiting.map(({ key }) => answer[key])).then((values) => {
    for (const [index, field] of waiting.entries()) answer[field.key] = values[index];
    return answer;
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
    return completed.then(undefined, (raw: unknown) => failField(run, field, here, raw));
  } catch (raw) {
    return failField(run, field, path ?? pathOf(parentPath, field), raw);
  }
}

/** The path of a field below its object. */
export const pathOf = (
  prev: ResponsePath | undefined,
  { key, parent }: FieldPlan,
): ResponsePath => ({
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

/** An optional field becomes null; a required one takes its parent along, by throwing. */
export function failField(run: Run, field: FieldPlan, path: ResponsePath, raw: unknown): null {
  const error = locatedError(raw, field.nodes, responsePathAsArray(path));
  if (field.nonNull) throw error;
  run.errors.add(error, path);
  return null;
}
