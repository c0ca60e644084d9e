/**
 * What the caller may do about a failed call:
 * - `retryable`: nothing was charged and nothing is wrong with the request; try again later.
 * - `refused_input`: the person's picture or text is not acceptable; only other input helps.
 * - `misconfigured`: key, permission, model or paid quota; only an operator can repair it.
 * - `unknown`: a paid request was sent and its answer was lost; it must not be repeated blindly.
 */
export type ProviderOutcome = "retryable" | "refused_input" | "misconfigured" | "unknown";

export interface ProviderFault {
  provider: string;
  outcome: ProviderOutcome;
  /** Public failure code in SCREAMING_SNAKE, for example NO_FACE or PROVIDER_UNAVAILABLE. */
  code: string;
  /** Must be free of keys, tokens, signed URLs and personal data; users may see it. */
  message: string;
  /** HTTP status, when there was an answer. */
  status?: number | undefined;
  /** How long the provider asked to wait, already capped. */
  retryAfterMs?: number | undefined;
}

/** The only error that leaves an integration. Its text is safe to log and to show. */
export class ProviderError extends Error {
  readonly provider: string;
  readonly outcome: ProviderOutcome;
  readonly code: string;
  readonly status?: number;
  readonly retryAfterMs?: number;

  constructor(fault: ProviderFault) {
    super(fault.message);
    this.name = "ProviderError";
    this.provider = fault.provider;
    this.outcome = fault.outcome;
    this.code = fault.code;
    if (fault.status !== undefined) this.status = fault.status;
    if (fault.retryAfterMs !== undefined) this.retryAfterMs = fault.retryAfterMs;
  }
}

/** Failure codes that every provider can have; vendor-specific ones stand with their vendor. */
export const PROVIDER_CODES = {
  unavailable: "PROVIDER_UNAVAILABLE",
  busy: "PROVIDER_BUSY",
  timeout: "PROVIDER_TIMEOUT",
  rateLimited: "PROVIDER_RATE_LIMITED",
  rejected: "PROVIDER_REJECTED",
  misconfigured: "PROVIDER_MISCONFIGURED",
  badAnswer: "PROVIDER_BAD_ANSWER",
  answerLost: "PROVIDER_ANSWER_LOST",
} as const;
