import { AsyncLocalStorage } from "node:async_hooks";

const current = new AsyncLocalStorage<unknown>();

/** Runs work for something, such as a job. What it asks of a provider, however often, counts there as one and the same. */
export function onBehalfOf<T>(cause: unknown, work: () => T): T {
  return current.run(cause, work);
}

/** For what the present work is done; undefined when nobody said. */
export const currentCause = (): unknown => current.getStore();
