import type { Stub, StubAnswer, StubRequest } from "./serve.ts";
import { AskedBefore, spoken } from "./spoken.ts";

/** Gemini's generateContent API, streamed and not. Answers a prompt with its own words, or as it is asked to. */
export function geminiStub(): Stub {
  const asked = new AskedBefore();
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

function streamed(request: StubRequest, asked: AskedBefore): StubAnswer {
  if (request.query["alt"] !== "sse") return { ...error(400), body: [geminiChunk("no", "STOP")] };
  const prompt = lastText(request);
  const wish = asked.wishOf(prompt);
  if (wish.status !== undefined) return error(wish.status);
  const body = () =>
    spoken(prompt, wish, {
      word: (word) => geminiStream(geminiChunk(word)),
      end: () => (wish.finish === null ? "" : geminiStream(geminiChunk("", wish.finish ?? "STOP"))),
    });
  return { status: 200, headers: { "content-type": "text/event-stream" }, body };
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
