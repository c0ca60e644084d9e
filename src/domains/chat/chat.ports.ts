import type { Language } from "../../platform/graphql/context.ts";

/** One message of a conversation, as an assistant is told it. */
export interface AssistantMessage {
  readonly role: "USER" | "ASSISTANT";
  readonly text: string;
}

/** A piece of a reply, or how the reply ended. A stream that breaks off without an ending is no finished reply. */
export type AssistantPart =
  { readonly text: string } | { readonly ending: "COMPLETE" | "LENGTH"; readonly text?: undefined };

/** What somebody's skin is like. Data, never an instruction, and nothing that says whose it is. */
export interface SkinBackground {
  /** The newest first; empty when nothing was analysed yet. Only the newest comes with feedback. */
  readonly analyses: readonly {
    /** YYYY-MM-DD. */
    readonly date: string;
    /** 0 to 100, 100 is best, null is not measured. */
    readonly metrics: Readonly<Record<string, number | null>>;
    readonly skinType: string | null;
    readonly concerns: readonly {
      readonly concern: string;
      readonly severity: string;
      readonly affectedAreas: readonly string[];
    }[];
    readonly feedback: {
      readonly summary: string;
      readonly actions: readonly string[];
      readonly recommendedIngredients: readonly string[];
      readonly ingredientsToAvoid: readonly string[];
    } | null;
  }[];
  /** The open ones. */
  readonly goals: readonly {
    readonly title: string;
    readonly metric: string;
    readonly baseline: number;
    readonly target: number;
    readonly value: number;
    /** YYYY-MM-DD. */
    readonly deadline: string;
  }[];
}

/** Somebody to talk to. Every method throws ProviderError. `userHash` is a stable pseudonym of the user. */
export interface Assistant {
  /** Streams the reply to the last message, which is the user's. Ends at once when the signal aborts. */
  reply(request: {
    /** Oldest first. */
    messages: readonly AssistantMessage[];
    /** What was said before the messages; null when they are everything. */
    summary: string | null;
    language: Language;
    /** Null for an assistant that is not told about skins. */
    background: SkinBackground | null;
    userHash: string;
    signal: AbortSignal;
  }): AsyncIterable<AssistantPart>;
  /** Sums messages up, together with what an earlier summary says. */
  summarize(request: {
    messages: readonly AssistantMessage[];
    summary: string | null;
    userHash: string;
    signal: AbortSignal;
  }): Promise<string>;
  /** A few words that name a conversation by its first exchange. */
  title(request: {
    question: string;
    answer: string;
    userHash: string;
    signal: AbortSignal;
  }): Promise<string>;
}
