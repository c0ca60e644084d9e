import { z } from "zod";
import type { StreamEvent } from "../../platform/http/event-stream.ts";
import { HttpClient } from "../../platform/http/http-client.ts";
import { liveText, type LiveReader } from "../../platform/http/live-text.ts";
import type { ProviderGuard } from "../../platform/resilience/guard.ts";
import type { ProviderError } from "../../platform/resilience/provider-error.ts";
import {
  cutReply,
  emptyReply,
  errorInside,
  GEMINI,
  malformedReply,
  readRefusal,
  silentAssistant,
  stalledReply,
} from "./gemini-errors.ts";
import {
  readChunk,
  replyInstruction,
  requestBody,
  SUMMARY_INSTRUCTION,
  TITLE_INSTRUCTION,
  type ReadChunk,
} from "./gemini-wire.ts";
import type { SummaryRequest, TalkPart, TalkRequest, TitleRequest } from "./talk.ts";

export interface GeminiOptions {
  /** Without the version, such as `https://generativelanguage.googleapis.com`. */
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

const FIRST_TEXT_MS = 30_000;
const IDLE_MS = 20_000;
const TIMEOUT_MS = 60_000;

/**
 * Talks by Gemini's generateContent API. Nothing is repeated here. A stream counts as finished only with a finish reason.
 */
export class GeminiAssistant {
  private readonly http: HttpClient;

  constructor(private readonly options: GeminiOptions) {
    this.http = new HttpClient({
      provider: GEMINI,
      baseUrl: options.baseUrl,
      timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
      // In the query it would stand in logs.
      headers: { "x-goog-api-key": options.apiKey },
    });
  }

  /** Streams a reply. @throws ProviderError, or the signal's reason */
  reply(request: TalkRequest): AsyncGenerator<TalkPart> {
    const instruction = replyInstruction(request.summary, request.language);
    return liveText({
      guard: this.options.guard,
      operation: "reply",
      firstTextMs: this.options.firstTextMs ?? FIRST_TEXT_MS,
      idleMs: this.options.idleMs ?? IDLE_MS,
      reader: new ChunkReader(),
      faults: { silent: silentAssistant, stalled: stalledReply, malformed: malformedReply },
      signal: request.signal,
      open: (signal) =>
        this.http.stream({
          method: "POST",
          path: this.path("streamGenerateContent"),
          query: { alt: "sse" },
          body: requestBody(request.messages, instruction),
          repeatable: true,
          refusal: readRefusal,
          signal,
        }),
    });
  }

  /** Sums up. @throws ProviderError, or the signal's reason */
  summarize({ messages, summary, signal }: SummaryRequest): Promise<string> {
    return this.ask("summarize", SUMMARY_INSTRUCTION, { summary, messages }, signal);
  }

  /** Names a conversation. @throws ProviderError, or the signal's reason */
  title({ question, answer, signal }: TitleRequest): Promise<string> {
    const excerpt = { question: question.slice(0, 1_000), answer: answer.slice(0, 1_000) };
    return this.ask("title", TITLE_INSTRUCTION, excerpt, signal);
  }

  private async ask(
    operation: string,
    instruction: string,
    input: object,
    signal: AbortSignal,
  ): Promise<string> {
    const call = { operation, repeatable: true, retries: 0, signal };
    const message = { role: "USER", text: JSON.stringify(input) } as const;
    return this.options.guard.run(call, async (limit) => {
      const answer = await this.http.json({
        method: "POST",
        path: this.path("generateContent"),
        body: requestBody([message], instruction, 2_048),
        schema: z.unknown(),
        repeatable: true,
        refusal: readRefusal,
        signal: limit,
      });
      const { text, ending, hasCandidate, error } = readChunk(answer, false);
      if (error) throw error;
      if (!ending) throw hasCandidate ? cutReply() : emptyReply();
      return text;
    });
  }

  private path(method: string): string {
    return `v1beta/models/${encodeURIComponent(this.options.model)}:${method}`;
  }
}

/** Reads the chunks of one stream. */
class ChunkReader implements LiveReader {
  private hadText = false;
  private isEmpty = false;

  read(event: StreamEvent): ReadChunk {
    if (event.data === undefined) throw errorInside(json(event.rest)) ?? cutReply();
    const said = readChunk(json(event.data), this.hadText);
    this.hadText ||= said.text !== "";
    this.isEmpty = !said.hasCandidate;
    return said;
  }

  cut(): ProviderError {
    return this.isEmpty && !this.hadText ? emptyReply() : cutReply();
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
