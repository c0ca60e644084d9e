import type {
  AcneDetail,
  ConcernName,
  FaceArea,
  SkinConcern,
  SkinReading,
  SkinTone,
} from "../skin-reading.ts";
import type { Blob } from "./blobs.ts";
import { CROP_SIZE } from "./face-crop.ts";
import { type MeasuredMetric, type Measurements, maskOf } from "./metrics.ts";
import { scale, spotsWithin } from "./metrics-surface.ts";
import { quantile, sortedValues } from "./planes.ts";
import { FACE_AREAS } from "./regions.ts";
import type { SkinSample } from "./skin-sample.ts";

const CONCERN_OF: Record<MeasuredMetric, ConcernName> = {
  hydration: "DRYNESS",
  smoothness: "TEXTURE",
  radiance: "DULLNESS",
  darkSpots: "DARK_SPOTS",
  firmness: "LOSS_OF_FIRMNESS",
  fineLinesWrinkles: "FINE_LINES",
  acne: "ACNE",
  darkCircles: "DARK_CIRCLES",
  redness: "REDNESS",
};

/** Scores below these are a concern. */
const CONCERN_BELOW = { mild: 65, moderate: 45, severe: 25 };
/** Pixel statistics are evidence, not a diagnosis. */
const MAX_CONFIDENCE = 0.8;
const OILY_SHEEN = 0.22;

/** Concerns by severity, worst first; an area is affected when its own score is a concern. */
export function concernsOf({ metrics, rawScores, byArea }: Measurements): SkinConcern[] {
  const scored = Object.entries(CONCERN_OF) as [MeasuredMetric, ConcernName][];
  const concerns = scored.flatMap(([metric, concern]) => {
    const score = metrics[metric];
    if (score === null || score >= CONCERN_BELOW.mild) return [];
    const own = FACE_AREAS.filter((area) => (byArea[metric][area] ?? 100) < CONCERN_BELOW.mild);
    const all = FACE_AREAS.filter((area) => byArea[metric][area] !== undefined);
    return [{ score, ...concernAt(concern, score, own.length > 0 ? own : all) }];
  });
  const oil = rawScores.oilTZone ?? 0;
  if (oil > OILY_SHEEN) {
    const score = scale(oil, 3 * OILY_SHEEN, OILY_SHEEN) * (CONCERN_BELOW.mild / 100);
    concerns.push({ score, ...concernAt("OILINESS", score, ["FOREHEAD", "NOSE"]) });
  }
  return concerns
    .sort((one, other) => one.score - other.score)
    .map(({ score: _score, ...concern }) => concern);
}

function concernAt(concern: ConcernName, score: number, affectedAreas: FaceArea[]): SkinConcern {
  const severity =
    score < CONCERN_BELOW.severe ? "SEVERE" : score < CONCERN_BELOW.moderate ? "MODERATE" : "MILD";
  const confidence = rounded(0.4 + (0.4 * (CONCERN_BELOW.mild - score)) / CONCERN_BELOW.mild);
  return { concern, severity, confidence, affectedAreas };
}

/**
 * The first rule that holds: many spots (ACNE), marked redness (SENSITIVE), sheen all over (OILY),
 * sheen on forehead and nose only (COMBINATION), low hydration (DRY), else NORMAL.
 * The confidence grows with the distance from the rule's limit.
 */
export function skinTypeOf({ metrics, rawScores }: Measurements): SkinReading["skinType"] {
  const below = (score: number | null, limit: number) => (limit - (score ?? 100)) / limit;
  const above = (share = 0) => (share - OILY_SHEEN) / OILY_SHEEN;
  const forehead = above(rawScores.oilTZone);
  const rules = [
    { type: "ACNE", by: below(metrics.acne, 40) },
    { type: "SENSITIVE", by: below(metrics.redness, 35) },
    { type: "OILY", by: Math.min(forehead, above(rawScores.oilCheeks)) },
    { type: "COMBINATION", by: forehead },
    { type: "DRY", by: below(metrics.hydration, 45) },
  ] as const;
  const rule = rules.find(({ by }) => by > 0);
  const by = rule ? rule.by : Math.min(...rules.map((other) => -other.by));
  const confidence = rounded(Math.min(MAX_CONFIDENCE, 0.45 + by / 2));
  return { type: rule?.type ?? "NORMAL", confidence };
}

/**
 * Individual typology angle, arctan((L* − 50) / b*) in degrees, of the median cheek colour, in the
 * classes of Chardon (1991).
 */
export function skinToneOf(sample: SkinSample): { angle: number; tone: SkinTone } {
  const cheeks = maskOf(sample, ["LEFT_CHEEK", "RIGHT_CHEEK"]);
  const lightness = quantile(sortedValues(sample.lab.lightness, cheeks), 0.5);
  const b = quantile(sortedValues(sample.lab.b, cheeks), 0.5);
  const angle = (Math.atan2(lightness - 50, Math.max(b, 0.1)) * 180) / Math.PI;
  if (angle > 55) return { angle, tone: "VERY_LIGHT" };
  if (angle > 41) return { angle, tone: "LIGHT" };
  if (angle > 28) return { angle, tone: "INTERMEDIATE" };
  if (angle > 10) return { angle, tone: "TAN" };
  return { angle, tone: angle > -30 ? "BROWN" : "DARK" };
}

/** Diameter in pixels of the crop; about 2 mm on a face. Smaller dark spots are taken for pores. */
const COMEDO_DIAMETER = 4;

/** Red spots are inflamed; small dark ones comedones, larger dark ones marks left behind. */
export function acneDetailOf(sample: SkinSample): AcneDetail[] {
  const small = (spot: Blob) => spot.diameter <= COMEDO_DIAMETER;
  return [
    detail("INFLAMMATORY", sample.redSpots, sample, [4, 15]),
    detail("COMEDONAL", sample.darkSpots.filter(small), sample, [9, 30]),
    detail(
      "POST_ACNE_MARKS",
      sample.darkSpots.filter((spot) => !small(spot)),
      sample,
      [5, 15],
    ),
  ];
}

function detail(
  kind: AcneDetail["kind"],
  spots: Blob[],
  sample: SkinSample,
  [moderate, severe]: [number, number],
): AcneDetail {
  const count = spots.length;
  const severity =
    count === 0 ? "NONE" : count < moderate ? "MILD" : count < severe ? "MODERATE" : "SEVERE";
  const areas = FACE_AREAS.filter(
    (area) => spotsWithin(spots, sample.regions.areas[area]).length > 0,
  );
  return { kind, severity, count, areas };
}

/** 1 where the skin is redder than its own median by more than six units of a*. */
export function rednessMarks({ lab, regions }: SkinSample): Uint8Array {
  const limit = quantile(sortedValues(lab.a, regions.skin), 0.5) + 6;
  return regions.skin.map((on, i) => (on && (lab.a[i] ?? 0) > limit ? 1 : 0));
}

/** 1 on the pixels of the spots. */
export function spotMarks(spots: Blob[]): Uint8Array {
  const marks = new Uint8Array(CROP_SIZE * CROP_SIZE);
  for (const { pixels } of spots) for (const pixel of pixels) marks[pixel] = 1;
  return marks;
}

function rounded(confidence: number): number {
  return Math.round(Math.min(MAX_CONFIDENCE, Math.max(0, confidence)) * 100) / 100;
}
