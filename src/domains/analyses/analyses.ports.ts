import type {
  AcneKind,
  AcneSeverity,
  AnalysisFocus,
  FaceArea,
  Metrics,
  Severity,
  SkinTone,
} from "./analyses.vocabulary.ts";
import type { SkinConcern, SkinType } from "../catalog/index.ts";
import type { Language } from "../../platform/graphql/context.ts";

/** What an analyser reads from a picture. */
export interface SkinReading {
  readonly provider: string;
  /** Changes whenever the same raw scores would give other metrics. */
  readonly mappingVersion: string;
  readonly metrics: Metrics;
  readonly rawScores: Readonly<Record<string, number>>;
  readonly skinType: { readonly type: SkinType; readonly confidence: number } | null;
  readonly skinTone: SkinTone | null;
  readonly concerns: readonly FoundConcern[];
  readonly acneDetail: readonly AcneFinding[] | null;
  readonly annotations: readonly {
    readonly concern: string;
    readonly image: Uint8Array;
    readonly contentType: string;
  }[];
}

export interface FoundConcern {
  readonly concern: SkinConcern;
  readonly severity: Severity;
  /** 0 to 1. */
  readonly confidence: number;
  readonly affectedAreas: readonly FaceArea[];
}

export interface AcneFinding {
  readonly kind: AcneKind;
  readonly severity: AcneSeverity;
  readonly count: number | null;
  readonly areas: readonly FaceArea[];
}

/** Reads skin from a picture. Throws ProviderError; `refused_input` when the picture will not do. */
export interface SkinAnalyzer {
  analyze(request: {
    /** A clean JPEG: upright, no metadata. */
    image: Uint8Array;
    focus: AnalysisFocus;
    /** The provider's session of an earlier attempt, resumed instead of paid again. */
    session: string | null;
    saveSession(session: string): Promise<void>;
    onProgress(fraction: number): void;
    signal: AbortSignal;
  }): Promise<SkinReading>;
}

export interface SkinFeedback {
  readonly summary: string;
  readonly improvements: readonly string[];
  readonly actions: readonly string[];
  readonly recommendedIngredients: readonly string[];
  readonly ingredientsToAvoid: readonly string[];
}

/** Writes advice from a reading. */
export interface FeedbackWriter {
  write(request: {
    reading: SkinReading;
    previous: { metrics: Metrics } | null;
    notes: string | null;
    concerns: readonly string[];
    language: Language;
    userHash: string;
    signal: AbortSignal;
  }): Promise<SkinFeedback>;
}

export interface WebFind {
  readonly title: string;
  readonly url: string;
  readonly price: string | null;
  readonly why: string;
}

/** Finds products on the web. */
export interface ProductFinder {
  find(request: {
    skinType: string | null;
    concerns: readonly string[];
    language: Language;
    signal: AbortSignal;
  }): Promise<{ finds: WebFind[]; grounded: boolean; reason?: string }>;
}
