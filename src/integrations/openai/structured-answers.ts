import type { OpenAI } from "openai";
import type { Response } from "openai/resources/responses/responses";
import type { z } from "zod";
import { wholeAnswers } from "../../platform/http/bounded-body.ts";
import { badAnswer } from "../../platform/resilience/classify.ts";
import type { ProviderGuard } from "../../platform/resilience/guard.ts";
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
}

/** A question whose answer has a form. */
export interface StructuredQuestion<Answer> {
  /** Names it in metrics. */
  operation: string;
  /** Standing instructions; they hold no word of the user. */
  instructions: string;
  /** The data, as one JSON document. */
  input: string;
  /** Plain types only: strict mode refuses other keywords. */
  schema: z.ZodType<Answer>;
  schemaName: string;
  /** A stable pseudonym; never a name, an address or our own user id. */
  userHash: string;
  signal: AbortSignal;
}

const DEFAULT_MAX_OUTPUT_TOKENS = 4_000;
const MAX_ANSWER_BYTES = 1024 * 1024;

/** Answers in a given form from a model of OpenAI's Responses API. Never repeats a call: each one is paid. */
export class StructuredAnswers {
  private client: Promise<OpenAI> | undefined;

  constructor(private readonly options: OpenAiOptions) {}

  /** @throws ProviderError */
  async ask<Answer>(question: StructuredQuestion<Answer>): Promise<Answer> {
    const { operation, schema } = question;
    const call = { operation, repeatable: false, retries: 0, signal: question.signal };
    return this.options.guard.run(call, async (signal) =>
      read(await this.send(question, signal), schema),
    );
  }

  private async send(
    question: StructuredQuestion<unknown>,
    signal: AbortSignal,
  ): Promise<Response> {
    const client = await this.open();
    const { APIConnectionError } = await import("openai");
    const { zodTextFormat } = await import("openai/helpers/zod");
    const { model, maxOutputTokens = DEFAULT_MAX_OUTPUT_TOKENS } = this.options;
    const { instructions, input, schema, schemaName, userHash } = question;
    try {
      return await client.responses.create(
        {
          model,
          instructions,
          input: [{ role: "user", content: [{ type: "input_text", text: input }] }],
          text: { format: zodTextFormat(schema, schemaName) },
          max_output_tokens: maxOutputTokens,
          store: false,
          safety_identifier: userHash,
        },
        { signal },
      );
    } catch (error) {
      if (signal.aborted) throw error;
      throw openAiError(error, error instanceof APIConnectionError);
    }
  }

  // The SDK takes 200 ms to load: only a process that asks pays for it, once.
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
          fetch: wholeAnswers(MAX_ANSWER_BYTES),
        }),
    );
    return this.client;
  }
}

function read<Answer>(response: Response, schema: z.ZodType<Answer>): Answer {
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
  const answer = schema.safeParse(parsed(text));
  if (!answer.success) throw badAnswer(OPENAI, false);
  return answer.data;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
