import { strictFault } from "./openai.ts";
import type { Stub, StubAnswer, StubRequest } from "./serve.ts";

const PAGES = [
  { title: "Calm Barrier Cream", url: "https://shop.example/p/calm-barrier-cream" },
  { title: "Hydra Serum", url: "https://www.derma.example/hydra-serum?size=30" },
];

/** Perplexity's Agent API: `POST /v1/agent` and its alias `/v1/responses`. */
export function perplexityStub(): Stub {
  return {
    provider: "perplexity",
    handle(request) {
      if (!/^Bearer \S+/.test(request.headers["authorization"] ?? "")) return error(401);
      const known = request.path === "/v1/agent" || request.path === "/v1/responses";
      if (request.method !== "POST" || !known) return error(404);
      return respond(request);
    },
    error,
  };
}

function respond({ json }: StubRequest): StubAnswer {
  const engine = json?.model ?? json?.models ?? json?.preset;
  if (!json?.input || !engine) return error(422);
  const fault = strictFault(json.response_format?.json_schema?.schema);
  if (fault) return error(400);
  const finds = PAGES.map((page) => ({ ...page, price: "$12.90", why: "It suits dry skin." }));
  return { status: 200, body: perplexityAnswer({ finds, pages: PAGES }) };
}

/** An answer of the Agent API. A failure comes with HTTP status 200 and no text. */
export function perplexityAnswer(options: {
  finds?: object[];
  text?: string;
  pages?: { title: string; url: string }[] | null;
  status?: string;
  error?: object;
}): object {
  const { finds = [], pages = [], status = "completed", error: fault } = options;
  const text = options.text ?? JSON.stringify({ finds });
  const search = pages && {
    type: "search_results",
    queries: ["skincare"],
    results: pages.map((page, index) => ({ id: index + 1, snippet: "", source: "web", ...page })),
  };
  const message = {
    type: "message",
    id: "msg_1",
    role: "assistant",
    status,
    content: [{ type: "output_text", text: fault ? "" : text, annotations: [] }],
  };
  return {
    id: "resp_1",
    object: "response",
    created_at: 1_795_000_000,
    status,
    ...(fault && { error: fault }),
    model: "perplexity/sonar",
    output: [...(search ? [search] : []), { type: "fetch_url_results", contents: [] }, message],
    usage: { input_tokens: 5, output_tokens: 3, total_tokens: 8 },
  };
}

/** Error codes are numbers here, unlike at OpenAI. */
function error(status: number): StubAnswer {
  const type = status === 401 ? "invalid_api_key" : "error";
  return { status, body: { error: { message: `Stubbed ${status}`, type, code: status } } };
}
