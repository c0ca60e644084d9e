import { badValue, unsupported } from "../fault.ts";
import { compileExpression, newScope } from "../expression/expression.ts";
import { visitPath, visitValues, splitPath } from "../values/path.ts";
import { isDoc, type Doc, type Value } from "../values/value.ts";
import { isTrue } from "../expression/truth.ts";
import { isOperatorDoc } from "./operator-doc.ts";
import { valueTest, wholeTest, type Test } from "./predicates.ts";

export type Matcher = (doc: Doc) => boolean;

/** Compiles a filter with MongoDB's meaning. Throws for operators that are unknown or not supported. */
export function compileFilter(filter: Value): Matcher {
  if (!isDoc(filter)) throw badValue("a filter must be a document");
  const tests = Object.entries(filter).map(([field, condition]) =>
    field.startsWith("$") ? topLevel(field, condition) : onField(field, condition),
  );
  return (doc) => tests.every((test) => test(doc));
}

function topLevel(operator: string, argument: Value): Matcher {
  switch (operator) {
    case "$and": {
      const parts = clauses(operator, argument);
      return (doc) => parts.every((part) => part(doc));
    }
    case "$or": {
      const parts = clauses(operator, argument);
      return (doc) => parts.some((part) => part(doc));
    }
    case "$nor": {
      const parts = clauses(operator, argument);
      return (doc) => !parts.some((part) => part(doc));
    }
    case "$expr":
      return expressionMatcher(argument);
    case "$comment":
      return () => true;
    case "$text":
    case "$where":
    case "$jsonSchema":
      throw unsupported(operator);
    default:
      throw badValue(`unknown top level operator: ${operator}`);
  }
}

function expressionMatcher(expression: Value): Matcher {
  const evaluate = compileExpression(expression);
  return (doc) => isTrue(evaluate(newScope(doc)));
}

function clauses(operator: string, argument: Value): Matcher[] {
  if (!Array.isArray(argument) || argument.length === 0) {
    throw badValue(`${operator} argument must be a non-empty array`);
  }
  return argument.map(compileFilter);
}

function onField(path: string, condition: Value): Matcher {
  const parts = splitPath(path);
  if (!isOperatorDoc(condition)) return anyValue(parts, valueTest("$eq", condition));
  const tests = Object.entries(condition).flatMap(([operator, argument]) => {
    if (operator === "$options") {
      if (!Object.hasOwn(condition, "$regex")) throw badValue("$options needs a $regex");
      return [];
    }
    return [fieldOperator(path, parts, operator, argument, condition)];
  });
  return (doc) => tests.every((test) => test(doc));
}

const anyValue =
  (parts: readonly string[], test: Test): Matcher =>
  (doc) =>
    visitValues(doc, parts, test);

function fieldOperator(
  path: string,
  parts: readonly string[],
  operator: string,
  argument: Value,
  condition: Doc,
): Matcher {
  switch (operator) {
    case "$ne":
    case "$nin": {
      const test = valueTest(operator === "$ne" ? "$eq" : "$in", argument);
      return (doc) => !visitValues(doc, parts, test);
    }
    case "$not":
      return negation(path, argument);
    case "$exists": {
      const wanted = isTrue(argument);
      return (doc) => visitPath(doc, parts, (value) => value !== undefined) === wanted;
    }
    case "$all":
      return everyOf(path, parts, argument);
    case "$size":
    case "$elemMatch": {
      const test = operator === "$size" ? wholeTest(operator, argument) : elementTest(argument);
      return (doc) => visitPath(doc, parts, test);
    }
    case "$regex":
      return anyValue(parts, valueTest(operator, argument, condition["$options"]));
    default:
      return anyValue(parts, valueTest(operator, argument));
  }
}

function negation(path: string, argument: Value): Matcher {
  const isRegex = !isDoc(argument);
  if (isRegex) valueTest("$regex", argument);
  else if (!isOperatorDoc(argument)) throw badValue("$not needs a regex or an operator document");
  const inner = onField(path, isRegex ? { $regex: argument } : argument);
  return (doc) => !inner(doc);
}

function everyOf(path: string, parts: readonly string[], argument: Value): Matcher {
  if (!Array.isArray(argument)) throw badValue("$all needs an array");
  const tests = argument.map((item) => {
    if (isOperatorDoc(item)) {
      if (Object.keys(item).join() !== "$elemMatch") throw badValue("no operators inside $all");
      return onField(path, item);
    }
    return anyValue(parts, valueTest("$eq", item));
  });
  return (doc) => tests.length > 0 && tests.every((test) => test(doc));
}

/** A test of one array: whether an element meets all conditions at once. */
export function elementTest(argument: Value): Test {
  if (!isDoc(argument)) throw badValue("$elemMatch needs an object");
  const onElements = elementMatcher(argument);
  return (value) => Array.isArray(value) && value.some(onElements);
}

function elementMatcher(argument: Doc): Test {
  const isLogical = ["$and", "$or", "$nor"].includes(Object.keys(argument)[0] ?? "");
  if (isOperatorDoc(argument) && !isLogical) return compileCondition(argument);
  const matches = compileFilter(argument);
  return (item) => (isDoc(item) ? matches(item) : Array.isArray(item) && matches(byPlace(item)));
}

/** An array as a document whose fields are the places. */
const byPlace = (items: readonly Value[]): Doc => Object.fromEntries<Value>(items.entries());

/** A test of one value by operators, as in $elemMatch and $pull: an array is judged as a whole. */
export function compileCondition(condition: Doc): Test {
  const tests = Object.entries(condition).flatMap(([operator, argument]) =>
    operator === "$options" ? [] : [singleTest(operator, argument, condition)],
  );
  return (value) => tests.every((test) => test(value));
}

function singleTest(operator: string, argument: Value, condition: Doc): Test {
  switch (operator) {
    case "$ne":
    case "$nin": {
      const test = valueTest(operator === "$ne" ? "$eq" : "$in", argument);
      return (value) => !test(value);
    }
    case "$not": {
      const inner = isOperatorDoc(argument)
        ? compileCondition(argument)
        : valueTest("$regex", argument);
      return (value) => !inner(value);
    }
    case "$exists": {
      const wanted = isTrue(argument);
      return (value) => (value !== undefined) === wanted;
    }
    case "$size":
      return wholeTest(operator, argument);
    case "$elemMatch":
      return elementTest(argument);
    case "$all":
      throw unsupported("$all on an element");
    default:
      return valueTest(operator, argument, condition["$options"]);
  }
}
