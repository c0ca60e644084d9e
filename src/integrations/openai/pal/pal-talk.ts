/** One message of a conversation. */
export interface PalMessage {
  readonly role: "USER" | "ASSISTANT";
  readonly text: string;
}

/** What one analysis found. */
export interface PalAnalysis {
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
}

/** What somebody wants to reach. */
export interface PalGoal {
  readonly title: string;
  readonly metric: string;
  readonly baseline: number;
  readonly target: number;
  /** As it was last measured. */
  readonly value: number;
  /** YYYY-MM-DD. */
  readonly deadline: string;
}

/** What is known of a person's skin. */
export interface PalBackground {
  /** The newest first; empty when nothing was analysed yet. */
  readonly analyses: readonly PalAnalysis[];
  /** The open ones. */
  readonly goals: readonly PalGoal[];
}

interface PalCall {
  /** A stable pseudonym; never a name, an address or our own user id. */
  readonly userHash: string;
  readonly signal: AbortSignal;
}

/** What is to be answered. */
export interface PalRequest extends PalCall {
  /** Oldest first; the last one is the user's. */
  readonly messages: readonly PalMessage[];
  /** What was said before the messages. */
  readonly summary: string | null;
  readonly language: "EN" | "KH";
  /** Null when nothing can be known. */
  readonly background: PalBackground | null;
}

/** A piece of a reply, or how the reply ended. */
export type PalPart =
  { readonly text: string } | { readonly ending: "COMPLETE" | "LENGTH"; readonly text?: undefined };

/** What is to be summed up. */
export interface PalSummaryRequest extends PalCall {
  readonly messages: readonly PalMessage[];
  readonly summary: string | null;
}

/** What is to be named. */
export interface PalTitleRequest extends PalCall {
  readonly question: string;
  readonly answer: string;
}
