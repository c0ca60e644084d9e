import { z } from "zod";
import { EventTooLarge, readEvents, type StreamEvent } from "../../platform/http/event-stream.ts";
import { HttpClient } from "../../platform/http/http-client.ts";
import type { ProviderGuard } from "../../platform/resilience/guard.ts";
import { PROVIDER_CODES, ProviderError } from "../../platform/resilience/provider-error.ts";
import {
  cutReply,
  emptyReply,
  errorInside,
  GEMINI,
  malformedReply,
  readRefusal,
  REPLY_CUT,
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
  readonly fetch?: typeof fetch;
}

const FIRST_TEXT_MS = 30_000;
const IDLE_MS = 20_000;
const TIMEOUT_MS = 60_000;

type Events = AsyncGenerator<StreamEvent, void>;

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
      ...(options.fetch && { fetch: options.fetch }),
    });
  }

  /** Streams a reply. @throws ProviderError, or the signal's reason */
  async *reply(request: TalkRequest): AsyncGenerator<TalkPart> {
    const hangUp = new AbortController();
    const signal = AbortSignal.any([request.signal, hangUp.signal]);
    try {
      const { events, first } = await this.open(request, signal, hangUp);
      for (let said = first; ; said = await this.next(events, request.signal, hangUp)) {
        if (said.text !== "") yield { text: said.text };
        if (said.error) throw said.error;
        if (said.ending) {
          yield { ending: said.ending };
          return;
        }
      }
    } finally {
      hangUp.abort();
    }
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

  /** Up to the first words; the guard's time limit is the one for them. */
  private async open(
    request: TalkRequest,
    signal: AbortSignal,
    hangUp: AbortController,
  ): Promise<{ events: Events; first: ReadChunk }> {
    const call = {
      operation: "reply",
      // What was said twice costs little, and is shown once.
      repeatable: true,
      retries: 0,
      timeoutMs: this.options.firstTextMs ?? FIRST_TEXT_MS,
      signal: request.signal,
    };
    const instruction = replyInstruction(request.summary, request.language);
    return this.options.guard
      .run(call, async (limit) => {
        limit.addEventListener("abort", () => {
          hangUp.abort(limit.reason);
        });
        const body = await this.http.stream({
          method: "POST",
          path: this.path("streamGenerateContent"),
          query: { alt: "sse" },
          body: requestBody(request.messages, instruction),
          repeatable: true,
          refusal: readRefusal,
          signal,
        });
        const events = readEvents(body);
        return { events, first: await firstWords(events) };
      })
      .catch((error: unknown) => {
        const isLate = error instanceof ProviderError && error.code === PROVIDER_CODES.timeout;
        throw isLate ? silentAssistant() : error;
      });
  }

  private async next(
    events: Events,
    signal: AbortSignal,
    hangUp: AbortController,
  ): Promise<ReadChunk> {
    const stalled = setTimeout(() => {
      hangUp.abort();
    }, this.options.idleMs ?? IDLE_MS);
    try {
      return await read(events, true);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (hangUp.signal.aborted) throw stalledReply();
      throw error instanceof ProviderError && error.code === PROVIDER_CODES.unavailable
        ? cutReply()
        : error;
    } finally {
      clearTimeout(stalled);
    }
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

/** Reads past the thoughts, which come first and say nothing. */
async function firstWords(events: Events): Promise<ReadChunk> {
  let isEmpty = false;
  for (;;) {
    const said = await read(events, false).catch((error: unknown) => {
      const isEnd = error instanceof ProviderError && error.code === REPLY_CUT;
      throw isEnd && isEmpty ? emptyReply() : error;
    });
    if (said.error) throw said.error;
    if (said.text !== "" || said.ending) return said;
    isEmpty = !said.hasCandidate;
  }
}

/** The next event, as far as it concerns us. */
async function read(events: Events, hadText: boolean): Promise<ReadChunk> {
  const event = await events.next().catch((error: unknown) => {
    throw error instanceof EventTooLarge ? malformedReply() : error;
  });
  if (event.done === true) throw cutReply();
  const { value } = event;
  if (value.data === undefined) throw errorInside(json(value.rest)) ?? cutReply();
  return readChunk(json(value.data), hadText);
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
