import { MongoFault } from "../fault.ts";
import { isDoc, typeOf, type Doc, type Value } from "../values/value.ts";
import { isNothing } from "./truth.ts";
import type { Operator } from "./scope.ts";

/** An operator on a list of arguments; one that is no array counts as a list of one. */
export function onList(
  least: number,
  most: number,
  compute: (...values: Value[]) => Value,
): Operator {
  return (argument, compile) => {
    const list = Array.isArray(argument) ? argument : [argument];
    if (list.length < least || list.length > most) {
      throw new MongoFault(16020, `takes ${least} to ${most} arguments, not ${list.length}`);
    }
    const parts = list.map((item) => compile(item));
    return (scope) => compute(...parts.map((part) => part(scope)));
  };
}

/** An operator that is null as soon as one of its arguments is null or missing. */
export function onListOrNull(
  least: number,
  most: number,
  compute: (...values: Value[]) => Value,
): Operator {
  return onList(least, most, (...values) => (values.some(isNothing) ? null : compute(...values)));
}

/** The named arguments of an operator; refuses missing and unknown names. */
export function named(
  operator: string,
  argument: Value,
  required: readonly string[],
  optional: readonly string[] = [],
): Doc {
  if (!isDoc(argument)) throw new MongoFault(9, `${operator} needs an object as its argument`);
  for (const name of required) {
    if (!Object.hasOwn(argument, name)) throw new MongoFault(9, `${operator} needs "${name}"`);
  }
  for (const name of Object.keys(argument)) {
    if (!required.includes(name) && !optional.includes(name)) {
      throw new MongoFault(9, `${operator} does not know "${name}"`);
    }
  }
  return argument;
}

export function numberIn(operator: string, value: Value): number {
  if (typeof value === "number") return value;
  throw new MongoFault(14, `${operator} only supports numeric types, not ${typeOf(value)}`);
}

export function wholeIn(operator: string, value: Value): number {
  const number = numberIn(operator, value);
  if (Number.isInteger(number)) return number;
  throw new MongoFault(14, `${operator} needs a whole number`);
}

export function stringIn(operator: string, value: Value): string {
  if (typeof value === "string") return value;
  throw new MongoFault(14, `${operator} needs a string, not ${typeOf(value)}`);
}

export function arrayIn(operator: string, value: Value): Value[] {
  if (Array.isArray(value)) return value;
  throw new MongoFault(14, `${operator} needs an array, not ${typeOf(value)}`);
}

export function dateIn(operator: string, value: Value): Date {
  if (value instanceof Date) return value;
  throw new MongoFault(16006, `${operator} needs a date, not ${typeOf(value)}`);
}
