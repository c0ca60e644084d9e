import type { Doc, Value } from "../values/value.ts";

/** What an expression can see. */
export interface Scope {
  readonly root: Value;
  readonly now: Date;
  readonly variables: Readonly<Record<string, Value>>;
}

export const newScope = (root: Doc): Scope => ({ root, now: new Date(), variables: {} });

export const withVariables = (scope: Scope, variables: Record<string, Value>): Scope => ({
  ...scope,
  variables: { ...scope.variables, ...variables },
});

/** A compiled expression; undefined stands for a missing value. */
export type Evaluate = (scope: Scope) => Value;
/** Compiles a part of an expression; `names` are variables that it may use besides those around it. */
export type Compile = (expression: Value, names?: readonly string[]) => Evaluate;
/** Makes the evaluation of one operator from its argument; refuses wrong arguments at once. */
export type Operator = (argument: Value, compile: Compile) => Evaluate;
export type Operators = Readonly<Record<string, Operator>>;
