import { z } from "zod";
import { statusError } from "../../platform/resilience/classify.ts";
import { PROVIDER_CODES, ProviderError } from "../../platform/resilience/provider-error.ts";

export const PERPLEXITY = "perplexity";

const searchResults = z.looseObject({
  type: z.literal("search_results"),
  results: z.array(z.looseObject({ url: z.string(), title: z.string().nullish() })).nullish(),
});

const message = z.looseObject({
  type: z.literal("message"),
  content: z.array(
    z.looseObject({
      type: z.string(),
      text: z.string().nullish(),
      refusal: z.string().nullish(),
    }),
  ),
});

/** Answer of the Agent API; item types that facet does not use are passed over. */
export const agentAnswer = z.object({
  status: z.enum([
    "completed",
    "failed",
    "incomplete",
    "in_progress",
    "queued",
    "cancelled",
    "requires_action",
  ]),
  error: z
    .looseObject({
      code: z.union([z.string(), z.number()]).nullish(),
      type: z.string().nullish(),
    })
    .nullish(),
  output: z.array(z.union([searchResults, message, z.looseObject({ type: z.string() })])).nullish(),
});

export type AgentAnswer = z.infer<typeof agentAnswer>;

/** What the model is told to answer with. */
export const findsSchema = z.object({
  finds: z.array(
    z.object({
      title: z.string(),
      url: z.string(),
      price: z.string().nullable(),
      why: z.string(),
    }),
  ),
});

/** The error that an answer with HTTP status 200 carries inside, or null. */
export function failureInside({ status, error }: AgentAnswer): ProviderError | null {
  if (status !== "failed" && status !== "cancelled" && !error) return null;
  const code = Number(error?.code);
  if (code >= 400 && code < 600) return statusError(PERPLEXITY, code, new Headers(), 0);
  const misconfigured = /invalid_(api_key|model)|quota|credit|billing|permission/i.test(
    `${error?.code ?? ""} ${error?.type ?? ""}`,
  );
  return new ProviderError({
    provider: PERPLEXITY,
    outcome: misconfigured ? "misconfigured" : "retryable",
    code: misconfigured ? PROVIDER_CODES.misconfigured : PROVIDER_CODES.unavailable,
    message: "The product search failed.",
  });
}

/** All pages that the search behind the answer returned. */
export function searchedUrls(answer: AgentAnswer): string[] {
  return (answer.output ?? []).flatMap((item) => {
    const parsed = searchResults.safeParse(item);
    return parsed.success ? (parsed.data.results ?? []).map(({ url }) => url) : [];
  });
}

/** The text of the answer; null when the model declined. */
export function answerText(answer: AgentAnswer): string | null {
  const parts = (answer.output ?? []).flatMap((item) => {
    const parsed = message.safeParse(item);
    return parsed.success ? parsed.data.content : [];
  });
  if (parts.some((part) => part.type === "refusal")) return null;
  return parts.map((part) => (part.type === "output_text" ? (part.text ?? "") : "")).join("");
}
