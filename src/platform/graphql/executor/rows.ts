import type { ResponsePath } from "graphql";
import { failField, fillFields, pathOf, type Answer } from "./fields.ts";
import type { FieldPlan, ObjectPlan } from "./plan.ts";
import { infoOf, isPromise, type Run } from "./run.ts";

/** Reports a broken item of a list: null, or thrown when the list cannot do without it. */
export type FailItem = (run: Run, path: ResponsePath, raw: unknown) => null;

/** An item on its way from what a resolver returned to the answer. */
class Row {
  readonly answer: Answer;
  private failure: { readonly raw: unknown } | null = null;

  constructor(
    readonly source: object,
    readonly path: ResponsePath,
    blank: Answer,
  ) {
    this.answer = { ...blank };
  }

  get isBroken(): boolean {
    return this.failure !== null;
  }

  /** The first required field that fails breaks the item. */
  break(raw: unknown): void {
    this.failure ??= { raw };
  }

  fail(run: Run, field: FieldPlan, path: ResponsePath, raw: unknown): void {
    try {
      this.answer[field.key] = failField(run, field, path, raw);
    } catch (error) {
      this.break(error);
    }
  }

  end(run: Run, failItem: FailItem): Answer | null {
    return this.failure === null ? this.answer : failItem(run, this.path, this.failure.raw);
  }
}

/**
 * Completes the items of a list column by column: fields that can be resolved for many objects at once are asked for once,
 * for all lists that are completed in the same moment. One promise then stands for a whole column.
 */
export function completeRows(
  run: Run,
  plan: ObjectPlan,
  sources: readonly object[],
  listPath: ResponsePath,
  failItem: FailItem,
): Promise<(Answer | null)[]> {
  const waiting: Promise<unknown>[] = [];
  const rows = sources.map((source, key) => {
    const row = new Row(source, { prev: listPath, key, typename: undefined }, plan.blank);
    try {
      const filled = fillFields(run, plan.single, row);
      if (filled) waiting.push(filled.then(undefined, (raw: unknown) => row.break(raw)));
    } catch (raw) {
      row.break(raw);
      // A list that cannot do without the item needs none of the others.
      row.end(run, failItem);
    }
    return row;
  });
  const live = rows.filter((row) => !row.isBroken);
  const lost = new Set(rows.filter((row) => row.isBroken));
  for (const field of live.length > 0 ? plan.batched : []) {
    waiting.push(fillColumn(run, field, live));
  }
  return Promise.all(waiting).then(() =>
    rows.map((row) => (lost.has(row) ? null : row.end(run, failItem))),
  );
}

/** Never rejects. */
async function fillColumn(run: Run, field: FieldPlan, rows: readonly Row[]): Promise<void> {
  const waiting: Promise<unknown>[] = [];
  try {
    const values = await ask(run, field, rows);
    for (const [index, row] of rows.entries()) {
      const filled = fillPlace(run, field, row, values[index]);
      if (filled) waiting.push(filled);
    }
  } catch (error) {
    for (const row of rows) row.fail(run, field, pathOf(row.path, field), error);
  }
  if (waiting.length > 0) await Promise.all(waiting);
}

/** Null when it is done, else a promise that never rejects. */
function fillPlace(run: Run, field: FieldPlan, row: Row, value: unknown): Promise<void> | null {
  const path = pathOf(row.path, field);
  try {
    const completed = field.complete(run, path, path, value);
    row.answer[field.key] = completed;
    if (!isPromise(completed)) return null;
    return completed.then(
      (later) => void (row.answer[field.key] = later),
      (raw: unknown) => row.fail(run, field, path, raw),
    );
  } catch (raw) {
    row.fail(run, field, path, raw);
    return null;
  }
}

/** One value for each row; lists that ask in the same moment are answered by one call. */
async function ask(run: Run, field: FieldPlan, rows: readonly Row[]): Promise<readonly unknown[]> {
  let question = run.asked.get(field);
  if (!question) {
    const sources: unknown[] = [];
    const first = pathOf(rows[0]?.path, field);
    const answers = Promise.resolve().then(() => answer(run, field, sources, first));
    run.asked.set(field, (question = { sources, answers }));
  }
  const from = question.sources.length;
  for (const { source } of rows) question.sources.push(source);
  const values = await question.answers;
  return values.slice(from, from + rows.length);
}

async function answer(
  run: Run,
  field: FieldPlan,
  sources: readonly unknown[],
  path: ResponsePath,
): Promise<readonly unknown[]> {
  run.asked.delete(field);
  const args = field.argumentsOf(run);
  const values = await field.batch?.(sources, args, run.context, infoOf(run, field, path));
  if (values?.length === sources.length) return values;
  throw new Error(`${field.parent.name}.${field.name} must give one value for each object.`);
}
