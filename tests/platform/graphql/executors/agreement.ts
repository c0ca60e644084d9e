import {
  execute,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLError,
  type GraphQLSchema,
} from "graphql";
import { CompiledExecutor } from "../../../../src/platform/graphql/executor/compiled-executor.ts";

export interface Execution {
  readonly document: DocumentNode;
  readonly variableValues?: Record<string, unknown>;
  readonly operationName?: string;
}

/** What one executor answered, as clients and logs see it. */
export interface Outcome {
  readonly data: string;
  readonly errors: readonly string[];
  /** What resolvers had been asked by then, in the order of the alphabet. */
  readonly calls: readonly string[];
}

/** Where the executors do not agree. */
export interface Difference {
  readonly expected: Outcome;
  readonly got: Outcome;
  /** Whether it was seen only when the operation ran again, by a plan that was known. */
  readonly again: boolean;
}

type Errors = readonly Partial<GraphQLError>[];
type Run = (args: object) => ExecutionResult | Promise<ExecutionResult>;

/** Runs operations by graphql-js and by the executor of the server. */
export class Agreement {
  private readonly executor: CompiledExecutor;
  /** How the operations ended, by what graphql-js says; and how often another of several errors was the first. */
  readonly seen = { whole: 0, withErrors: 0, withoutData: 0, refused: 0, raced: 0 };

  /** @param contextOf Makes a context for each execution. */
  constructor(
    private readonly schema: GraphQLSchema,
    private readonly rootOf: () => unknown,
    private readonly contextOf: (calls: string[]) => object = (calls) => ({ calls }),
  ) {
    this.executor = new CompiledExecutor(schema);
  }

  /** Null when both answer the same, also when the operation runs again. */
  async differenceIn(execution: Execution): Promise<Difference | null> {
    const expected = await this.run(execution, (args) =>
      execute({ ...(args as Execution), schema: this.schema }),
    );
    this.count(expected.result);
    for (const again of [false, true]) {
      const got = await this.run(execution, (args) => this.executor.execute(args as Execution));
      if (isSame(expected.outcome, got.outcome)) continue;
      const hasRaced =
        expected.outcome.data === got.outcome.data &&
        essence(expected.result) === essence(got.result);
      if (!hasRaced) return { expected: expected.outcome, got: got.outcome, again };
      this.seen.raced += 1;
    }
    return null;
  }

  private async run(execution: Execution, by: Run) {
    const calls: string[] = [];
    const result = await by({
      ...execution,
      rootValue: this.rootOf(),
      contextValue: this.contextOf(calls),
    });
    const outcome: Outcome = {
      data: JSON.stringify(result.data),
      errors: (result.errors ?? []).map(shown),
      calls: calls.toSorted(),
    };
    return { result, outcome };
  }

  private count({ errors, data }: ExecutionResult): void {
    if (data === undefined) this.seen.refused += 1;
    else if (data === null) this.seen.withoutData += 1;
    else if (errors) this.seen.withErrors += 1;
    else this.seen.whole += 1;
  }
}

/** Resolvers below a place that became null may be asked before the answer or after it. */
const isSame = (one: Outcome, other: Outcome): boolean =>
  one.data === other.data &&
  String(one.errors) === String(other.errors) &&
  (one.errors.length > 0 || String(one.calls) === String(other.calls));

// What a resolver throws with a path of its own is passed on as it is, whatever it is.
const shown = (error: Partial<GraphQLError>): string =>
  JSON.stringify({
    ...(error.toJSON?.() ?? { message: error.message, path: error.path }),
    cause: `${typeof error.originalError} ${String(error.originalError)}`,
  });

/**
 * What must be the same of the errors even where several race: those that stand at a null of their own in any order, and
 * for each null that came from below, that it is accounted for. Which of several is told first is free by the GraphQL
 * specification, §6.4.4.
 */
function essence({ data, errors = [] }: ExecutionResult): string {
  const told = (errors as Errors).map((error) => {
    const path = error.path ?? [];
    const depth = depthOfNull(data, path);
    return depth === path.length ? shown(error) : `below ${JSON.stringify(path.slice(0, depth))}`;
  });
  return [...new Set(told)].sort().join("\n");
}

/** How far a path can be followed until there is null. */
function depthOfNull(data: unknown, path: readonly (string | number)[]): number {
  let value = data;
  for (const [depth, key] of path.entries()) {
    if (value === null || value === undefined) return depth;
    value = (value as Record<string | number, unknown>)[key];
  }
  return path.length;
}
