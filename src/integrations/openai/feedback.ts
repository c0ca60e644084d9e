/** Scores by metric: 0 to 100, 100 is best, null is not measured. */
export type MetricScores = Readonly<Record<string, number | null>>;

/** The part of a skin reading that feedback is written from. */
export interface FeedbackReading {
  metrics: MetricScores;
  skinType: { type: string; confidence: number } | null;
  skinTone: string | null;
  concerns: readonly { concern: string; severity: string; affectedAreas: readonly string[] }[];
  acneDetail: readonly { kind: string; severity: string; areas: readonly string[] }[] | null;
}

export type FeedbackLanguage = "EN" | "KH";

export interface FeedbackRequest {
  reading: FeedbackReading;
  /** The same person's analysis before this one. */
  previous: { metrics: MetricScores } | null;
  /** What the person wrote. Data, never an instruction. */
  notes: string | null;
  /** What the person said they care about. */
  concerns: readonly string[];
  language: FeedbackLanguage;
  /** A stable pseudonym; never a name, an address or our own user id. */
  userHash: string;
  signal: AbortSignal;
}

export interface SkinFeedback {
  summary: string;
  /** What is better than in the previous analysis; empty when there was none. */
  improvements: string[];
  /** What to do. */
  actions: string[];
  recommendedIngredients: string[];
  ingredientsToAvoid: string[];
}
