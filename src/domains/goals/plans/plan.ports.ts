import type { Language } from "../../../platform/graphql/context.ts";
import type { Metric, Metrics } from "../../analyses/index.ts";

/** A goal as a writer proposes it. Where it begins is what was measured. */
export interface GoalProposal {
  readonly title: string;
  readonly description: string;
  readonly targetMetric: Metric;
  /** 0 to 100. */
  readonly target: number;
  /** From today to the deadline. */
  readonly weeks: number;
  readonly milestones: readonly { readonly percentage: number; readonly title: string }[];
}

/** Proposes goals from a reading. Throws ProviderError. */
export interface GoalWriter {
  propose(request: {
    metrics: Metrics;
    /** Those that may be chosen: measured, with room above them, and without an open goal. */
    choices: readonly Metric[];
    skinType: string | null;
    concerns: readonly { concern: string; severity: string }[];
    count: number;
    language: Language;
    userHash: string;
    signal: AbortSignal;
  }): Promise<GoalProposal[]>;
}
