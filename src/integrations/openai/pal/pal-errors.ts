import { z } from "zod";
import type { ReadRefusal } from "../../../platform/http/http-client.ts";
import {
  ProviderError,
  type ProviderOutcome,
} from "../../../platform/resilience/provider-error.ts";
import { failedResponse, OPENAI, openAiError } from "../openai-errors.ts";

const errorBody = z.object({
  error: z.object({ code: z.string().nullish(), type: z.string().nullish() }),
});

type Meaning = readonly [code: string, outcome: ProviderOutcome, message: string];

const UNAVAILABLE: Meaning = [
  "ASSISTANT_UNAVAILABLE",
  "misconfigured",
  "The assistant cannot be used now.",
];
const BUSY: Meaning = [
  "ASSISTANT_BUSY",
  "retryable",
  "The assistant has too much to do. Try again in a moment.",
];
const FAILED: Meaning = ["ASSISTANT_FAILED", "retryable", "The assistant failed. Try again."];
const PROMPT_BLOCKED: Meaning = [
  "PROMPT_BLOCKED",
  "refused_input",
  "The assistant does not answer this message.",
];

/** What statuses mean; a 429 may also be an account without money. */
const BY_STATUS: Readonly<Record<number, Meaning>> = {
  400: ["ASSISTANT_REFUSED_REQUEST", "refused_input", "The assistant could not take this message."],
  401: ["ASSISTANT_KEY_REFUSED", "misconfigured", UNAVAILABLE[2]],
  402: UNAVAILABLE,
  403: ["ASSISTANT_FORBIDDEN", "misconfigured", "The assistant may not be used here."],
  404: ["ASSISTANT_NOT_FOUND", "misconfigured", "This assistant does not exist any more."],
  429: BUSY,
  500: FAILED,
  503: ["ASSISTANT_OVERLOADED", "retryable", "The assistant is overloaded. Try again in a moment."],
  504: ["ASSISTANT_TIMED_OUT", "retryable", "The assistant took too long. Try again."],
};

const errorOf = (
  [code, outcome, message]: Meaning,
  facts: { status?: number | undefined; retryAfterMs?: number | undefined } = {},
): ProviderError => new ProviderError({ provider: OPENAI, code, outcome, message, ...facts });

/** Reads an answer that is not 2xx. */
export const readRefusal: ReadRefusal = ({ status, body, headers }) => {
  const { code, type } = errorBody.safeParse(body).data?.error ?? {};
  const known = openAiError({ status, code, type, headers }, false);
  const { outcome, retryAfterMs } = known;
  const needsOperator = outcome === "misconfigured" && status !== 404 && status !== 401;
  const meaning = needsOperator && status === 429 ? UNAVAILABLE : BY_STATUS[status];
  if (!meaning) return known;
  return errorOf(meaning, {
    status,
    retryAfterMs: outcome === "retryable" ? retryAfterMs : undefined,
  });
};

/** An answer that failed by itself, with status 200, or an error event in a stream. */
export function failedInside(code: string | null | undefined, hadText: boolean): ProviderError {
  if (code === "rate_limit_exceeded") return errorOf(BUSY);
  const { outcome } = failedResponse(code ?? undefined);
  if (outcome === "misconfigured") return errorOf(UNAVAILABLE);
  return outcome === "retryable" ? errorOf(FAILED) : declined(hadText);
}

/** The model, or a filter, did not want to answer; what had been said has to be taken back. */
export const declined = (hadText: boolean): ProviderError =>
  errorOf(
    hadText
      ? ["REPLY_BLOCKED", "refused_input", "The reply was held back for safety."]
      : PROMPT_BLOCKED,
  );

/** The limit of tokens was used up by thinking. */
export const tooLong = (): ProviderError =>
  errorOf(["REPLY_TOO_LONG", "misconfigured", "The assistant ran out of room before it spoke."]);

/** The answer stopped for a reason that we do not know. */
export const unfinished = (): ProviderError =>
  errorOf(["REPLY_FAILED", "retryable", "The reply could not be finished."]);

/** An answer without any text, though nothing is said to be wrong. */
export const emptyReply = (): ProviderError =>
  errorOf(["REPLY_EMPTY", "retryable", "The assistant said nothing."]);

/** A stream that ended before its last event. */
export const cutReply = (): ProviderError =>
  errorOf(["REPLY_CUT", "retryable", "The reply broke off."]);

/** A stream in which nothing comes any more. */
export const stalledReply = (): ProviderError =>
  errorOf(["REPLY_STALLED", "retryable", "The assistant stopped in the middle."]);

/** An answer that its protocol does not allow. */
export const malformedReply = (): ProviderError =>
  errorOf(["REPLY_MALFORMED", "retryable", "The assistant's answer could not be read."]);

/** Nothing came in time. */
export const silentAssistant = (): ProviderError =>
  errorOf(["ASSISTANT_SILENT", "retryable", "The assistant did not begin to answer in time."]);
