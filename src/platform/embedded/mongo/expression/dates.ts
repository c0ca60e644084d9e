import { MongoFault, unsupported } from "../fault.ts";
import { isDoc, type Value } from "../values/value.ts";
import { dateIn, named, stringIn } from "./arguments.ts";
import type { Operator, Operators } from "./scope.ts";
import { isNothing } from "./truth.ts";

const DAY_MS = 86_400_000;
const startOfYear = (date: Date): number => Date.UTC(date.getUTCFullYear(), 0, 1);
const dayOfYear = (date: Date): number =>
  Math.floor((date.getTime() - startOfYear(date)) / DAY_MS) + 1;
/** Monday is 1, Sunday 7. */
const isoDay = (date: Date): number => date.getUTCDay() || 7;
/** The Thursday of a week decides which year and number the week has. */
const thursdayOf = (date: Date): Date => new Date(date.getTime() + (4 - isoDay(date)) * DAY_MS);
const isoWeek = (date: Date): number => Math.ceil(dayOfYear(thursdayOf(date)) / 7);
const isoYear = (date: Date): number => thursdayOf(date).getUTCFullYear();

/** An operator on a date in UTC: {date, timezone} is taken only with UTC. */
const part =
  (name: string, read: (date: Date) => number): Operator =>
  (argument, compile) => {
    const isOptions = isDoc(argument) && Object.hasOwn(argument, "date");
    const parts = isOptions ? named(name, argument, ["date"], ["timezone"]) : undefined;
    if (parts) assertUtc(parts["timezone"]);
    const only = Array.isArray(argument) && argument.length === 1 ? argument[0] : argument;
    const date = compile(parts ? parts["date"] : only);
    return (scope) => {
      const value = date(scope);
      return isNothing(value) ? null : read(dateIn(name, value));
    };
  };

function assertUtc(timezone: Value): void {
  if (timezone !== undefined && timezone !== "UTC" && timezone !== "GMT" && timezone !== "+00:00") {
    throw unsupported("a time zone other than UTC");
  }
}

const pad = (value: number, width: number): string => String(value).padStart(width, "0");

const FORMATS: Readonly<Record<string, (date: Date) => string>> = {
  Y: (date) => pad(date.getUTCFullYear(), 4),
  m: (date) => pad(date.getUTCMonth() + 1, 2),
  d: (date) => pad(date.getUTCDate(), 2),
  H: (date) => pad(date.getUTCHours(), 2),
  M: (date) => pad(date.getUTCMinutes(), 2),
  S: (date) => pad(date.getUTCSeconds(), 2),
  L: (date) => pad(date.getUTCMilliseconds(), 3),
  j: (date) => pad(dayOfYear(date), 3),
  u: (date) => String(isoDay(date)),
  V: (date) => pad(isoWeek(date), 2),
  G: (date) => pad(isoYear(date), 4),
  z: () => "+0000",
  "%": () => "%",
};

const dateToString: Operator = (argument, compile) => {
  const parts = named("$dateToString", argument, ["date"], ["format", "timezone", "onNull"]);
  assertUtc(parts["timezone"]);
  const format = stringIn("$dateToString", parts["format"] ?? "%Y-%m-%dT%H:%M:%S.%LZ");
  if (format.startsWith("$")) throw unsupported("a computed date format");
  for (const [, letter = ""] of format.matchAll(/%(.?)/gs)) {
    if (!Object.hasOwn(FORMATS, letter)) {
      throw new MongoFault(18536, `Invalid format character '%${letter}'`);
    }
  }
  const date = compile(parts["date"]);
  const otherwise = compile(parts["onNull"] ?? null);
  return (scope) => {
    const value = date(scope);
    if (isNothing(value)) return otherwise(scope);
    const instant = dateIn("$dateToString", value);
    return format.replace(/%(.)/gs, (_, letter: string) => FORMATS[letter]?.(instant) ?? "");
  };
};

const dateTrunc: Operator = (argument, compile) => {
  const allowed = ["binSize", "timezone", "startOfWeek"];
  const parts = named("$dateTrunc", argument, ["date", "unit"], allowed);
  assertUtc(parts["timezone"]);
  if ((parts["binSize"] ?? 1) !== 1) throw unsupported("$dateTrunc with a binSize");
  const unit = stringIn("$dateTrunc", parts["unit"]);
  const startOfWeek = stringIn("$dateTrunc", parts["startOfWeek"] ?? "sunday").toLowerCase();
  truncate(new Date(0), unit, startOfWeek);
  const date = compile(parts["date"]);
  return (scope) => {
    const value = date(scope);
    return isNothing(value) ? null : truncate(dateIn("$dateTrunc", value), unit, startOfWeek);
  };
};

const WEEK_DAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
const FIXED_MS: Readonly<Record<string, number>> = {
  second: 1_000,
  minute: 60_000,
  hour: 3_600_000,
  day: DAY_MS,
};

function truncate(date: Date, unit: string, startOfWeek: string): Date {
  const fixed = FIXED_MS[unit];
  if (fixed !== undefined) return new Date(Math.floor(date.getTime() / fixed) * fixed);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  switch (unit) {
    case "year":
      return new Date(Date.UTC(year, 0, 1));
    case "quarter":
      return new Date(Date.UTC(year, month - (month % 3), 1));
    case "month":
      return new Date(Date.UTC(year, month, 1));
    case "week": {
      const first = WEEK_DAYS.findIndex((day) => day.startsWith(startOfWeek.slice(0, 3)));
      if (first < 0) throw new MongoFault(9, `unknown day of week: ${startOfWeek}`);
      const back = (date.getUTCDay() - first + 7) % 7;
      return new Date(Math.floor(date.getTime() / DAY_MS) * DAY_MS - back * DAY_MS);
    }
    default:
      throw new MongoFault(9, `unknown time unit value: ${unit}`);
  }
}

/** All in UTC. */
export const dateOperators: Operators = {
  $year: part("$year", (date) => date.getUTCFullYear()),
  $month: part("$month", (date) => date.getUTCMonth() + 1),
  $dayOfMonth: part("$dayOfMonth", (date) => date.getUTCDate()),
  $hour: part("$hour", (date) => date.getUTCHours()),
  $minute: part("$minute", (date) => date.getUTCMinutes()),
  $second: part("$second", (date) => date.getUTCSeconds()),
  $millisecond: part("$millisecond", (date) => date.getUTCMilliseconds()),
  $dayOfWeek: part("$dayOfWeek", (date) => date.getUTCDay() + 1),
  $dayOfYear: part("$dayOfYear", dayOfYear),
  $isoDayOfWeek: part("$isoDayOfWeek", isoDay),
  $isoWeek: part("$isoWeek", isoWeek),
  $isoWeekYear: part("$isoWeekYear", isoYear),
  $dateToString: dateToString,
  $dateTrunc: dateTrunc,
};
