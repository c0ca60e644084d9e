import { BSONRegExp } from "bson";
import { badValue, unsupported } from "../fault.ts";
import { compare, equal, rankOf } from "../values/compare.ts";
import { isDoc, typeOf, type TypeName, type Value } from "../values/value.ts";
import { compileRegex } from "./regex.ts";

export type Test = (value: Value) => boolean;

/** The test of one value; undefined stands for a missing field. Throws for unknown operators. */
export function valueTest(operator: string, argument: Value, options?: Value): Test {
  switch (operator) {
    case "$eq":
      return equalTo(argument);
    case "$in":
      return oneOf(argument);
    case "$gt":
    case "$gte":
    case "$lt":
    case "$lte":
      return ordered(operator, argument);
    case "$regex":
      return regexTest(argument, options);
    case "$mod":
      return modTest(argument);
    case "$type":
      return typeTest(argument);
    case "$bitsAllSet":
    case "$bitsAnySet":
    case "$bitsAllClear":
    case "$bitsAnyClear":
    case "$geoWithin":
    case "$geoIntersects":
    case "$near":
    case "$nearSphere":
      throw unsupported(operator);
    default:
      throw badValue(`unknown operator: ${operator}`);
  }
}

function equalTo(argument: Value): Test {
  if (argument === null || argument === undefined) return isNothing;
  if (argument instanceof BSONRegExp) {
    const test = regexTest(argument, undefined);
    return (value) => test(value) || equal(value, argument);
  }
  return (value) => value !== undefined && equal(value, argument);
}

const isNothing: Test = (value) => value === null || value === undefined;

function oneOf(argument: Value): Test {
  if (!Array.isArray(argument)) throw badValue("$in needs an array");
  for (const item of argument) {
    if (isDoc(item) && Object.keys(item)[0]?.startsWith("$")) {
      throw badValue("cannot nest $ under $in");
    }
  }
  const tests = argument.map(equalTo);
  return (value) => tests.some((test) => test(value));
}

const HOLDS = {
  $gt: (order: number) => order > 0,
  $gte: (order: number) => order >= 0,
  $lt: (order: number) => order < 0,
  $lte: (order: number) => order <= 0,
};

/** Only values of the same type compare, and NaN only with itself. */
function ordered(operator: keyof typeof HOLDS, argument: Value): Test {
  const holds = HOLDS[operator];
  if (argument === null || argument === undefined) return holds(0) ? isNothing : () => false;
  if (argument instanceof BSONRegExp) throw badValue(`Can't have RegEx as arg to ${operator}`);
  const rank = rankOf(argument);
  const isNaNArgument = Number.isNaN(argument);
  return (value) => {
    if (rankOf(value) !== rank) return false;
    if (isNaNArgument || Number.isNaN(value)) {
      return holds(0) && Number.isNaN(argument) && Number.isNaN(value);
    }
    return holds(compare(value, argument));
  };
}

function regexTest(argument: Value, options: Value): Test {
  const regex = toRegex(argument, options);
  const compiled = compileRegex(regex);
  return (value) =>
    typeof value === "string"
      ? compiled.test(value)
      : value instanceof BSONRegExp && equal(value, regex);
}

function toRegex(argument: Value, options: Value): BSONRegExp {
  if (options !== undefined && typeof options !== "string") {
    throw badValue("$options has to be a string");
  }
  if (argument instanceof BSONRegExp) {
    if (options !== undefined && argument.options !== "") {
      throw badValue("options set in both $regex and $options");
    }
    return options === undefined ? argument : new BSONRegExp(argument.pattern, options);
  }
  if (typeof argument !== "string") throw badValue("$regex has to be a string");
  return new BSONRegExp(argument, options ?? "");
}

function modTest(argument: Value): Test {
  if (!Array.isArray(argument) || argument.length !== 2) {
    throw badValue("malformed mod, needs [divisor, remainder]");
  }
  const [divisor, remainder] = argument.map((item) => {
    if (typeof item !== "number" || !Number.isFinite(item)) throw badValue("malformed mod");
    return Math.trunc(item);
  }) as [number, number];
  if (divisor === 0) throw badValue("divisor cannot be 0");
  return (value) =>
    typeof value === "number" &&
    Number.isFinite(value) &&
    (Math.trunc(value) % divisor) - remainder === 0;
}

const TYPE_NUMBERS: Readonly<Record<number, TypeName>> = {
  2: "string",
  3: "object",
  4: "array",
  5: "binData",
  6: "undefined",
  7: "objectId",
  8: "bool",
  9: "date",
  10: "null",
  11: "regex",
};
const TYPE_NAMES = new Set<unknown>([...Object.values(TYPE_NUMBERS), "number"]);

/** Numbers are kept without their width, so int, long, double and decimal cannot be told apart. */
function typeTest(argument: Value): Test {
  const wanted = new Set(
    (Array.isArray(argument) ? argument : [argument]).map((item) => {
      const name = typeof item === "number" ? TYPE_NUMBERS[item] : item;
      if (!TYPE_NAMES.has(name)) throw unsupported(`$type ${JSON.stringify(item)}`);
      return name as TypeName;
    }),
  );
  return (value) => value !== undefined && wanted.has(typeOf(value));
}

/** The test of a whole array. */
export function wholeTest(operator: "$size", argument: Value): Test {
  if (!Number.isInteger(argument) || (argument as number) < 0) {
    throw badValue(`${operator} needs a whole number that is not negative`);
  }
  return (value) => Array.isArray(value) && value.length === argument;
}
