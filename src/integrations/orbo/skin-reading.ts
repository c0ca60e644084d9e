/** The ten metrics in the order in which they are shown. */
export const METRICS = [
  "overallSkinHealthScore",
  "hydration",
  "smoothness",
  "radiance",
  "darkSpots",
  "firmness",
  "fineLinesWrinkles",
  "acne",
  "darkCircles",
  "redness",
] as const;

export type SkinMetric = (typeof METRICS)[number];
/** 0 to 100, 100 is best, null is not measured. */
export type SkinMetrics = Record<SkinMetric, number | null>;

export type SkinTypeName = "OILY" | "DRY" | "COMBINATION" | "SENSITIVE" | "NORMAL" | "ACNE";
/** Classes of the individual typology angle. */
export type SkinTone = "VERY_LIGHT" | "LIGHT" | "INTERMEDIATE" | "TAN" | "BROWN" | "DARK";
export type ConcernName =
  | "DRYNESS"
  | "TEXTURE"
  | "DULLNESS"
  | "DARK_SPOTS"
  | "LOSS_OF_FIRMNESS"
  | "FINE_LINES"
  | "ACNE"
  | "DARK_CIRCLES"
  | "REDNESS"
  | "OILINESS";
export type Severity = "MILD" | "MODERATE" | "SEVERE";
export type FaceArea = "FOREHEAD" | "LEFT_CHEEK" | "RIGHT_CHEEK" | "NOSE" | "CHIN" | "UNDER_EYES";

export interface SkinConcern {
  concern: ConcernName;
  severity: Severity;
  /** 0 to 1. */
  confidence: number;
  affectedAreas: FaceArea[];
}

export interface AcneDetail {
  kind: "INFLAMMATORY" | "COMEDONAL" | "POST_ACNE_MARKS";
  severity: "NONE" | Severity;
  count: number | null;
  areas: FaceArea[];
}

export interface SkinAnnotation {
  /** What the picture marks, in the provider's own word. */
  concern: string;
  image: Uint8Array;
  contentType: string;
}

/** What an analyser read from one picture. */
export interface SkinReading {
  provider: string;
  /** Changes whenever the same raw scores would give other metrics. */
  mappingVersion: string;
  metrics: SkinMetrics;
  rawScores: Record<string, number>;
  skinType: { type: SkinTypeName; confidence: number } | null;
  skinTone: SkinTone | null;
  concerns: SkinConcern[];
  /** Only for focus ACNE. */
  acneDetail: AcneDetail[] | null;
  annotations: SkinAnnotation[];
}

export interface SkinAnalysisRequest {
  /** A clean JPEG: upright, no metadata. */
  image: Uint8Array;
  focus: "GENERAL" | "ACNE";
  /** The provider's session of an earlier attempt, which is resumed instead of paying again. */
  session: string | null;
  /** Awaited before the picture is uploaded. */
  saveSession(session: string): Promise<void>;
  /** 0 to 1, never falling. */
  onProgress(fraction: number): void;
  signal: AbortSignal;
}
