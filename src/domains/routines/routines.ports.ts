import type { Language } from "../../platform/graphql/context.ts";
import type { ConcernSeverity, SkinConcern } from "../catalog/index.ts";
import type { ChoiceGap, DayHalf, RoutineStepKind } from "./routines.vocabulary.ts";

/** A step of a chosen routine, as somebody who words it has to know it. */
export interface StepToWord {
  readonly half: DayHalf;
  readonly kind: RoutineStepKind;
  /** Null when the shop has nothing for it. */
  readonly productName: string | null;
  readonly helpsWith: readonly SkinConcern[];
  readonly actives: readonly string[];
  /** Why there is no product. */
  readonly gap: ChoiceGap | null;
}

export interface RoutineToWord {
  readonly skinType: string | null;
  readonly concerns: readonly {
    readonly concern: SkinConcern;
    readonly severity: ConcernSeverity;
  }[];
  readonly steps: readonly StepToWord[];
  readonly language: Language;
}

export interface RoutineWords {
  readonly summary: string;
  /** One per step, in the order of the steps. */
  readonly instructions: readonly string[];
  readonly tips: readonly string[];
}

/** Words a routine that was chosen. Throws ProviderError. */
export interface RoutineWriter {
  write(
    routine: RoutineToWord & {
      /** A pseudonym of the user. */
      readonly userHash: string;
      readonly signal: AbortSignal;
    },
  ): Promise<RoutineWords>;
}
