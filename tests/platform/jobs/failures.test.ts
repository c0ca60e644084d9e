import { expect, test } from "@jest/globals";
import { failureOf } from "../../../src/platform/jobs/failures.ts";
import { statusError } from "../../../src/platform/resilience/classify.ts";
import {
  PROVIDER_CODES,
  ProviderError,
  type ProviderOutcome,
} from "../../../src/platform/resilience/provider-error.ts";

const fault = (code: string, outcome: ProviderOutcome = "retryable", message = "acme says no.") =>
  new ProviderError({ provider: "acme", outcome, code, message });

test.each(Object.values(PROVIDER_CODES))("%s is told without the provider's words", (code) => {
  const { message } = failureOf(fault(code));
  expect(message).toMatch(/^[A-Z].*\.$/);
  expect(message).not.toMatch(/acme|status|account|\d/);
});

test.each([302, 400, 401, 402, 404, 408, 422, 429, 500, 503])(
  "what a provider answers with status %i stays with us",
  (status) => {
    const { message } = failureOf(statusError("acme", status, new Headers(), 0));
    expect(message).not.toMatch(/acme|status|\d/);
  },
);

test("a code of its own comes with a sentence of its own", () => {
  const told = failureOf(fault("NO_FACE", "refused_input", "We could not find a face."));
  expect(told).toEqual({ code: "NO_FACE", message: "We could not find a face.", canRetry: false });
});

test("only what may succeed another time can be tried again", () => {
  const canRetry = (outcome: ProviderOutcome) => failureOf(fault("X", outcome)).canRetry;
  expect(canRetry("retryable")).toBe(true);
  expect(canRetry("unknown")).toBe(true);
  expect(canRetry("refused_input")).toBe(false);
  expect(canRetry("misconfigured")).toBe(false);
});

test("of a bug of ours nothing is told but that it was one", () => {
  expect(failureOf(new RangeError("index 7 of secrets"))).toEqual({
    code: "INTERNAL_ERROR",
    message: "Something went wrong on our side.",
    canRetry: true,
  });
});
