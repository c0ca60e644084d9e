import { MongoFault, unsupported } from "../fault.ts";
import { fieldOf, splitPath } from "../values/path.ts";
import { isDoc, type Doc, type Value } from "../values/value.ts";
import { arithmeticOperators } from "./arithmetic.ts";
import { arrayOperators } from "./arrays.ts";
import { dateOperators } from "./dates.ts";
import { logicOperators } from "./logic.ts";
import type { Compile, Evaluate, Operators, Scope } from "./scope.ts";
import { stringOperators } from "./strings.ts";
import { typeOperators } from "./types.ts";

export { newScope, type Evaluate } from "./scope.ts";

const OPERATORS: Operators = {
  ...logicOperators,
  ...arithmeticOperators,
  ...stringOperators,
  ...arrayOperators,
  ...typeOperators,
  ...dateOperators,
};

/** Compiles an aggregation expression. Throws for operators and variables that are unknown. */
export function compileExpression(expression: Value, names: readonly string[] = []): Evaluate {
  if (typeof expression === "string" && expression.startsWith("$")) {
    return expression.startsWith("$$") ? variable(expression, names) : fieldPath(expression);
  }
  if (Array.isArray(expression)) {
    const items = expression.map((item) => compileExpression(item, names));
    return (scope) => items.map((item) => item(scope) ?? null);
  }
  if (!isDoc(expression)) return () => expression;
  const operator = Object.keys(expression).find((field) => field.startsWith("$"));
  return operator === undefined
    ? objectOf(expression, names)
    : operation(operator, expression, names);
}

function operation(operator: string, expression: Doc, names: readonly string[]): Evaluate {
  if (Object.keys(expression).length !== 1) {
    throw new MongoFault(15983, "an expression must have exactly one operator");
  }
  const argument = expression[operator];
  if (operator === "$literal") return () => argument;
  const make = Object.hasOwn(OPERATORS, operator) ? OPERATORS[operator] : undefined;
  if (!make) throw new MongoFault(168, `Unrecognized expression '${operator}'`);
  const compile: Compile = (part, more = []) => compileExpression(part, [...names, ...more]);
  return make(argument, compile);
}

function objectOf(expression: Doc, names: readonly string[]): Evaluate {
  const fields = Object.entries(expression).map(([name, part]) => {
    if (name.includes(".")) throw new MongoFault(16412, "field names may not contain '.'");
    return [name, compileExpression(part, names)] as const;
  });
  return (scope) => {
    const result: Doc = {};
    for (const [name, evaluate] of fields) {
      const value = evaluate(scope);
      if (value !== undefined) result[name] = value;
    }
    return result;
  };
}

function fieldPath(expression: string): Evaluate {
  const parts = splitPath(expression.slice(1));
  return (scope) => follow(scope.root, parts, 0);
}

function variable(expression: string, names: readonly string[]): Evaluate {
  const [name = "", ...parts] = splitPath(expression.slice(2));
  const read = variableReader(name, names);
  return (scope) => follow(read(scope), parts, 0);
}

function variableReader(name: string, names: readonly string[]): (scope: Scope) => Value {
  if (names.includes(name)) return (scope) => scope.variables[name];
  switch (name) {
    case "ROOT":
    case "CURRENT":
      return (scope) => scope.root;
    case "NOW":
      return (scope) => scope.now;
    case "REMOVE":
      return () => undefined;
    case "CLUSTER_TIME":
    case "DESCEND":
    case "PRUNE":
    case "KEEP":
    case "USER_ROLES":
    case "SEARCH_META":
      throw unsupported(`$$${name}`);
    default:
      throw new MongoFault(17276, `Use of undefined variable: ${name}`);
  }
}

/** A path through an array collects what its elements have; numbers are field names here, not places. */
function follow(value: Value, parts: readonly string[], at: number): Value {
  const part = parts[at];
  if (part === undefined) return value;
  if (Array.isArray(value)) {
    return value
      .map((item) => (isDoc(item) || Array.isArray(item) ? follow(item, parts, at) : undefined))
      .filter((item) => item !== undefined);
  }
  return isDoc(value) ? follow(fieldOf(value, part), parts, at + 1) : undefined;
}
