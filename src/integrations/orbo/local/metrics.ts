import type { FaceArea, SkinMetric, SkinMetrics } from "../skin-reading.ts";
import { acne, darkSpots, fineLines, hydration, sheen, smoothness } from "./metrics-surface.ts";
import { darkCircles, firmness, radiance, redness } from "./metrics-tone.ts";
import { FACE_AREAS, type Mask, union } from "./regions.ts";
import type { SkinSample } from "./skin-sample.ts";

export type MeasuredMetric = Exclude<SkinMetric, "overallSkinHealthScore">;

interface Measure {
  areas: readonly FaceArea[];
  /** Part in the overall score; all parts add up to 1. */
  weight: number;
  read(sample: SkinSample, mask: Mask): { raw: number; score: number };
}

const SURFACE = FACE_AREAS.filter((area) => area !== "UNDER_EYES");

const MEASURES: Record<MeasuredMetric, Measure> = {
  hydration: { areas: SURFACE, weight: 0.12, read: hydration },
  smoothness: { areas: SURFACE, weight: 0.14, read: smoothness },
  radiance: { areas: SURFACE, weight: 0.1, read: radiance },
  darkSpots: { areas: SURFACE, weight: 0.13, read: darkSpots },
  firmness: { areas: ["LEFT_CHEEK", "RIGHT_CHEEK"], weight: 0.08, read: firmness },
  fineLinesWrinkles: {
    areas: ["FOREHEAD", "UNDER_EYES", "LEFT_CHEEK", "RIGHT_CHEEK"],
    weight: 0.11,
    read: fineLines,
  },
  acne: { areas: SURFACE, weight: 0.14, read: acne },
  darkCircles: { areas: ["UNDER_EYES"], weight: 0.08, read: darkCircles },
  redness: { areas: SURFACE, weight: 0.1, read: redness },
};

export interface Measurements {
  metrics: SkinMetrics;
  rawScores: Record<string, number>;
  /** The score of each area on its own, unrounded. */
  byArea: Record<MeasuredMetric, Partial<Record<FaceArea, number>>>;
}

/**
 * Scores are whole numbers, 100 is best. The formula of each stands with its function; the overall
 * score is their weighted mean. An area with almost no visible skin is left out of `byArea`.
 */
export function measure(sample: SkinSample): Measurements {
  const names = Object.keys(MEASURES) as MeasuredMetric[];
  const metrics = {} as SkinMetrics;
  const byArea = {} as Measurements["byArea"];
  const rawScores: Record<string, number> = {
    oilTZone: round(sheen(sample, maskOf(sample, ["FOREHEAD", "NOSE"]))),
    oilCheeks: round(sheen(sample, maskOf(sample, ["LEFT_CHEEK", "RIGHT_CHEEK"]))),
  };
  let overall = 0;
  for (const name of names) {
    const { areas, weight, read } = MEASURES[name];
    const { raw, score } = read(sample, maskOf(sample, areas));
    rawScores[name] = round(raw);
    metrics[name] = Math.round(score);
    overall += weight * score;
    byArea[name] = Object.fromEntries(
      areas
        .filter((area) => isVisible(sample.regions.areas[area]))
        .map((area) => [area, read(sample, sample.regions.areas[area]).score]),
    );
  }
  metrics.overallSkinHealthScore = Math.round(overall);
  return { metrics, rawScores, byArea };
}

/** The named areas as one mask. */
export function maskOf(sample: SkinSample, areas: readonly FaceArea[]): Mask {
  return union(areas.map((area) => sample.regions.areas[area]));
}

const MIN_VISIBLE_PIXELS = 200;

function isVisible(mask: Mask): boolean {
  return mask.reduce((sum, on) => sum + on, 0) >= MIN_VISIBLE_PIXELS;
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
