import type { AnalysisPart, ProductPriority } from "./analyses.vocabulary.ts";
import type { SkinFeedback, SkinReading, WebFind } from "./analyses.ports.ts";

/** Changes whenever documents of an older form have to be read differently. */
export const DOCUMENT_VERSION = 1;

export interface StoredAnnotation {
  readonly concern: string;
  readonly key: string;
}

export interface StoredRecommendation {
  readonly productId: string;
  readonly reason: string;
  readonly priority: ProductPriority;
}

export interface AnalysisWarning {
  readonly part: AnalysisPart;
  /** SCREAMING_SNAKE. */
  readonly code: string;
  readonly message: string;
}

/** A document of `skin_analyses`; its id is the job's. Filled stage by stage, so that a later attempt pays for nothing twice. */
export interface AnalysisDocument {
  readonly _id: string;
  /** Whose it was when it was made. Whose it is says the job's row: a guest's may have become an account's. */
  readonly userId: string;
  readonly documentVersion: number;
  readonly createdAt: Date;
  readonly selfieKey: string;
  readonly reading: Omit<SkinReading, "annotations"> | null;
  readonly annotations: readonly StoredAnnotation[];
  readonly feedback: SkinFeedback | null;
  readonly recommendedProducts: readonly StoredRecommendation[] | null;
  readonly webFinds: readonly WebFind[] | null;
  readonly warnings: readonly AnalysisWarning[];
}
