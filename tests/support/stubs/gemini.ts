import { setTimeout as pause } from "node:timers/promises";
import type { Stub, StubAnswer, StubRequest } from "./serve.ts";

/** What a prompt may ask the stub to do: `stub {"words":40,"paceMs":5}` anywhere in the user's last message. */
interface Wish {
  /** Says so many words of its own. */
  words?: number | undefined;
  /** Pause before the first word, and between two words. */
  firstMs?: number | undefined;
  paceMs?: number | undefined;
  /** How it finishes; STOP unless told, null: the stream ends without a finish reason. */
  finish?: string | null | undefined;
  /** Breaks the connection after so many words. */
  cutAfter?: number | undefined;
  /** The wish holds for so many requests with this message; later ones are answered in full. Default: all. */
  times?: number | undefined;
  /** Answers with this status. */
  status?: number | undefined;
}

const STRANGE = ["😀", "សួស្តី", "naïve", "👩‍👩‍👧", "plain"];

/** Gemini's generateContent API, streamed and not. Answers a prompt with its own words, or as it is asked to. */
export function geminiStub(): Stub {
  const asked = new Map<string, number>();
  return {
    provider: "gemini",
    handle(request) {
      if (!request.headers["x-goog-api-key"]) return error(403);
      if (request.headers["x-goog-api-key"] === "wrong") return BAD_KEY;
      const [, model, method] = /^\/v1beta\/models\/([^:]+):(\w+)$/.exec(request.path) ?? [];
      if (request.method !== "POST" || !model || model === "no-such-model") return error(404);
      const fault = faultOf(request);
      if (fault) return { ...error(400), body: { error: { code: 400, message: fault } } };
      if (method === "streamGenerateContent") return streamed(request, asked);
      if (method !== "generateContent") return error(404);
      return { status: 200, body: geminiChunk(`About ${lastText(request).length}`, "STOP") };
    },
    error,
  };
}

/** One chunk of an answer, which is also a whole answer. */
export function geminiChunk(text: string, finishReason?: string | null, thought?: boolean): object {
  return {
    candidates: [
      {
        content: { role: "model", parts: [{ text, ...(thought && { thought }) }] },
        ...(finishReason && { finishReason, safetyRatings: [] }),
        index: 0,
      },
    ],
    usageMetadata: { promptTokenCount: 4, totalTokenCount: 6 },
    modelVersion: "gemini-3.8-flash",
    responseId: "r1",
  };
}

/** Chunks as they go over the wire. */
export const geminiStream = (...chunks: unknown[]): string =>
  chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\r\n\r\n`).join("");

/** The answer to a key that nobody has: a 400. */
export const BAD_KEY: StubAnswer = {
  status: 400,
  body: {
    error: {
      code: 400,
      message: "API key not valid. Please pass a valid API key.",
      status: "INVALID_ARGUMENT",
      details: [
        {
          "@type": "type.googleapis.com/google.rpc.ErrorInfo",
          reason: "API_KEY_INVALID",
          domain: "googleapis.com",
        },
      ],
    },
  },
};

function streamed(request: StubRequest, asked: Map<string, number>): StubAnswer {
  if (request.query["alt"] !== "sse") return { ...error(400), body: [geminiChunk("no", "STOP")] };
  const prompt = lastText(request);
  const count = (asked.get(prompt) ?? 0) + 1;
  asked.set(prompt, count);
  const written = /stub (\{.*\})/.exec(prompt)?.[1];
  const told = written === undefined ? {} : (JSON.parse(written) as Wish);
  const { words, paceMs } = told;
  const wish: Wish = count > (told.times ?? Infinity) ? { words, paceMs } : told;
  if (wish.status !== undefined) return error(wish.status);
  const headers = { "content-type": "text/event-stream" };
  return { status: 200, headers, body: () => say(prompt, wish) };
}

async function* say(prompt: string, wish: Wish): AsyncGenerator<Buffer | "cut"> {
  const said =
    wish.words === undefined
      ? `You said: ${prompt}`.match(/\s*\S+/g)!
      : Array.from({ length: wish.words }, (_, index) =>
          index % 7 === 3 ? ` ${STRANGE[index % STRANGE.length]}` : ` word${index}`,
        );
  if (wish.firstMs) await pause(wish.firstMs, undefined, { ref: false });
  for (const [index, word] of said.entries()) {
    if (index === wish.cutAfter) return yield "cut";
    if (index > 0 && wish.paceMs) {
      await pause(wish.paceMs, undefined, { ref: false });
    }
    yield Buffer.from(geminiStream(geminiChunk(word)));
  }
  if (wish.finish !== null) {
    yield Buffer.from(geminiStream(geminiChunk("", wish.finish ?? "STOP")));
  }
}

function faultOf({ json }: StubRequest): string | null {
  const contents = json?.contents;
  if (!Array.isArray(contents) || contents.length === 0) return "contents is not specified";
  if (contents[0].role !== "user") return "the first turn is the user's";
  const turns = contents.map(({ role }: { role: string }) => role);
  if (turns.some((role, index) => role === turns[index + 1])) return "turns must alternate";
  if (turns.some((role) => role !== "user" && role !== "model")) return "invalid role";
  return null;
}

const lastText = ({ json }: StubRequest): string =>
  json.contents.at(-1).parts.at(-1).text as string;

const STATUSES: Record<number, string> = {
  400: "INVALID_ARGUMENT",
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  429: "RESOURCE_EXHAUSTED",
  500: "INTERNAL",
  503: "UNAVAILABLE",
  504: "DEADLINE_EXCEEDED",
};

function error(status: number): StubAnswer {
  const body = { error: { code: status, message: `Stubbed ${status}`, status: STATUSES[status] } };
  return { status, body };
}
