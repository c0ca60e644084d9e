import { z } from "zod";
import { HttpClient } from "../../../platform/http/http-client.ts";
import { liveText } from "../../../platform/http/live-text.ts";
import type { ProviderGuard } from "../../../platform/resilience/guard.ts";
import { OPENAI } from "../openai-errors.ts";
import {
  cutReply,
  malformedReply,
  readRefusal,
  silentAssistant,
  stalledReply,
} from "./pal-errors.ts";
import { palInput, palInstructions, SUMMARY_INSTRUCTION, TITLE_INSTRUCTION } from "./pal-prompt.ts";
import type { PalPart, PalRequest, PalSummaryRequest, PalTitleRequest } from "./pal-talk.ts";
import { readResponse, ResponseReader } from "./pal-wire.ts";

export interface OpenAiPalOptions {
  /** Ends in `/v1`. */
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly model: string;
  readonly guard: ProviderGuard;
  /** Time limit until the first word. Default 30 s. */
  readonly firstTextMs?: number;
  /** Longest silence after that. Default 20 s. */
  readonly idleMs?: number;
  /** Time limit of summaries and titles. Default 60 s. */
  readonly timeoutMs?: number;
}

const PATH = "responses";
const FIRST_TEXT_MS = 30_000;
const IDLE_MS = 20_000;
const TIMEOUT_MS = 60_000;
/** With a reasoning model's thinking. */
const MAX_REPLY_TOKENS = 6_000;
const MAX_NOTE_TOKENS = 2_048;
const MAX_EXCERPT = 1_000;

/**
 * Pal, by OpenAI's Responses API. Nothing is repeated here, and nothing is stored there. A stream counts as finished only
 * with its terminal event.
 */
export class OpenAiPal {
  private readonly http: HttpClient;

  constructor(private readonly options: OpenAiPalOptions) {
    this.http = new HttpClient({
      provider: OPENAI,
      baseUrl: options.baseUrl,
      timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
      headers: { authorization: `Bearer ${options.apiKey}` },
    });
  }

  /** Streams a reply. @throws ProviderError, or the signal's reason */
  reply(request: PalRequest): AsyncGenerator<PalPart> {
    const { userHash, language } = request;
    return liveText({
      guard: this.options.guard,
      operation: "pal_reply",
      firstTextMs: this.options.firstTextMs ?? FIRST_TEXT_MS,
      idleMs: this.options.idleMs ?? IDLE_MS,
      reader: new ResponseReader(),
      faults: { silent: silentAssistant, stalled: stalledReply, malformed: malformedReply },
      signal: request.signal,
      open: (signal) =>
        this.http.stream({
          method: "POST",
          path: PATH,
          body: {
            ...this.body(palInstructions(language), palInput(request), userHash, MAX_REPLY_TOKENS),
            stream: true,
          },
          repeatable: true,
          refusal: readRefusal,
          signal,
        }),
    });
  }

  /** Sums up. @throws ProviderError, or the signal's reason */
  summarize({ messages, summary, ...call }: PalSummaryRequest): Promise<string> {
    return this.ask("pal_summarize", SUMMARY_INSTRUCTION, { summary, messages }, call);
  }

  /** Names a conversation. @throws ProviderError, or the signal's reason */
  title({ question, answer, ...call }: PalTitleRequest): Promise<string> {
    const excerpt = {
      question: question.slice(0, MAX_EXCERPT),
      answer: answer.slice(0, MAX_EXCERPT),
    };
    return this.ask("pal_title", TITLE_INSTRUCTION, excerpt, call);
  }

  private async ask(
    operation: string,
    instruction: string,
    data: object,
    { userHash, signal }: { userHash: string; signal: AbortSignal },
  ): Promise<string> {
    const call = { operation, repeatable: true, retries: 0, signal };
    const input = [{ role: "user", content: JSON.stringify(data) }];
    return this.options.guard.run(call, async (limit) => {
      const answer = await this.http.json({
        method: "POST",
        path: PATH,
        body: { ...this.body(instruction, input, userHash, MAX_NOTE_TOKENS), stream: false },
        schema: z.unknown(),
        repeatable: true,
        refusal: readRefusal,
        signal: limit,
      });
      const { text, ending, error } = readResponse(answer, false);
      if (error) throw error;
      if (!ending) throw cutReply();
      return text;
    });
  }

  private body(instructions: string, input: object[], userHash: string, maxTokens: number): object {
    return {
      model: this.options.model,
      instructions,
      input,
      max_output_tokens: maxTokens,
      store: false,
      safety_identifier: userHash,
    };
  }
}
