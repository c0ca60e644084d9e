import { ProviderError, type PROVIDER_CODES } from "../resilience/provider-error.ts";

/** Why a job ended badly: a stable code and a sentence for the user. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  /** Whether the same input may succeed another time. */
  readonly canRetry: boolean;
}

type ProviderCode = (typeof PROVIDER_CODES)[keyof typeof PROVIDER_CODES];
type OwnCode = "DEADLINE_EXCEEDED" | "INTERNAL_ERROR" | "INVALID_JOB" | "WORKER_CRASHED";

const AWAY = "This does not work at the moment. Please try again later.";
const BUSY = "There is too much to do at the moment. Please try again in a while.";

/** What users are told. Who works for us, and how our account there stands, is not their concern: that is for the log. */
const TOLD: Readonly<Record<ProviderCode | OwnCode, string>> = {
  PROVIDER_UNAVAILABLE: AWAY,
  PROVIDER_BUSY: BUSY,
  PROVIDER_RATE_LIMITED: BUSY,
  PROVIDER_TIMEOUT: "This took too long. Please try again later.",
  PROVIDER_REJECTED: "This cannot be worked with. Please try something else.",
  PROVIDER_MISCONFIGURED: "This is not available at the moment.",
  PROVIDER_BAD_ANSWER: "Nothing usable came of it.",
  PROVIDER_ANSWER_LOST: "The result was lost on its way.",
  DEADLINE_EXCEEDED: "This took too long.",
  INTERNAL_ERROR: "Something went wrong on our side.",
  INVALID_JOB: "This job can no longer be run.",
  WORKER_CRASHED: "This could not be worked on. Please try something else.",
};

/** A failure that the platform itself finds. */
export const failure = (code: OwnCode, canRetry: boolean): Failure => ({
  code,
  message: TOLD[code],
  canRetry,
});

/** What to tell users about a fault. A code of a provider's or a domain's own comes with its own sentence for them. */
export function failureOf(fault: unknown): Failure {
  if (!(fault instanceof ProviderError)) return failure("INTERNAL_ERROR", true);
  const { code, message, outcome } = fault;
  const told = Object.hasOwn(TOLD, code) ? TOLD[code as ProviderCode] : message;
  return { code, message: told, canRetry: outcome === "retryable" || outcome === "unknown" };
}
