import { MongoFault } from "../fault.ts";
import { compare } from "../values/compare.ts";
import { isDoc, type Value } from "../values/value.ts";
import { named, onList } from "./arguments.ts";
import { withVariables, type Operator, type Operators } from "./scope.ts";
import { isNothing, isTrue } from "./truth.ts";

const comparison = (holds: (order: number) => Value): Operator =>
  onList(2, 2, (a, b) => holds(compare(a, b)));

const and: Operator = (argument, compile) => {
  const parts = (Array.isArray(argument) ? argument : [argument]).map((part) => compile(part));
  return (scope) => parts.every((part) => isTrue(part(scope)));
};

const or: Operator = (argument, compile) => {
  const parts = (Array.isArray(argument) ? argument : [argument]).map((part) => compile(part));
  return (scope) => parts.some((part) => isTrue(part(scope)));
};

const cond: Operator = (argument, compile) => {
  const { if: test, then: yes, else: no } = condParts(argument);
  const [whether, consequent, alternative] = [compile(test), compile(yes), compile(no)];
  return (scope) => (isTrue(whether(scope)) ? consequent(scope) : alternative(scope));
};

function condParts(argument: Value): { if: Value; then: Value; else: Value } {
  if (!Array.isArray(argument)) {
    return named("$cond", argument, ["if", "then", "else"]) as ReturnType<typeof condParts>;
  }
  if (argument.length !== 3) throw new MongoFault(16020, "$cond takes exactly 3 arguments");
  return { if: argument[0], then: argument[1], else: argument[2] };
}

const ifNull: Operator = (argument, compile) => {
  if (!Array.isArray(argument) || argument.length < 2) {
    throw new MongoFault(1257300, "$ifNull needs at least two arguments");
  }
  const parts = argument.map((part) => compile(part));
  return (scope) => {
    let value: Value;
    for (const part of parts) {
      value = part(scope);
      if (!isNothing(value)) return value;
    }
    return value;
  };
};

const switchOperator: Operator = (argument, compile) => {
  const { branches, default: fallback } = named("$switch", argument, ["branches"], ["default"]);
  if (!Array.isArray(branches) || branches.length === 0) {
    throw new MongoFault(40068, "$switch requires at least one branch");
  }
  const compiled = branches.map((branch) => {
    const parts = named("a branch of $switch", branch, ["case", "then"]);
    return { when: compile(parts["case"]), then: compile(parts["then"]) };
  });
  const otherwise = Object.hasOwn(argument as object, "default") ? compile(fallback) : undefined;
  return (scope) => {
    const hit = compiled.find(({ when }) => isTrue(when(scope)));
    if (hit) return hit.then(scope);
    if (otherwise) return otherwise(scope);
    throw new MongoFault(40066, "$switch could not find a matching branch and has no default");
  };
};

const letOperator: Operator = (argument, compile) => {
  const { vars, in: body } = named("$let", argument, ["vars", "in"]);
  if (!isDoc(vars)) throw new MongoFault(16874, "invalid parameter: expected an object (vars)");
  const values = Object.entries(vars).map(([name, part]) => [name, compile(part)] as const);
  const evaluate = compile(body, Object.keys(vars));
  return (scope) =>
    evaluate(
      withVariables(scope, Object.fromEntries(values.map(([name, part]) => [name, part(scope)]))),
    );
};

/** Comparison in expressions orders values of all types, and tells missing from null. */
export const logicOperators: Operators = {
  $eq: comparison((order) => order === 0),
  $ne: comparison((order) => order !== 0),
  $gt: comparison((order) => order > 0),
  $gte: comparison((order) => order >= 0),
  $lt: comparison((order) => order < 0),
  $lte: comparison((order) => order <= 0),
  $cmp: comparison(Math.sign),
  $and: and,
  $or: or,
  $not: onList(1, 1, (value) => !isTrue(value)),
  $cond: cond,
  $ifNull: ifNull,
  $switch: switchOperator,
  $let: letOperator,
};
