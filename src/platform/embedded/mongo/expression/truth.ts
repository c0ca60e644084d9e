import type { Value } from "../values/value.ts";

/** What MongoDB takes for true: everything but false, 0, null and missing. */
export const isTrue = (value: Value): boolean =>
  value !== false && value !== 0 && value !== null && value !== undefined;

export const isNothing = (value: Value): value is null | undefined =>
  value === null || value === undefined;
