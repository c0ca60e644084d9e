import { z } from "zod";
import { answerLost } from "../../platform/resilience/classify.ts";
import { PROVIDER_CODES, ProviderError } from "../../platform/resilience/provider-error.ts";
import { VIEWS } from "./styling.ts";

export const REPLICATE = "replicate";

/** One run of a model. */
export const predictionSchema = z.object({
  id: z.string().min(1),
  /** starting, processing, succeeded, failed, canceled or aborted. */
  status: z.string(),
  output: z.union([z.string(), z.array(z.string())]).nullish(),
  error: z.string().nullish().catch(""),
});
export type Prediction = z.infer<typeof predictionSchema>;

/** Runs of the account, newest first. */
export const listSchema = z.object({
  results: z.array(
    z.object({
      id: z.string().min(1),
      webhook: z.string().nullish(),
      created_at: z.coerce.date().nullish(),
    }),
  ),
  next: z.string().nullish(),
});

const tries = z.int().min(0);
const workSchema = z.discriminatedUnion("step", [
  z.object({ step: z.literal("NONE"), tries }),
  /** The request that is paid is about to be sent, and may have been. */
  z.object({ step: z.literal("CREATING"), tries, sinceMs: z.number() }),
  z.object({ step: z.literal("CREATED"), tries, id: z.string() }),
]);
/** How far the work on one view is. */
export type Work = z.infer<typeof workSchema>;

/** What a run stores, so that the next one goes on from there. */
export const sessionSchema = z.object({ views: z.partialRecord(z.enum(VIEWS), workSchema) });

const ENDED = new Set(["succeeded", "failed", "canceled", "aborted"]);

/** Whether nothing more will happen to a prediction. */
export const isEnded = (status: string): boolean => ENDED.has(status);

const SENSITIVE = /\bE005\b|flagged as sensitive/i;

/** Why a prediction brought no picture. */
export function failureOf({ status, error }: Prediction): ProviderError {
  if (status === "failed" && SENSITIVE.test(error ?? "")) {
    return fault("refused_input", "CONTENT_REFUSED", "This picture cannot be used.");
  }
  // Aborted before it began, and not charged. What failed later may have been: it is not repeated by itself.
  const outcome = status === "aborted" ? "retryable" : "unknown";
  return fault(outcome, PROVIDER_CODES.unavailable, `${REPLICATE} could not make the picture.`);
}

/** A prediction that exists is not asked for in vain: one that is not found was forgotten. */
export const forgotten = ({ status }: { status: number }): ProviderError | null =>
  status === 404 ? answerLost(REPLICATE) : null;

const fault = (outcome: ProviderError["outcome"], code: string, message: string): ProviderError =>
  new ProviderError({ provider: REPLICATE, outcome, code, message });
