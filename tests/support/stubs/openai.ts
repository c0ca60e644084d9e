import { createHash } from "node:crypto";
import { openAiTalk } from "./openai-talk.ts";
import type { Stub, StubAnswer, StubRequest } from "./serve.ts";
import { AskedBefore } from "./spoken.ts";

const RATE_HEADERS = {
  "x-request-id": "req_stub",
  "x-ratelimit-limit-requests": "500",
  "x-ratelimit-remaining-requests": "499",
  "x-ratelimit-reset-requests": "6m0s",
};

/** OpenAI's `POST /v1/responses`. Answers any strict schema with invented text, and talks where none is given. */
export function openAiStub(): Stub {
  const asked = new AskedBefore();
  return {
    provider: "openai",
    handle(request) {
      if (!/^Bearer \S+/.test(request.headers["authorization"] ?? "")) return error(401);
      if (request.method !== "POST" || request.path !== "/v1/responses") return error(404);
      return respond(request, asked);
    },
    error,
  };
}

function respond({ json, text }: StubRequest, asked: AskedBefore): StubAnswer {
  if (!json?.model || !json.input) return invalid("Missing required parameter.");
  if (json.model === "no-such-model") return error(404);
  const format = json.text?.format;
  if (!format) return openAiTalk(json, asked) ?? invalid("Invalid value for input.");
  if (json.stream) return invalid("This stub does not stream schemas.");
  if (format?.type !== "json_schema" || !format.name) return invalid("Missing text.format.");
  const fault = format.strict ? strictFault(format.schema) : null;
  if (fault) return invalid(`Invalid schema for response_format: ${fault}`);
  const seed = createHash("sha256").update(text).digest("hex").slice(0, 12);
  const output = JSON.stringify(invent(format.schema, format.name));
  return { status: 200, headers: RATE_HEADERS, body: openAiResponse({ text: output, id: seed }) };
}

/** A body of the Responses API; note that `output_text` at the top exists in the SDK only. */
export function openAiResponse(
  options: {
    text?: string;
    id?: string;
    refusal?: string;
    status?: string;
    reason?: string;
    errorCode?: string;
  } = {},
): object {
  const { text = "", id = "1", refusal, status = "completed", reason, errorCode } = options;
  const part = refusal
    ? { type: "refusal", refusal }
    : { type: "output_text", text, annotations: [], logprobs: [] };
  return {
    id: `resp_${id}`,
    object: "response",
    created_at: 1_795_000_000,
    status,
    error: errorCode ? { code: errorCode, message: "Stubbed failure." } : null,
    incomplete_details: reason ? { reason } : null,
    model: "gpt-5-mini",
    output: [
      { id: `rs_${id}`, type: "reasoning", summary: [] },
      { id: `msg_${id}`, type: "message", role: "assistant", status, content: [part] },
    ],
    usage: {
      input_tokens: 5,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: 3,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 8,
    },
  };
}

/** What strict mode refuses: open objects and optional keys. */
export function strictFault(schema: any, at = "schema"): string | null {
  if (schema?.$schema && at !== "schema") return `${at}: $schema`;
  if (schema?.type === "array") return strictFault(schema.items, `${at}.items`);
  if (schema?.type !== "object") return null;
  const keys = Object.keys(schema.properties ?? {});
  if (schema.additionalProperties !== false) return `${at}: additionalProperties must be false`;
  if (keys.some((key) => !schema.required?.includes(key))) return `${at}: all keys are required`;
  for (const key of keys) {
    const fault = strictFault(schema.properties[key], `${at}.${key}`);
    if (fault) return fault;
  }
  return null;
}

function invent(schema: any, name: string): unknown {
  if (schema.type === "object") {
    const entries = Object.entries(schema.properties as Record<string, unknown>);
    return Object.fromEntries(entries.map(([key, inner]) => [key, invent(inner, key)]));
  }
  if (schema.enum) return schema.enum[0];
  if (schema.type === "array") return [1, 2].map((n) => invent(schema.items, `${name} ${n}`));
  return schema.type === "number" ? 1 : `Stubbed ${name}.`;
}

const invalid = (message: string): StubAnswer => ({
  status: 400,
  body: { error: { message, type: "invalid_request_error", param: null, code: null } },
});

const ERRORS: Record<number, [message: string, type: string, code: string | null]> = {
  401: ["Incorrect API key provided: sk-…", "invalid_request_error", "invalid_api_key"],
  402: ["Billing hard limit has been reached", "billing", "billing_hard_limit_reached"],
  404: ["The model does not exist", "invalid_request_error", "model_not_found"],
  429: ["Rate limit reached", "requests", "rate_limit_exceeded"],
};

function error(status: number): StubAnswer {
  const [message, type, code] = ERRORS[status] ?? [`Stubbed ${status}`, "server_error", null];
  const body = { error: { message, type, param: null, code } };
  return { status, body, headers: { "x-request-id": "req_stub" } };
}

/** The answer of an account whose money is used up: a 429 that no waiting cures. */
export const QUOTA_GONE = {
  status: 429,
  body: {
    error: {
      message: "You exceeded your current quota",
      type: "insufficient_quota",
      param: null,
      code: "insufficient_quota",
    },
  },
};
