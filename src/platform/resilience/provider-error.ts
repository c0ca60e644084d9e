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
  /** For the log: must be free of keys, tokens, signed URLs and personal data. Users read it unless the code is a PROVIDER_CODE. */
  message: string;
  /** HTTP status, when there was an answer. */
  status?: number | undefined;
  /** How long the provider asked to wait, already capped. */
  retryAfterMs?: number | undefined;
  /** Refused on our side, by an open breaker or a full queue: the provider has seen nothing of it. */
  shed?: boolean;
}

/** The only error that leaves an integration. Its text is safe to log; what users are told of it stands in jobs/failures.ts. */
export class ProviderError extends Error {
  readonly provider: string;
  readonly outcome: ProviderOutcome;
  readonly code: string;
  readonly status?: number;
  readonly retryAfterMs?: number;
  /** Whether it was refused on our side, so that the provider has seen nothing of it. */
  readonly shed: boolean;

  constructor(fault: ProviderFault) {
    super(fault.message);
    this.name = "ProviderError";
    this.provider = fault.provider;
    this.outcome = fault.outcome;
    this.code = fault.code;
    this.shed = fault.shed ?? false;
    if (fault.status !== undefined) this.status = fault.status;
    if (fault.retryAfterMs !== undefined) this.retryAfterMs = fault.retryAfterMs;
  }

  /** Whether the provider works and wants to be asked less often. */
  get isRateLimit(): boolean {
    return this.status === 429 || this.code === PROVIDER_CODES.rateLimited;
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
