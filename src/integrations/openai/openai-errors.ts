import type { APIError } from "openai";
import { badAnswer, connectionError, statusError } from "../../platform/resilience/classify.ts";
import { PROVIDER_CODES, ProviderError } from "../../platform/resilience/provider-error.ts";

export const OPENAI = "openai";

/** Codes that look like a rate limit or a bad request and yet need an operator. */
const ACCOUNT_CODES = new Set([
  "insufficient_quota",
  "billing_hard_limit_reached",
  "billing_not_active",
  "account_deactivated",
  "model_not_found",
]);

const PASSING_CODES = new Set(["server_error", "rate_limit_exceeded", "vector_store_timeout"]);

/**
 * Classifies what the SDK threw. The SDK's texts are dropped: they can quote a part of the key.
 * @param connectionLost whether it is the SDK's error of a broken connection
 */
export function openAiError(error: unknown, connectionLost: boolean): ProviderError {
  if (connectionLost) return connectionError(OPENAI, error, false);
  const { status, code, type, headers } = error as Partial<APIError>;
  if (typeof status !== "number") return badAnswer(OPENAI, false);
  if (ACCOUNT_CODES.has(code ?? "") || ACCOUNT_CODES.has(type ?? "")) {
    return misconfigured(status);
  }
  return statusError(OPENAI, status, headers ?? new Headers(), Date.now());
}

/** A response object that says `failed` by itself, with HTTP status 200. */
export function failedResponse(code: string | undefined): ProviderError {
  if (ACCOUNT_CODES.has(code ?? "")) return misconfigured();
  const passing = code === undefined || PASSING_CODES.has(code);
  return new ProviderError({
    provider: OPENAI,
    outcome: passing ? "retryable" : "refused_input",
    code: passing ? PROVIDER_CODES.unavailable : PROVIDER_CODES.rejected,
    message: "Nothing could be written.",
  });
}

/** The model, or its content filter, declined. */
export const refused = (): ProviderError =>
  new ProviderError({
    provider: OPENAI,
    outcome: "refused_input",
    code: PROVIDER_CODES.rejected,
    message: "The request was declined.",
  });

/** The answer ended at the token limit: it would end there again. */
export const cutAtLimit = (): ProviderError =>
  new ProviderError({
    provider: OPENAI,
    outcome: "misconfigured",
    code: PROVIDER_CODES.badAnswer,
    message: "The answer was longer than its limit.",
  });

const misconfigured = (status?: number): ProviderError =>
  new ProviderError({
    provider: OPENAI,
    outcome: "misconfigured",
    code: PROVIDER_CODES.misconfigured,
    message: "The account at openai cannot be used.",
    status,
  });
