import { createSourceEventStream, type ExecutionArgs, type ExecutionResult } from "graphql";
import type { Context } from "./context.ts";
import type { GraphQLEngine } from "./engine.ts";

/**
 * Subscribes like graphql-js, but each event is resolved with loaders of its own,
 * so that an event never shows what an earlier one had loaded.
 */
export async function subscribeWithFreshLoaders(
  args: ExecutionArgs,
  engine: GraphQLEngine,
): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult> {
  const source = await createSourceEventStream(args);
  if (!isIterable(source)) return source;
  const events = source[Symbol.asyncIterator]();
  const results: AsyncIterableIterator<ExecutionResult> = {
    [Symbol.asyncIterator]: () => results,
    async next() {
      const event = await events.next();
      if (event.done === true) return { done: true, value: undefined };
      const contextValue = { ...(args.contextValue as Context), loaders: engine.createLoaders() };
      const value = await engine.execute({ ...args, rootValue: event.value, contextValue });
      return { done: false, value };
    },
    async return() {
      await events.return?.();
      return { done: true, value: undefined };
    },
    async throw(error: unknown) {
      await events.return?.();
      throw error;
    },
  };
  return results;
}

const isIterable = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === "object" && value !== null && Symbol.asyncIterator in value;
