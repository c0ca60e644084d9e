import {
  METRICS,
  type AcneDetail,
  type ConcernName,
  type FaceArea,
  type Severity,
  type SkinConcern,
  type SkinMetric,
  type SkinMetrics,
} from "./skin-reading.ts";

/** One measured concern in ORBO's words. */
export interface OrboScore {
  concern: string;
  /** 0 to 100. */
  score: number;
  /** 1 low, 2 medium, 3 high; absent in some answers. */
  riskLevel?: number | null | undefined;
}

/** Change it together with the table: stored readings name the version that made them. */
export const ORBO_MAPPING_VERSION = "orbo-2";

interface Row {
  metric: SkinMetric | null;
  concern: ConcernName | null;
  /** ORBO's names; the first that was measured counts. */
  from: readonly string[];
  /** False would turn the score round. ORBO scores 100 as best throughout. */
  highIsGood: boolean;
  areas: readonly FaceArea[];
}

const row = (
  metric: SkinMetric | null,
  concern: ConcernName | null,
  from: string[],
  areas: FaceArea[] = [],
): Row => ({ metric, concern, from, highIsGood: true, areas });

/** The whole translation: which of ORBO's scores feeds which of our metrics and concerns. */
const TABLE: readonly Row[] = [
  row("overallSkinHealthScore", null, ["skin_health"]),
  row("hydration", "DRYNESS", ["hydration"]),
  row("smoothness", "TEXTURE", ["smoothness"]),
  row("radiance", "DULLNESS", ["radiance", "skin_dullness"]),
  row("darkSpots", "DARK_SPOTS", ["dark_spots"]),
  row("firmness", "LOSS_OF_FIRMNESS", ["firmness"]),
  row("fineLinesWrinkles", "FINE_LINES", ["fine_lines_wrinkles", "face_wrinkles"]),
  row("acne", "ACNE", ["acne"]),
  row("darkCircles", "DARK_CIRCLES", ["dark_circles", "dark_circle"], ["UNDER_EYES"]),
  row("redness", "REDNESS", ["redness"]),
  row(null, "OILINESS", ["shine"]),
];

/** ORBO's limits of low, medium and high risk; below SEVERE_BELOW is our own step. */
const LOW_RISK_FROM = 80;
const MEDIUM_RISK_FROM = 60;
const SEVERE_BELOW = 40;

export interface MappedScores {
  metrics: SkinMetrics;
  rawScores: Record<string, number>;
  concerns: SkinConcern[];
}

/** Translates ORBO's scores. What ORBO did not measure is null, never 0. */
export function mapScores(scores: readonly OrboScore[]): MappedScores {
  const byName = new Map(scores.map((one) => [one.concern, one]));
  const metrics = Object.fromEntries(METRICS.map((metric) => [metric, null])) as SkinMetrics;
  const concerns: SkinConcern[] = [];
  for (const { metric, concern, from, highIsGood, areas } of TABLE) {
    const found = from.map((name) => byName.get(name)).find((one) => one !== undefined);
    if (!found) continue;
    const score = highIsGood ? bounded(found.score) : 100 - bounded(found.score);
    if (metric) metrics[metric] = score;
    const severity = severityOf(score, found.riskLevel);
    if (concern && severity) {
      const confidence = confidenceOf(score);
      concerns.push({ concern, severity, confidence, affectedAreas: [...areas] });
    }
  }
  const rawScores = Object.fromEntries(scores.map((one) => [one.concern, one.score]));
  return { metrics, rawScores, concerns: concerns.sort((a, b) => b.confidence - a.confidence) };
}

/**
 * ORBO scores acne as a whole, so the kinds are estimates from the neighbouring scores: inflamed
 * spots from acne itself, blocked pores where both acne and texture are low, marks from
 * pigmentation. Null when acne was not measured.
 */
export function acneDetailOf(scores: readonly OrboScore[]): AcneDetail[] | null {
  const scoreOf = (name: string) => scores.find((one) => one.concern === name)?.score;
  const acne = scoreOf("acne");
  if (acne === undefined) return null;
  const detail = (kind: AcneDetail["kind"], score: number): AcneDetail => {
    return { kind, severity: severityOf(bounded(score)) ?? "NONE", count: null, areas: [] };
  };
  const texture = scoreOf("texture");
  const marks = scoreOf("pigmentation") ?? scoreOf("dark_spots");
  return [
    detail("INFLAMMATORY", acne),
    ...(texture === undefined ? [] : [detail("COMEDONAL", Math.max(acne, texture))]),
    ...(marks === undefined ? [] : [detail("POST_ACNE_MARKS", marks)]),
  ];
}

function severityOf(score: number, riskLevel?: number | null): Severity | null {
  const byScore = score >= LOW_RISK_FROM ? 1 : score >= MEDIUM_RISK_FROM ? 2 : 3;
  const level = riskLevel ?? byScore;
  if (level <= 1) return null;
  if (level === 2) return "MILD";
  return score < SEVERE_BELOW ? "SEVERE" : "MODERATE";
}

/** ORBO gives no confidence: 0.5 at the border of low risk, rising evenly to 1 at score 0. */
const confidenceOf = (score: number): number =>
  Math.round(Math.min(1, Math.max(0.5, 0.5 + (LOW_RISK_FROM - score) / 160)) * 100) / 100;

const bounded = (score: number): number => Math.min(100, Math.max(0, score));
