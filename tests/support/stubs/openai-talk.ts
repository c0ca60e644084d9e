import { openAiResponse } from "./openai.ts";
import type { StubAnswer } from "./serve.ts";
import { spoken, type AskedBefore } from "./spoken.ts";

type Event = Readonly<Record<string, unknown>> & { readonly type: string };

const STATUS_ERRORS: Record<number, [type: string, code: string | null]> = {
  401: ["invalid_request_error", "invalid_api_key"],
  404: ["invalid_request_error", "model_not_found"],
  429: ["requests", "rate_limit_exceeded"],
};

/** Events of the Responses API. `at` numbers them. */
export const openAiEvents = {
  start: (): Event[] => [
    {
      type: "response.created",
      response: openAiResponse({ status: "in_progress" }),
    },
    {
      type: "response.output_item.added",
      output_index: 0,
      item: { id: "msg_1", type: "message", role: "assistant", status: "in_progress", content: [] },
    },
    {
      type: "response.content_part.added",
      item_id: "msg_1",
      output_index: 0,
      content_index: 0,
      part: { type: "output_text", text: "", annotations: [] },
    },
  ],
  delta: (delta: string): Event => ({
    type: "response.output_text.delta",
    item_id: "msg_1",
    output_index: 0,
    content_index: 0,
    delta,
    logprobs: [],
  }),
  done: (text: string): Event => ({
    type: "response.output_text.done",
    item_id: "msg_1",
    output_index: 0,
    content_index: 0,
    text,
    logprobs: [],
  }),
  end: (options: Parameters<typeof openAiResponse>[0] = {}): Event => ({
    type: `response.${options.status ?? "completed"}`,
    response: openAiResponse(options),
  }),
};

/** Events as they go over the wire. */
export const openAiStream = (...events: Event[]): string =>
  events
    .map((event, index) => {
      const data = JSON.stringify({ sequence_number: index, ...event });
      return `event: ${event.type}\ndata: ${data}\n\n`;
    })
    .join("");

/** A conversation's next reply, streamed or whole; null for input that the API refuses. */
export function openAiTalk(json: any, asked: AskedBefore): StubAnswer | null {
  if (!Array.isArray(json.input) || !json.input.every(isMessage)) return null;
  const prompt = json.input.at(-1).content as string;
  if (!json.stream) {
    return { status: 200, body: openAiResponse({ text: `About ${prompt.length}` }) };
  }
  const wish = asked.wishOf(prompt);
  if (wish.status !== undefined) return refusedWith(wish.status);
  const { finish = "completed" } = wish;
  const body = () =>
    spoken(prompt, wish, {
      start: () => openAiStream(...openAiEvents.start()),
      word: (word) => openAiStream(openAiEvents.delta(word)),
      end: (text) =>
        finish === null
          ? ""
          : openAiStream(openAiEvents.done(text), openAiEvents.end(endOf(finish, text))),
    });
  return { status: 200, headers: { "content-type": "text/event-stream" }, body };
}

/** `finish` is a status, or the reason of an incomplete answer. */
function endOf(finish: string, text: string) {
  if (finish === "completed") return { text };
  if (finish === "failed") return { status: "failed", errorCode: "server_error" };
  return { status: "incomplete", reason: finish, text };
}

function refusedWith(status: number): StubAnswer {
  const [type, code] = STATUS_ERRORS[status] ?? ["server_error", null];
  return { status, body: { error: { message: `Stubbed ${status}`, type, param: null, code } } };
}

const isMessage = ({ role, content }: any): boolean =>
  (role === "user" || role === "assistant") && typeof content === "string" && content !== "";
