import { expect, test } from "@jest/globals";
import { stripeMode, stripeProblems } from "../../../src/platform/config/stripe-variables.ts";

const variables = (change: Partial<Parameters<typeof stripeMode>[0]> = {}) => ({
  NODE_ENV: "development",
  STRIPE_WEBHOOK_SECRETS: [],
  ...change,
});
const production = { NODE_ENV: "production" };
const key = { STRIPE_SECRET_KEY: "sk_live_1" };
const whole = { ...key, STRIPE_WEBHOOK_SECRETS: ["whsec_1"] };

test("without a word it is live once a key is set, else played, and never in production", () => {
  expect(stripeMode(variables())).toBe("local");
  expect(stripeMode(variables(production))).toBe("off");
  expect(stripeMode(variables({ ...production, ...whole }))).toBe("live");
  expect(stripeMode(variables({ ...whole, STRIPE_MODE: "off" }))).toBe("off");
});

test("a start with half of it is refused, and so is a stand-in in production", () => {
  expect(stripeProblems(variables())).toEqual([]);
  expect(stripeProblems(variables(production))).toEqual([]);
  expect(stripeProblems(variables({ ...production, ...whole }))).toEqual([]);
  expect(stripeProblems(variables(key))).toEqual([
    expect.stringMatching(/^STRIPE_WEBHOOK_SECRETS:/),
  ]);
  expect(stripeProblems(variables({ STRIPE_MODE: "live" }))).toHaveLength(2);
  expect(stripeProblems(variables({ ...production, STRIPE_MODE: "local" }))).toEqual([
    expect.stringMatching(/^STRIPE_MODE:/),
  ]);
});
