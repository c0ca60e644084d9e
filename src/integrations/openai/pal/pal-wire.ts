import { z } from "zod";
import type { StreamEvent } from "../../../platform/http/event-stream.ts";
import type { LiveReader, LiveSaid } from "../../../platform/http/live-text.ts";
import type { ProviderError } from "../../../platform/resilience/provider-error.ts";
import {
  cutReply,
  declined,
  emptyReply,
  failedInside,
  malformedReply,
  tooLong,
  unfinished,
} from "./pal-errors.ts";

const part = z.object({ type: z.string(), text: z.string().optional() });
const responseBody = z.object({
  status: z.string(),
  error: z.object({ code: z.string().nullish() }).nullish(),
  incomplete_details: z.object({ reason: z.string().nullish() }).nullish(),
  output: z.array(z.object({ type: z.string(), content: z.array(part).nullish() })).nullish(),
});
const named = z.looseObject({ type: z.string() });
const deltaEvent = z.object({ delta: z.string() });
const endEvent = z.object({ response: responseBody });
/** Some gateways put what is wrong one level deeper. */
const errorEvent = z.object({
  code: z.string().nullish(),
  error: z.object({ code: z.string().nullish() }).nullish(),
});

const ENDINGS = new Set(["response.completed", "response.incomplete", "response.failed"]);

/** A whole answer, or how a stream ended. @param hadText whether text of it was streamed before */
export function readResponse(body: unknown, hadText: boolean): LiveSaid {
  const parsed = responseBody.safeParse(body);
  if (!parsed.success) return failed(malformedReply());
  const { status, error, incomplete_details: incomplete, output } = parsed.data;
  const parts = (output ?? []).flatMap(({ type, content }) =>
    type === "message" ? (content ?? []) : [],
  );
  if (parts.some(({ type }) => type === "refusal")) return failed(declined(hadText));
  const whole = parts
    .map(({ type, text }) => (type === "output_text" ? (text ?? "") : ""))
    .join("");
  const text = hadText ? "" : whole;
  const saysSomething = hadText || whole !== "";
  if (status === "completed") {
    return saysSomething ? { text, ending: "COMPLETE", error: null } : failed(emptyReply());
  }
  if (status === "failed") return failed(failedInside(error?.code, hadText));
  if (status !== "incomplete") return failed(malformedReply());
  if (incomplete?.reason === "content_filter") return failed(declined(saysSomething));
  if (incomplete?.reason !== "max_output_tokens") return failed(unfinished());
  return saysSomething ? { text, ending: "LENGTH", error: null } : failed(tooLong());
}

/** Reads the events of one answer. Those that say nothing to a reader, also unknown ones, are passed over. */
export class ResponseReader implements LiveReader {
  private hadText = false;

  read(event: StreamEvent): LiveSaid {
    if (event.data === undefined) return failed(strayError(event.rest) ?? cutReply());
    const said = this.said(json(event.data));
    this.hadText ||= said.text !== "";
    return said;
  }

  cut(): ProviderError {
    return cutReply();
  }

  private said(body: unknown): LiveSaid {
    const event = named.safeParse(body);
    if (!event.success) return failed(malformedReply());
    const { type } = event.data;
    if (type === "response.output_text.delta") {
      const delta = deltaEvent.safeParse(body);
      return delta.success ? saying(delta.data.delta) : failed(malformedReply());
    }
    if (type.startsWith("response.refusal.")) return failed(declined(this.hadText));
    if (type === "error") {
      const { code, error } = errorEvent.safeParse(body).data ?? {};
      return failed(failedInside(code ?? error?.code, this.hadText));
    }
    if (!ENDINGS.has(type)) return saying("");
    const end = endEvent.safeParse(body);
    return end.success ? readResponse(end.data.response, this.hadText) : failed(malformedReply());
  }
}

const saying = (text: string): LiveSaid => ({ text, ending: null, error: null });
const failed = (error: ProviderError): LiveSaid => ({ text: "", ending: null, error });

/** An error that stands in the stream without being an event. */
function strayError(text: string): ProviderError | null {
  const parsed = z
    .object({ error: z.object({ code: z.string().nullish() }) })
    .safeParse(json(text));
  return parsed.success ? failedInside(parsed.data.error.code, false) : null;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
