import type { Language } from "../../platform/graphql/context.ts";

/** One message of a conversation, as an assistant is told it. */
export interface AssistantMessage {
  readonly role: "USER" | "ASSISTANT";
  readonly text: string;
}

/** A piece of a reply, or how the reply ended. A stream that breaks off without an ending is no finished reply. */
export type AssistantPart =
  { readonly text: string } | { readonly ending: "COMPLETE" | "LENGTH"; readonly text?: undefined };

/** Somebody to talk to. Every method throws ProviderError. */
export interface Assistant {
  /** Streams the reply to the last message, which is the user's. Ends at once when the signal aborts. */
  reply(request: {
    /** Oldest first. */
    messages: readonly AssistantMessage[];
    /** What was said before the messages; null when they are everything. */
    summary: string | null;
    language: Language;
    signal: AbortSignal;
  }): AsyncIterable<AssistantPart>;
  /** Sums messages up, together with what an earlier summary says. */
  summarize(request: {
    messages: readonly AssistantMessage[];
    summary: string | null;
    signal: AbortSignal;
  }): Promise<string>;
  /** A few words that name a conversation by its first exchange. */
  title(request: { question: string; answer: string; signal: AbortSignal }): Promise<string>;
}
