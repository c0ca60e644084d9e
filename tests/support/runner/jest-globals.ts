import type * as Jest from "@jest/globals";

type Globals = Pick<
  typeof Jest,
  | "afterAll"
  | "afterEach"
  | "beforeAll"
  | "beforeEach"
  | "describe"
  | "expect"
  | "it"
  | "jest"
  | "test"
>;

/** What `@jest/globals` exports, always that of the file that runs now. */
export let { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest, test } =
  {} as Globals;

/** A module is loaded once for many files; what it has imported from here changes with the file. */
export function setGlobals(globals: Globals): void {
  ({ afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest, test } = globals);
}
