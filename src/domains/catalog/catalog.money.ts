import { badUserInput } from "../../platform/graphql/errors.ts";

const DECIMAL = /^\d{1,8}(\.\d{1,2})?$/;

/** The currency of all prices. */
const CURRENCY = "USD";

/** A decimal text such as "12.50" for an amount in minor units (cents). */
export function decimalOf(minorUnits: number): string {
  const cents = Math.abs(minorUnits);
  const sign = minorUnits < 0 ? "-" : "";
  return `${sign}${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, "0")}`;
}

/** An amount as the GraphQL type `Money`. */
export const money = (minorUnits: number): { amount: string; currency: string } => ({
  amount: decimalOf(minorUnits),
  currency: CURRENCY,
});

/** The minor units of a decimal text with up to two decimals. @throws BAD_USER_INPUT for anything else, also negative ones. */
export function minorUnitsOf(decimal: string, path: readonly string[]): number {
  if (!DECIMAL.test(decimal)) {
    throw badUserInput("Give an amount such as 9.50, not below zero.", path);
  }
  const [whole = "0", fraction = ""] = decimal.split(".");
  return Number(whole) * 100 + Number(fraction.padEnd(2, "0"));
}
