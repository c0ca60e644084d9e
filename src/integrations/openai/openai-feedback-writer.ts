import type { OpenAI } from "openai";
import type { Response } from "openai/resources/responses/responses";
import { badAnswer } from "../../platform/resilience/classify.ts";
import { wholeAnswers } from "../../platform/http/bounded-body.ts";
import type { ProviderGuard } from "../../platform/resilience/guard.ts";
import { bounded, feedbackInput, feedbackInstructions, feedbackSchema } from "./feedback-prompt.ts";
import type { FeedbackRequest, SkinFeedback } from "./feedback.ts";
import { OPENAI, cutAtLimit, failedResponse, openAiError, refused } from "./openai-errors.ts";

export interface OpenAiOptions {
  /** Ends in `/v1`. */
  baseUrl: string;
  apiKey: string;
  model: string;
  timeoutMs: number;
  guard: ProviderGuard;
  /** Includes a reasoning model's thinking. Default 4,000. */
  maxOutputTokens?: number;
  fetch?: typeof fetch;
}

const DEFAULT_MAX_OUTPUT_TOKENS = 4_000;
const MAX_ANSWER_BYTES = 1024 * 1024;

/** Writes feedback with a model of OpenAI's Responses API. Never repeats a call: each one is paid. */
export class OpenAiFeedbackWriter {
  private client: Promise<OpenAI> | undefined;

  constructor(private readonly options: OpenAiOptions) {}

  /** @throws ProviderError */
  async write(request: FeedbackRequest): Promise<SkinFeedback> {
    const { guard } = this.options;
    const call = { operation: "feedback", repeatable: false, retries: 0, signal: request.signal };
    return guard.run(call, async (signal) => read(await this.ask(request, signal)));
  }

  private async ask(request: FeedbackRequest, signal: AbortSignal): Promise<Response> {
    const client = await this.open();
    const { APIConnectionError } = await import("openai");
    const { zodTextFormat } = await import("openai/helpers/zod");
    const { model, maxOutputTokens = DEFAULT_MAX_OUTPUT_TOKENS } = this.options;
    try {
      return await client.responses.create(
        {
          model,
          instructions: feedbackInstructions(request.language),
          input: [
            { role: "user", content: [{ type: "input_text", text: feedbackInput(request) }] },
          ],
          text: { format: zodTextFormat(feedbackSchema, "skin_feedback") },
          max_output_tokens: maxOutputTokens,
          store: false,
          safety_identifier: request.userHash,
        },
        { signal },
      );
    } catch (error) {
      if (signal.aborted) throw error;
      throw openAiError(error, error instanceof APIConnectionError);
    }
  }

  // The SDK takes 200 ms to load: only a process that writes feedback pays for it, once.
  private open(): Promise<OpenAI> {
    this.client ??= import("openai").then(
      ({ OpenAI: Client }) =>
        new Client({
          apiKey: this.options.apiKey,
          baseURL: this.options.baseUrl,
          timeout: this.options.timeoutMs,
          // The SDK would repeat even an exhausted quota; the job queue decides instead.
          maxRetries: 0,
          logLevel: "off",
          organization: null,
          project: null,
          fetch: wholeAnswers(this.options.fetch ?? globalThis.fetch, MAX_ANSWER_BYTES),
        }),
    );
    return this.client;
  }
}

function read(response: Response): SkinFeedback {
  const parts = (response.output ?? []).flatMap((item) =>
    item.type === "message" ? item.content : [],
  );
  if (parts.some((part) => part.type === "refusal")) throw refused();
  if (response.status === "failed") throw failedResponse(response.error?.code);
  if (response.status === "incomplete") {
    throw response.incomplete_details?.reason === "content_filter" ? refused() : cutAtLimit();
  }
  if (response.status !== "completed") throw badAnswer(OPENAI, false);
  const text = parts.map((part) => (part.type === "output_text" ? part.text : "")).join("");
  const feedback = feedbackSchema.safeParse(parsed(text));
  if (!feedback.success) throw badAnswer(OPENAI, false);
  return bounded(feedback.data);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
