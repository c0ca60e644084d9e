import type { Language } from "../../platform/graphql/context.ts";

/** A step of a chosen routine, as somebody who words it has to know it. */
export interface StepToWord {
  readonly half: "MORNING" | "EVENING";
  readonly kind: string;
  /** Null when the shop has nothing for it. */
  readonly productName: string | null;
  readonly helpsWith: readonly string[];
  readonly actives: readonly string[];
  /** Why there is no product. */
  readonly gap: string | null;
}

export interface RoutineToWord {
  readonly skinType: string | null;
  readonly concerns: readonly { readonly concern: string; readonly severity: string }[];
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
