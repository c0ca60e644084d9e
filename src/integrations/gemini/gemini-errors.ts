import { z } from "zod";
import type { ReadRefusal } from "../../platform/http/http-client.ts";
import {
  classifyStatus,
  MAX_RETRY_AFTER_MS,
  parseRetryAfter,
} from "../../platform/resilience/classify.ts";
import { ProviderError, type ProviderOutcome } from "../../platform/resilience/provider-error.ts";

export const GEMINI = "gemini";
const REPLY_CUT = "REPLY_CUT";

const errorBody = z.object({
  error: z.object({
    code: z.number().optional(),
    status: z.string().optional(),
    details: z
      .array(z.looseObject({ reason: z.string().optional(), retryDelay: z.string().optional() }))
      .optional(),
  }),
});

type Meaning = readonly [code: string, outcome: ProviderOutcome, message: string];

const KEY_REFUSED: Meaning = [
  "ASSISTANT_KEY_REFUSED",
  "misconfigured",
  "The assistant cannot be used now.",
];

/** What statuses mean; a wrong key is a 400 whose details say so. */
const BY_STATUS: Readonly<Record<number, Meaning>> = {
  400: ["ASSISTANT_REFUSED_REQUEST", "refused_input", "The assistant could not take this message."],
  401: KEY_REFUSED,
  403: ["ASSISTANT_FORBIDDEN", "misconfigured", "The assistant may not be used here."],
  404: ["ASSISTANT_NOT_FOUND", "misconfigured", "This assistant does not exist any more."],
  429: ["ASSISTANT_BUSY", "retryable", "The assistant has too much to do. Try again in a moment."],
  500: ["ASSISTANT_FAILED", "retryable", "The assistant failed. Try again."],
  503: ["ASSISTANT_OVERLOADED", "retryable", "The assistant is overloaded. Try again in a moment."],
  504: ["ASSISTANT_TIMED_OUT", "retryable", "The assistant took too long. Try again."],
};

/** Why a prompt or a reply was not let through, or came to nothing, by the API's reason. */
const BY_FINISH: Readonly<Record<string, Meaning>> = {
  SAFETY: ["REPLY_BLOCKED", "refused_input", "The reply was held back for safety."],
  RECITATION: ["REPLY_RECITATION", "refused_input", "The reply would have been a copy of a work."],
  LANGUAGE: ["REPLY_LANGUAGE", "refused_input", "The assistant does not know this language."],
  BLOCKLIST: ["REPLY_BLOCKLISTED", "refused_input", "The reply held words that are not allowed."],
  PROHIBITED_CONTENT: ["REPLY_PROHIBITED", "refused_input", "The reply may not be shown."],
  SPII: ["REPLY_PERSONAL_DATA", "refused_input", "The reply held somebody's personal data."],
  MAX_TOKENS: ["REPLY_TOO_LONG", "misconfigured", "The assistant ran out of room before it spoke."],
  OTHER: ["REPLY_FAILED", "retryable", "The reply could not be finished."],
};
const BLOCKED_PROMPT: Meaning = [
  "PROMPT_BLOCKED",
  "refused_input",
  "The assistant does not answer this message.",
];
const MALFORMED: Meaning = [
  "REPLY_MALFORMED",
  "retryable",
  "The assistant's answer could not be read.",
];

const errorOf = (
  [code, outcome, message]: Meaning,
  facts: { status?: number; retryAfterMs?: number | undefined } = {},
): ProviderError => new ProviderError({ provider: GEMINI, code, outcome, message, ...facts });

/** Reads an answer that is not 2xx. */
export const readRefusal: ReadRefusal = ({ status, body, headers }) => {
  const asked = parseRetryAfter(headers, Date.now());
  return statusError(status, body, asked);
};

/** An error inside a stream or a body. Null when it is none. */
export function errorInside(body: unknown): ProviderError | null {
  const parsed = errorBody.safeParse(body);
  return parsed.success ? statusError(parsed.data.error.code ?? 500, body) : null;
}

function statusError(status: number, body: unknown, askedMs?: number): ProviderError {
  const { error } = errorBody.safeParse(body).data ?? {};
  const details = error?.details ?? [];
  const facts = { status, retryAfterMs: retryDelayMs(details) ?? askedMs };
  if (details.some(({ reason }) => reason === "API_KEY_INVALID")) {
    return errorOf(KEY_REFUSED, { status });
  }
  if (error?.status === "FAILED_PRECONDITION") {
    return errorOf(["ASSISTANT_UNAVAILABLE", "misconfigured", KEY_REFUSED[2]], { status });
  }
  const meaning = BY_STATUS[status];
  if (meaning) return errorOf(meaning, meaning[1] === "retryable" ? facts : { status });
  const { outcome, code } = classifyStatus(status);
  return errorOf([code, outcome, `The assistant answered with status ${status}.`], facts);
}

/** `RetryInfo.retryDelay`, such as "17s" or "0.5s". */
function retryDelayMs(details: readonly { retryDelay?: string | undefined }[]): number | undefined {
  for (const { retryDelay } of details) {
    const seconds = /^(\d+(?:\.\d+)?)s$/.exec(retryDelay ?? "")?.[1];
    if (seconds !== undefined) return Math.min(Number(seconds) * 1000, MAX_RETRY_AFTER_MS);
  }
  return undefined;
}

/** A reply that ended for another reason than being complete. */
export const finishError = (reason: string): ProviderError =>
  errorOf(BY_FINISH[reason] ?? MALFORMED);

/** A prompt that was not let through. */
export const promptBlocked = (): ProviderError => errorOf(BLOCKED_PROMPT);

/** An answer without any text, though nothing is said to be wrong. */
export const emptyReply = (): ProviderError =>
  errorOf(["REPLY_EMPTY", "retryable", "The assistant said nothing."]);

/** A stream that ended before its last event. */
export const cutReply = (): ProviderError =>
  errorOf([REPLY_CUT, "retryable", "The reply broke off."]);

/** A stream in which nothing comes any more. */
export const stalledReply = (): ProviderError =>
  errorOf(["REPLY_STALLED", "retryable", "The assistant stopped in the middle."]);

/** An answer that its protocol does not allow. */
export const malformedReply = (): ProviderError => errorOf(MALFORMED);

/** Nothing came in time. */
export const silentAssistant = (): ProviderError =>
  errorOf(["ASSISTANT_SILENT", "retryable", "The assistant did not begin to answer in time."]);
