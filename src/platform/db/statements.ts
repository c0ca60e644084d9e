import { AsyncLocalStorage } from "node:async_hooks";

/** How many SQL statements ran on behalf of one operation. */
export interface StatementCount {
  statements: number;
  texts: string[] | null;
}

const current = new AsyncLocalStorage<StatementCount>();

/** Runs `work` and counts each SQL statement that it causes; `texts` are kept only when asked for. */
export function countStatements<T>(
  work: () => Promise<T>,
  options: { keepTexts?: boolean } = {},
): Promise<{ result: T; count: StatementCount }> {
  const count: StatementCount = { statements: 0, texts: options.keepTexts === true ? [] : null };
  return current.run(count, async () => ({ result: await work(), count }));
}

/** The count of the operation that is running, if one is being counted. */
export const currentStatementCount = (): StatementCount | undefined => current.getStore();

/** Called by the driver for every statement that it sends. */
export function recordStatement(text: string): void {
  const count = current.getStore();
  if (!count) return;
  count.statements += 1;
  count.texts?.push(text);
}
