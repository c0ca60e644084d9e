import { CONCERN_NAMES, type CatalogService, type SkinConcern } from "../catalog/index.ts";
import type { SkinFeedback, SkinReading } from "./analyses.ports.ts";
import type { ProductPriority, Severity } from "./analyses.vocabulary.ts";
import type { StoredRecommendation } from "./analysis.document.ts";
import type { AnalysisInput } from "./analysis.input.ts";

const MOST = 8;
const HIGH_SCORE = 0.66;
const MEDIUM_SCORE = 0.33;

/** Products of the catalogue for what was found and for what the user cares about, best first. */
export async function recommend(
  catalog: CatalogService,
  reading: Pick<SkinReading, "concerns" | "skinType">,
  input: Pick<AnalysisInput, "concerns" | "language">,
  feedback: SkinFeedback | null,
): Promise<StoredRecommendation[]> {
  const wanted = new Map<SkinConcern, Severity>();
  for (const concern of input.concerns) wanted.set(concern, "MILD");
  for (const { concern, severity } of reading.concerns) wanted.set(concern, severity);
  const found = await catalog.recommendFor({
    concerns: [...wanted].map(([concern, severity]) => ({ concern, severity })),
    skinType: reading.skinType?.type ?? null,
    ingredientsToAvoid: feedback?.ingredientsToAvoid ?? [],
    limit: MOST,
  });
  return found.map(({ productId, score, matchedConcerns }) => ({
    productId,
    reason: reasonFor(matchedConcerns, input.language),
    priority: priorityOf(score),
  }));
}

const priorityOf = (score: number): ProductPriority =>
  score >= HIGH_SCORE ? "HIGH" : score >= MEDIUM_SCORE ? "MEDIUM" : "LOW";

function reasonFor(concerns: readonly SkinConcern[], language: "EN" | "KH"): string {
  if (concerns.length === 0) return language === "KH" ? "សមនឹងស្បែករបស់អ្នក" : "Fits your skin type.";
  const words = concerns.map((concern) => CONCERN_NAMES[concern][language].toLowerCase());
  return language === "KH" ? `ជួយដល់៖ ${words.join(", ")}` : `Helps with ${words.join(", ")}.`;
}
