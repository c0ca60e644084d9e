import { MongoFault } from "../fault.ts";
import { equal, hashKey } from "../values/compare.ts";
import { isDoc, type Doc, type Value } from "../values/value.ts";
import { arrayIn, named, numberIn, onList, onListOrNull, stringIn, wholeIn } from "./arguments.ts";
import { withVariables, type Operator, type Operators } from "./scope.ts";
import { isNothing, isTrue } from "./truth.ts";

const map: Operator = (argument, compile) => {
  const parts = named("$map", argument, ["input", "in"], ["as"]);
  const name = stringIn("$map", parts["as"] ?? "this");
  const [input, body] = [compile(parts["input"]), compile(parts["in"], [name])];
  return (scope) => {
    const items = input(scope);
    if (isNothing(items)) return null;
    return arrayIn("$map", items).map(
      (item) => body(withVariables(scope, { [name]: item })) ?? null,
    );
  };
};

const filter: Operator = (argument, compile) => {
  const parts = named("$filter", argument, ["input", "cond"], ["as", "limit"]);
  const name = stringIn("$filter", parts["as"] ?? "this");
  const [input, test] = [compile(parts["input"]), compile(parts["cond"], [name])];
  const limit = Object.hasOwn(parts, "limit") ? compile(parts["limit"]) : () => null;
  return (scope) => {
    const items = input(scope);
    if (isNothing(items)) return null;
    const most = limit(scope);
    const kept = arrayIn("$filter", items).filter((item) =>
      isTrue(test(withVariables(scope, { [name]: item }))),
    );
    return isNothing(most) ? kept : kept.slice(0, wholeIn("$filter", most));
  };
};

const reduce: Operator = (argument, compile) => {
  const parts = named("$reduce", argument, ["input", "initialValue", "in"]);
  const [input, initial] = [compile(parts["input"]), compile(parts["initialValue"])];
  const body = compile(parts["in"], ["value", "this"]);
  return (scope) => {
    const items = input(scope);
    if (isNothing(items)) return null;
    return arrayIn("$reduce", items).reduce(
      (value: Value, item) => body(withVariables(scope, { value, this: item })),
      initial(scope),
    );
  };
};

function elementAt(array: Value, place: Value): Value {
  const items = arrayIn("$arrayElemAt", array);
  return items.at(wholeIn("$arrayElemAt", place));
}

function slice(array: Value, first: Value, second?: Value): Value {
  const items = arrayIn("$slice", array);
  const start = wholeIn("$slice", first);
  if (second === undefined) return start < 0 ? items.slice(start) : items.slice(0, start);
  const count = wholeIn("$slice", second);
  if (count <= 0) throw new MongoFault(28729, "the third argument of $slice must be positive");
  const from = start < 0 ? Math.max(0, items.length + start) : start;
  return items.slice(from, from + count);
}

function range(start: Value, end: Value, step: Value = 1): Value {
  const [from, to, by] = [start, end, step].map((value) => wholeIn("$range", value)) as [
    number,
    number,
    number,
  ];
  if (by === 0) throw new MongoFault(34449, "$range requires a non-zero step");
  const result: number[] = [];
  for (let i = from; by > 0 ? i < to : i > to; i += by) result.push(i);
  return result;
}

function merge(values: readonly Value[]): Value {
  const present = values.filter((value) => !isNothing(value));
  if (!present.every(isDoc)) throw new MongoFault(40400, "$mergeObjects requires object inputs");
  return Object.assign({}, ...present) as Doc;
}

function toObject(array: Value): Value {
  const result: Doc = {};
  for (const item of arrayIn("$arrayToObject", array)) {
    const [name, value] = Array.isArray(item)
      ? [item[0], item[1]]
      : isDoc(item)
        ? [item["k"], item["v"]]
        : [];
    result[stringIn("$arrayToObject", name)] = value;
  }
  return result;
}

function toPairs(value: Value): Value {
  if (!isDoc(value)) throw new MongoFault(40390, "$objectToArray requires an object");
  return Object.entries(value).map(([k, v]) => ({ k, v }));
}

function union(...arrays: Value[]): Value {
  const found = new Map<string, Value>();
  for (const array of arrays) {
    for (const item of arrayIn("$setUnion", array)) found.set(hashKey(item), item);
  }
  return [...found.values()];
}

export const arrayOperators: Operators = {
  $map: map,
  $filter: filter,
  $reduce: reduce,
  $size: onList(1, 1, (array) => {
    if (!Array.isArray(array))
      throw new MongoFault(17124, "The argument to $size must be an array");
    return array.length;
  }),
  $arrayElemAt: onListOrNull(2, 2, elementAt),
  $first: onListOrNull(1, 1, (array) => arrayIn("$first", array)[0]),
  $last: onListOrNull(1, 1, (array) => arrayIn("$last", array).at(-1)),
  $in: onList(2, 2, (value, array) => arrayIn("$in", array).some((item) => equal(item, value))),
  $indexOfArray: onListOrNull(2, 2, (array, value) =>
    arrayIn("$indexOfArray", array).findIndex((item) => equal(item, value)),
  ),
  $slice: onListOrNull(2, 3, slice),
  $concatArrays: onListOrNull(1, Infinity, (...arrays) =>
    arrays.flatMap((array) => arrayIn("$concatArrays", array)),
  ),
  $setUnion: onListOrNull(1, Infinity, union),
  $isArray: onList(1, 1, (value) => Array.isArray(value)),
  $reverseArray: onListOrNull(1, 1, (array) => arrayIn("$reverseArray", array).toReversed()),
  $range: onList(2, 3, (...values) => range(...(values as [Value, Value, Value?]))),
  $mergeObjects: (argument, compile) => {
    const parts = (Array.isArray(argument) ? argument : [argument]).map((part) => compile(part));
    return (scope) => {
      const values = parts.map((part) => part(scope));
      return merge(parts.length === 1 && Array.isArray(values[0]) ? values[0] : values);
    };
  },
  $arrayToObject: onListOrNull(1, 1, toObject),
  $objectToArray: onListOrNull(1, 1, toPairs),
  $allElementsTrue: onList(1, 1, (array) => arrayIn("$allElementsTrue", array).every(isTrue)),
  $anyElementTrue: onList(1, 1, (array) => arrayIn("$anyElementTrue", array).some(isTrue)),
  $rand: () => () => Math.random(),
  $isNumber: onList(1, 1, (value) => typeof value === "number"),
  $toInt: onListOrNull(1, 1, toInt),
};

function toInt(value: Value): Value {
  const number = Math.trunc(numberIn("$toInt", value));
  if (Math.abs(number) >= 2 ** 31) throw new MongoFault(241, "$toInt would overflow");
  return number;
}
