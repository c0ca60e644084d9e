import { MongoFault, unsupported } from "../fault.ts";
import { compare } from "../values/compare.ts";
import type { Value } from "../values/value.ts";
import { numberIn, onListOrNull } from "./arguments.ts";
import type { Operator, Operators } from "./scope.ts";
import { isNothing } from "./truth.ts";

/** Refuses a whole result beyond 2^53 that came from whole numbers: MongoDB would be exact there, a double is not. */
export function exact(result: number, ...inputs: readonly number[]): number {
  const risky = Number.isInteger(result) && !Number.isSafeInteger(result);
  if (risky && inputs.every(Number.isSafeInteger)) throw unsupported("a number beyond 2^53");
  return result;
}

/**
 * Adds many numbers with the rounding errors carried along, as MongoDB does, so that 0.1 + 0.2 + 0.3 is 0.6.
 */
export class ExactSum {
  private sum = 0;
  private lost = 0;
  private whole = true;

  add(value: number): void {
    const sum = this.sum + value;
    const kept = sum - this.sum;
    if (Number.isFinite(sum)) this.lost += this.sum - (sum - kept) + (value - kept);
    this.sum = sum;
    this.whole &&= Number.isInteger(value);
  }

  get total(): number {
    const total = Number.isFinite(this.sum) ? this.sum + this.lost : this.sum;
    if (this.whole && Number.isInteger(total) && !Number.isSafeInteger(total)) {
      throw unsupported("a sum beyond 2^53");
    }
    return total;
  }
}

function add(values: readonly Value[]): Value {
  if (values.some(isNothing)) return null;
  const dates = values.filter((value) => value instanceof Date);
  if (dates.length > 1) throw new MongoFault(16612, "only one date allowed in an $add expression");
  const numbers = values.filter((value) => !(value instanceof Date));
  const total = numbers.reduce<number>((sum, value) => {
    const number = numberIn("$add", value);
    return exact(sum + number, sum, number);
  }, 0);
  return dates[0] ? new Date(dates[0].getTime() + Math.round(total)) : total;
}

function subtract(a: Value, b: Value): Value {
  if (a instanceof Date) {
    if (b instanceof Date) return a.getTime() - b.getTime();
    return new Date(a.getTime() - Math.round(numberIn("$subtract", b)));
  }
  const [left, right] = [numberIn("$subtract", a), numberIn("$subtract", b)];
  return exact(left - right, left, right);
}

function multiply(...values: Value[]): Value {
  return values.reduce<number>((product, value) => {
    const number = numberIn("$multiply", value);
    return exact(product * number, product, number);
  }, 1);
}

function divide(a: Value, b: Value): Value {
  const [left, right] = [numberIn("$divide", a), numberIn("$divide", b)];
  if (right === 0) throw new MongoFault(2, "can't $divide by zero");
  return left / right;
}

function modulo(a: Value, b: Value): Value {
  const [left, right] = [numberIn("$mod", a), numberIn("$mod", b)];
  if (right === 0) throw new MongoFault(16610, "can't $mod by zero");
  return left % right;
}

/** Halves go to the even neighbour. */
function round(value: number): number {
  const floor = Math.floor(value);
  const part = value - floor;
  if (part !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

const onNumber = (name: string, compute: (value: number) => number): Operator =>
  onListOrNull(1, 1, (value) => compute(numberIn(name, value)));

function toPlace(name: string, compute: (value: number) => number): Operator {
  return onListOrNull(1, 2, (value, place) => {
    if (place !== undefined && place !== 0) throw unsupported(`${name} with decimal places`);
    return compute(numberIn(name, value));
  });
}

function squareRoot(value: number): number {
  if (value < 0) throw new MongoFault(28714, "$sqrt's argument must be greater than or equal to 0");
  return Math.sqrt(value);
}

function power(a: Value, b: Value): Value {
  const [base, exponent] = [numberIn("$pow", a), numberIn("$pow", b)];
  if (base === 0 && exponent < 0) throw new MongoFault(28764, "$pow cannot take 0 to a negative");
  return exact(base ** exponent, base, exponent);
}

/** The values that an accumulator used as an expression works on: a list of arguments, or one array. */
const overValues =
  (compute: (values: readonly Value[]) => Value): Operator =>
  (argument, compile) => {
    if (Array.isArray(argument) && argument.length !== 1) {
      const parts = argument.map((part) => compile(part));
      return (scope) => compute(parts.map((part) => part(scope)));
    }
    const only = compile(Array.isArray(argument) ? argument[0] : argument);
    return (scope) => {
      const value = only(scope);
      return compute(Array.isArray(value) ? value : [value]);
    };
  };

export function sumOf(values: readonly Value[]): number {
  const sum = new ExactSum();
  for (const value of values) if (typeof value === "number") sum.add(value);
  return sum.total;
}

export function averageOf(values: readonly Value[]): number | null {
  const numbers = values.filter((value) => typeof value === "number");
  return numbers.length === 0 ? null : sumOf(numbers) / numbers.length;
}

/** The least (sign 1) or greatest (sign -1) value; null and missing do not take part. */
export function extremeOf(values: readonly Value[], sign: 1 | -1): Value {
  let best: Value = null;
  for (const value of values) {
    if (isNothing(value)) continue;
    if (best === null || sign * compare(value, best) < 0) best = value;
  }
  return best;
}

export const arithmeticOperators: Operators = {
  $add: (argument, compile) => {
    const parts = (Array.isArray(argument) ? argument : [argument]).map((part) => compile(part));
    return (scope) => add(parts.map((part) => part(scope)));
  },
  $subtract: onListOrNull(2, 2, subtract),
  $multiply: onListOrNull(1, Infinity, multiply),
  $divide: onListOrNull(2, 2, divide),
  $mod: onListOrNull(2, 2, modulo),
  $abs: onNumber("$abs", Math.abs),
  $ceil: onNumber("$ceil", Math.ceil),
  $floor: onNumber("$floor", Math.floor),
  $round: toPlace("$round", round),
  $trunc: toPlace("$trunc", Math.trunc),
  $sqrt: onNumber("$sqrt", squareRoot),
  $pow: onListOrNull(2, 2, power),
  $sum: overValues(sumOf),
  $avg: overValues(averageOf),
  $min: overValues((values) => extremeOf(values, 1)),
  $max: overValues((values) => extremeOf(values, -1)),
};
