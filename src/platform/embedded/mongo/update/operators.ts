import { MongoFault, badValue, unsupported } from "../fault.ts";
import { exact } from "../expression/arithmetic.ts";
import { compare } from "../values/compare.ts";
import { isDoc, typeOf, type Value } from "../values/value.ts";
import { addToSet, pop, pull, pullAll, push } from "./array-operators.ts";

/**
 * What an operator makes of the value at its path; undefined stands for a field that is not there,
 * before and after.
 */
export type Change = (current: Value, argument: Value, now: Date) => Value;

const arithmetic =
  (name: string, compute: (a: number, b: number) => number, ofNothing: number): Change =>
  (current, argument) => {
    if (typeof argument !== "number") {
      throw new MongoFault(14, `Cannot ${name} with non-numeric argument`);
    }
    if (current === undefined) return compute(ofNothing, argument);
    if (typeof current !== "number") {
      throw new MongoFault(14, `Cannot apply ${name} to a value of type ${typeOf(current)}`);
    }
    return exact(compute(current, argument), current, argument);
  };

function currentDate(_: Value, argument: Value, now: Date): Value {
  if (argument === true || argument === false) return now;
  const type = isDoc(argument) ? argument["$type"] : undefined;
  if (type === "date") return now;
  if (type === "timestamp") throw unsupported("$currentDate with a timestamp");
  throw badValue("$currentDate needs true or {$type: 'date'}");
}

/** All operators that change one path on its own. */
export const CHANGES: Readonly<Record<string, Change>> = {
  $set: (_, argument) => argument,
  $setOnInsert: (_, argument) => argument,
  $unset: () => undefined,
  $inc: arithmetic("$inc", (a, b) => a + b, 0),
  $mul: arithmetic("$mul", (a, b) => a * b, 0),
  $min: (current, argument) =>
    current === undefined || compare(argument, current) < 0 ? argument : current,
  $max: (current, argument) =>
    current === undefined || compare(argument, current) > 0 ? argument : current,
  $currentDate: currentDate,
  $push: push,
  $addToSet: addToSet,
  $pull: pull,
  $pullAll: pullAll,
  $pop: pop,
};
