import type {
  FragmentDefinitionNode,
  GraphQLError,
  GraphQLResolveInfo,
  GraphQLSchema,
  OperationDefinitionNode,
  ResponsePath,
} from "graphql";
import type { FieldPlan } from "./plan.ts";

/** One execution of an operation. */
export interface Run {
  readonly schema: GraphQLSchema;
  readonly fragments: Record<string, FragmentDefinitionNode>;
  readonly operation: OperationDefinitionNode;
  readonly variables: Record<string, unknown>;
  readonly rootValue: unknown;
  readonly context: unknown;
  readonly errors: FieldErrors;
  /** Fields that are about to be resolved for many objects at once. */
  readonly asked: Map<FieldPlan, Question>;
}

/** The objects of all lists that ask for the same field in the same moment. */
export interface Question {
  readonly sources: unknown[];
  readonly answers: Promise<readonly unknown[]>;
}

/** What resolvers are told about where they are. */
export const infoOf = (run: Run, field: FieldPlan, path: ResponsePath): GraphQLResolveInfo => ({
  fieldName: field.name,
  fieldNodes: field.nodes,
  returnType: field.definition.type,
  parentType: field.parent,
  path,
  schema: run.schema,
  fragments: run.fragments,
  rootValue: run.rootValue,
  operation: run.operation,
  variableValues: run.variables,
});

/** Errors of fields, without those below a place that has become null already. */
export class FieldErrors {
  readonly all: GraphQLError[] = [];
  private readonly nulled = new Set<ResponsePath | undefined>();

  /** @param path The place that became null; undefined for the whole answer. */
  add(error: GraphQLError, path: ResponsePath | undefined): void {
    if (this.nulled.size > 0) {
      for (let place = path; place !== undefined; place = place.prev) {
        if (this.nulled.has(place)) return;
      }
      if (this.nulled.has(undefined)) return;
    }
    this.nulled.add(path);
    this.all.push(error);
  }
}

/** Whether a value comes later, as graphql-js judges it. */
export const isPromise = (value: unknown): value is Promise<unknown> =>
  typeof (value as { then?: unknown } | null | undefined)?.then === "function";
