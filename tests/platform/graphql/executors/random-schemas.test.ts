import { expect, test } from "@jest/globals";
import {
  NoUnusedFragmentsRule,
  NoUnusedVariablesRule,
  parse,
  specifiedRules,
  validate,
  validateSchema,
} from "graphql";
import { Agreement } from "./agreement.ts";
import { OperationWriter, VARIABLE_SETS } from "./random-operations.ts";
import { randomSchema, rootOf } from "./random-schema.ts";

/** Written by chance, but the same in each run. EXECUTOR_SCHEMAS asks for more, EXECUTOR_SEED for others. */
const SCHEMAS = Number(process.env["EXECUTOR_SCHEMAS"] ?? 6);
const FIRST = Number(process.env["EXECUTOR_SEED"] ?? 1);
const OPERATIONS = 25;
/** Of a hundred values, how many are none or wrong: with many no answer has data, with few there are no errors. */
const FAULTS = [0, 2, 6, 15];
const KINDS = ["query", "query", "query", "mutation", "subscription"] as const;

/** What is not used does no harm here. */
const RULES = specifiedRules.filter(
  (rule) => rule !== NoUnusedFragmentsRule && rule !== NoUnusedVariablesRule,
);

const seeds = Array.from({ length: SCHEMAS }, (_, index) => FIRST + index);

test.each(seeds)("schema %i: each operation is answered as by graphql-js", async (seed) => {
  const schema = randomSchema(seed, FAULTS[seed % FAULTS.length]!);
  expect(validateSchema(schema)).toEqual([]);
  const agreement = new Agreement(schema, () => rootOf(schema, seed));
  const writer = new OperationWriter(schema);
  for (let number = 1; number <= OPERATIONS; number += 1) {
    const text = writer.operation(seed * 1_000 + number, KINDS[number % KINDS.length]!);
    const document = parse(text);
    const faults = validate(schema, document, RULES).map(({ message }) => message);
    expect({ seed, number, text, faults }).toEqual({ seed, number, text, faults: [] });
    for (const variableValues of VARIABLE_SETS) {
      const difference = await agreement.differenceIn({ document, variableValues });
      if (difference === null) continue;
      const { expected, got, again } = difference;
      expect({ seed, number, text, variableValues, again, ...got }).toEqual({
        ...{ seed, number, text, variableValues, again },
        ...expected,
      });
    }
  }
  expect(agreement.seen.raced).toBeLessThan(OPERATIONS);
  // Worth something only when operations run and, where there are faults, fail.
  const { seen } = agreement;
  expect(seen.whole + seen.withErrors + seen.withoutData).toBeGreaterThan(OPERATIONS * 4);
});
