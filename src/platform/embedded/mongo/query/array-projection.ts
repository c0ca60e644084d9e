import { badValue, unsupported } from "../fault.ts";
import { isDoc, type Value } from "../values/value.ts";
import { elementTest } from "./matcher.ts";

interface ArrayPart {
  readonly operator: "$slice" | "$elemMatch";
  /** Undefined leaves the field out. */
  apply(value: Value): Value;
}

/** The part of an array that a projection of find asks for; undefined when it is another projection. */
export function arrayPart(value: Value): ArrayPart | undefined {
  if (!isDoc(value)) return undefined;
  const [operator] = Object.keys(value);
  if (operator === "$meta") throw unsupported("$meta");
  if (operator === "$slice") return { operator, apply: sliceOf(value["$slice"]) };
  if (operator === "$elemMatch") return { operator, apply: firstMatch(value["$elemMatch"]) };
  return undefined;
}

function firstMatch(condition: Value): (value: Value) => Value {
  const matches = elementTest(condition);
  return (value) => {
    if (!Array.isArray(value)) return undefined;
    const hit = value.find((item) => matches([item]));
    return hit === undefined ? undefined : [hit];
  };
}

function sliceOf(argument: Value): (value: Value) => Value {
  const numbers = Array.isArray(argument) ? argument : [argument];
  if (!numbers.every(Number.isInteger) || numbers.length > 2) {
    throw badValue("$slice needs a whole number or [skip, limit]");
  }
  const [first, second] = numbers as [number, number | undefined];
  if (second !== undefined && second <= 0) throw badValue("$slice limit must be positive");
  return (value) => {
    if (!Array.isArray(value)) return value;
    if (second === undefined) return first < 0 ? value.slice(first) : value.slice(0, first);
    const from = first < 0 ? Math.max(0, value.length + first) : first;
    return value.slice(from, from + second);
  };
}
