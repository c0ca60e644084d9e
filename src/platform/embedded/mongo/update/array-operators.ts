import { BSONRegExp } from "bson";
import { MongoFault, badValue } from "../fault.ts";
import { compileCondition, compileFilter } from "../query/matcher.ts";
import { isOperatorDoc } from "../query/operator-doc.ts";
import { valueTest } from "../query/predicates.ts";
import { compileSort } from "../query/sort.ts";
import { compare, equal, hashKey } from "../values/compare.ts";
import { isDoc, typeOf, type Doc, type Value } from "../values/value.ts";

/** The array at the path of an operator, or an empty one where nothing is yet. */
function arrayAt(operator: string, current: Value): Value[] {
  if (current === undefined) return [];
  if (Array.isArray(current)) return current;
  throw badValue(`Cannot apply ${operator} to a value of type ${typeOf(current)}`);
}

const MODIFIERS = ["$each", "$slice", "$sort", "$position"];

export function push(current: Value, argument: Value): Value {
  const items = arrayAt("$push", current);
  if (!hasEach(argument)) return [...items, argument];
  for (const name of Object.keys(argument)) {
    if (!MODIFIERS.includes(name)) throw badValue(`Unrecognized clause in $push: ${name}`);
  }
  const { $each: added, $position: position, $sort: sort, $slice: slice } = argument;
  if (!Array.isArray(added)) throw badValue("The argument to $each in $push must be an array");
  let result = [...items];
  const place = position === undefined ? result.length : whole("$position", position);
  result.splice(place, 0, ...added);
  if (sort !== undefined) result = sorted(result, sort);
  if (slice === undefined) return result;
  const count = whole("$slice", slice);
  return count < 0 ? result.slice(count) : result.slice(0, count);
}

function hasEach(argument: Value): argument is Doc {
  if (!isDoc(argument)) return false;
  if (Object.hasOwn(argument, "$each")) return true;
  const stray = Object.keys(argument).find((name) => name.startsWith("$"));
  if (stray !== undefined) throw new MongoFault(52, `${stray} needs $each beside it`);
  return false;
}

function whole(name: string, value: Value): number {
  if (typeof value === "number" && Number.isInteger(value)) return value;
  throw badValue(`The value for ${name} must be a whole number`);
}

function sorted(items: Value[], sort: Value): Value[] {
  if (sort === 1 || sort === -1) return items.toSorted((a, b) => sort * compare(a, b));
  if (!isDoc(sort)) throw badValue("The $sort must be 1, -1 or a sort document");
  const inOrder = compileSort(sort);
  // An element without fields sorts as one in which every field is missing.
  const carriers = new Map(items.map((item) => [isDoc(item) ? item : {}, item]));
  return inOrder([...carriers.keys()]).map((carrier) => carriers.get(carrier));
}

export function addToSet(current: Value, argument: Value): Value {
  const items = arrayAt("$addToSet", current);
  const added = hasEach(argument) ? argument["$each"] : [argument];
  if (!Array.isArray(added)) throw badValue("The argument to $each in $addToSet must be an array");
  if (hasEach(argument) && Object.keys(argument).length > 1) {
    throw badValue("Found unexpected fields after $each in $addToSet");
  }
  const known = new Set(items.map(hashKey));
  const result = [...items];
  for (const item of added) {
    const key = hashKey(item);
    if (known.has(key)) continue;
    known.add(key);
    result.push(item);
  }
  return result;
}

export function pull(current: Value, argument: Value): Value {
  if (current === undefined) return undefined;
  const matches = pullTest(argument);
  return arrayAt("$pull", current).filter((item) => !matches(item));
}

function pullTest(argument: Value): (item: Value) => boolean {
  if (isOperatorDoc(argument)) return compileCondition(argument);
  if (isDoc(argument)) {
    const matches = compileFilter(argument);
    return (item) => isDoc(item) && matches(item);
  }
  if (argument instanceof BSONRegExp) return valueTest("$regex", argument);
  return (item) => equal(item, argument);
}

export function pullAll(current: Value, argument: Value): Value {
  if (!Array.isArray(argument)) throw badValue("$pullAll requires an array argument");
  if (current === undefined) return undefined;
  const gone = new Set(argument.map(hashKey));
  return arrayAt("$pullAll", current).filter((item) => !gone.has(hashKey(item)));
}

export function pop(current: Value, argument: Value): Value {
  if (argument !== 1 && argument !== -1) throw new MongoFault(9, "$pop expects 1 or -1");
  if (current === undefined) return undefined;
  if (!Array.isArray(current)) throw new MongoFault(14, "$pop needs an array");
  return argument === 1 ? current.slice(0, -1) : current.slice(1);
}
