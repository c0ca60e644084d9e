import { MongoFault } from "../fault.ts";
import { averageOf, ExactSum, extremeOf } from "../expression/arithmetic.ts";
import { compileExpression, newScope, type Evaluate } from "../expression/expression.ts";
import { isNothing } from "../expression/truth.ts";
import { hashKey } from "../values/compare.ts";
import { isDoc, type Doc, type Value } from "../values/value.ts";

interface Accumulator {
  add(value: Value): void;
  result(): Value;
}

/** One accumulator per group and field. */
const ACCUMULATORS: Readonly<Record<string, () => Accumulator>> = {
  $sum: () => {
    const sum = new ExactSum();
    return {
      add: (value) => {
        if (typeof value === "number") sum.add(value);
      },
      result: () => sum.total,
    };
  },
  $avg: () => collecting((values) => averageOf(values)),
  $min: () => folding((best, value) => extremeOf([best, value], 1)),
  $max: () => folding((best, value) => extremeOf([best, value], -1)),
  $first: () => {
    let first: { readonly value: Value } | undefined;
    return {
      add: (value) => {
        first ??= { value };
      },
      result: () => first?.value,
    };
  },
  $last: () => folding((_, value) => value),
  $push: () => collecting((values) => values.filter((value) => value !== undefined)),
  $addToSet: () => collecting(distinct),
  $mergeObjects: () => folding(merged),
};

function collecting(finish: (values: Value[]) => Value): Accumulator {
  const values: Value[] = [];
  return { add: (value) => values.push(value), result: () => finish(values) };
}

function folding(step: (sum: Value, value: Value) => Value): Accumulator {
  let sum: Value;
  return {
    add: (value) => {
      sum = step(sum, value);
    },
    result: () => sum,
  };
}

/** Each value once, in the order of their first appearance; missing ones are left out. */
export function distinct(values: readonly Value[]): Value[] {
  const found = new Map<string, Value>();
  for (const value of values) {
    const key = hashKey(value);
    if (value !== undefined && !found.has(key)) found.set(key, value);
  }
  return [...found.values()];
}

function merged(sum: Value, value: Value): Value {
  if (isNothing(value)) return sum ?? {};
  if (!isDoc(value)) throw new MongoFault(40400, "$mergeObjects requires object inputs");
  return { ...(sum as Doc | undefined), ...value };
}

interface Field {
  readonly name: string;
  readonly make: () => Accumulator;
  readonly evaluate: Evaluate;
}

/** Compiles $group. The groups come in the order of their first documents. */
export function compileGroup(spec: Value): (docs: readonly Doc[]) => Doc[] {
  if (!isDoc(spec)) throw new MongoFault(15947, "a group's fields must be specified in an object");
  if (!Object.hasOwn(spec, "_id")) {
    throw new MongoFault(15955, "a group specification must include an _id");
  }
  const id = compileExpression(spec["_id"]);
  const fields = Object.entries(spec)
    .filter(([name]) => name !== "_id")
    .map(([name, value]) => compileField(name, value));
  return (docs) => {
    const groups = new Map<string, { id: Value; accumulators: Accumulator[] }>();
    for (const doc of docs) {
      const scope = newScope(doc);
      const groupId = id(scope) ?? null;
      const key = hashKey(groupId);
      const group = groups.get(key) ?? {
        id: groupId,
        accumulators: fields.map(({ make }) => make()),
      };
      groups.set(key, group);
      for (const [i, { evaluate }] of fields.entries()) {
        group.accumulators[i]?.add(evaluate(scope));
      }
    }
    return [...groups.values()].map((group) => {
      const results = fields.map(({ name }, i) => [name, group.accumulators[i]?.result() ?? null]);
      return { _id: group.id, ...(Object.fromEntries(results) as Doc) };
    });
  };
}

function compileField(name: string, value: Value): Field {
  if (name.includes(".")) throw new MongoFault(40235, `the field name '${name}' has a dot`);
  const [operator = "", ...others] = isDoc(value) ? Object.keys(value) : [];
  if (!isDoc(value) || others.length > 0) {
    throw new MongoFault(40234, `the field '${name}' must be an accumulator object`);
  }
  if (operator === "$count") {
    return { name, make: ACCUMULATORS["$sum"] as Field["make"], evaluate: () => 1 };
  }
  const make = Object.hasOwn(ACCUMULATORS, operator) ? ACCUMULATORS[operator] : undefined;
  if (!make) throw new MongoFault(15952, `unknown group operator '${operator}'`);
  return { name, make, evaluate: compileExpression(value[operator]) };
}
