/** One message of a conversation. */
export interface TalkMessage {
  readonly role: "USER" | "ASSISTANT";
  readonly text: string;
}

/** What is to be answered. */
export interface TalkRequest {
  /** Oldest first; the last one is the user's. */
  readonly messages: readonly TalkMessage[];
  /** What was said before the messages. */
  readonly summary: string | null;
  readonly language: "EN" | "KH";
  readonly signal: AbortSignal;
}

/** A piece of a reply, or how the reply ended. */
export type TalkPart =
  { readonly text: string } | { readonly ending: "COMPLETE" | "LENGTH"; readonly text?: undefined };

/** What is to be summed up. */
export interface SummaryRequest {
  readonly messages: readonly TalkMessage[];
  readonly summary: string | null;
  readonly signal: AbortSignal;
}

/** What is to be named. */
export interface TitleRequest {
  readonly question: string;
  readonly answer: string;
  readonly signal: AbortSignal;
}
