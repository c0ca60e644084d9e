import type { CareMetric } from "./local/care-rules.ts";

/** A metric that a goal can be about. */
export type GoalMetric = CareMetric | "overallSkinHealthScore";

export interface GoalRequest {
  /** Scores by metric: 0 to 100, 100 is best, null is not measured. */
  metrics: Readonly<Record<string, number | null>>;
  /** Those that may be chosen. */
  choices: readonly GoalMetric[];
  skinType: string | null;
  concerns: readonly { concern: string; severity: string }[];
  /** At most so many goals, from 1. */
  count: number;
  language: "EN" | "KH";
  /** A stable pseudonym; never a name, an address or our own user id. */
  userHash: string;
  signal: AbortSignal;
}

export interface ProposedGoal {
  title: string;
  description: string;
  targetMetric: GoalMetric;
  /** 0 to 100. */
  target: number;
  weeks: number;
  milestones: { percentage: number; title: string }[];
}
