import { MongoFault } from "../fault.ts";
import { compareStrings } from "../values/compare.ts";
import type { Value } from "../values/value.ts";
import { named, onList, onListOrNull, stringIn, wholeIn } from "./arguments.ts";
import type { Operator, Operators } from "./scope.ts";
import { isNothing } from "./truth.ts";
import { textOf } from "./types.ts";

/** Only ASCII letters change: MongoDB leaves all others as they are. */
const ascii = (text: string, change: (letters: string) => string): string =>
  text.replace(/[a-zA-Z]+/g, change);

const cased = (change: (letters: string) => string): Operator =>
  onList(1, 1, (value) => (isNothing(value) ? "" : ascii(textOf(value), change)));

const lower = (letters: string) => letters.toLowerCase();
const upper = (letters: string) => letters.toUpperCase();

function substring(value: Value, start: Value, count: Value): Value {
  const points = [...(isNothing(value) ? "" : textOf(value))];
  const [from, length] = [wholeIn("$substrCP", start), wholeIn("$substrCP", count)];
  if (from < 0 || length < 0) throw new MongoFault(34452, "$substrCP needs non-negative places");
  return points.slice(from, from + length).join("");
}

const WHITE =
  "\0 \t\n\v\f\r\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a";

function trimmer(name: string, left: boolean, right: boolean): Operator {
  return (argument, compile) => {
    const parts = named(name, argument, ["input"], ["chars"]);
    const input = compile(parts["input"]);
    const chars = Object.hasOwn(parts, "chars") ? compile(parts["chars"]) : () => WHITE;
    return (scope) => {
      const [text, set] = [input(scope), chars(scope)];
      if (isNothing(text) || isNothing(set)) return null;
      return trim(stringIn(name, text), new Set(stringIn(name, set)), left, right);
    };
  };
}

function trim(text: string, set: ReadonlySet<string>, left: boolean, right: boolean): string {
  const points = [...text];
  let [from, to] = [0, points.length];
  while (left && from < to && set.has(points[from] ?? "")) from++;
  while (right && to > from && set.has(points[to - 1] ?? "")) to--;
  return points.slice(from, to).join("");
}

function split(text: Value, separator: Value): Value {
  if (separator === "") throw new MongoFault(40087, "$split requires a non-empty separator");
  return stringIn("$split", text).split(stringIn("$split", separator));
}

export const stringOperators: Operators = {
  $concat: onListOrNull(1, Infinity, (...values) =>
    values.map((value) => stringIn("$concat", value)).join(""),
  ),
  $toLower: cased(lower),
  $toUpper: cased(upper),
  $substrCP: onList(3, 3, substring),
  $strLenCP: onList(1, 1, (value) => [...stringIn("$strLenCP", value)].length),
  $strcasecmp: onList(2, 2, (a, b) =>
    Math.sign(
      compareStrings(
        ascii(isNothing(a) ? "" : textOf(a), upper),
        ascii(isNothing(b) ? "" : textOf(b), upper),
      ),
    ),
  ),
  $split: onListOrNull(2, 2, split),
  $trim: trimmer("$trim", true, true),
  $ltrim: trimmer("$ltrim", true, false),
  $rtrim: trimmer("$rtrim", false, true),
};
