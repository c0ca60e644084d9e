import { CROP_SIZE, EYE_DISTANCE } from "./face-crop.ts";
import type { Point } from "../../../platform/faces/face-detector.ts";
import { scale } from "./metrics-surface.ts";
import { meanOf, quantile, sortedValues } from "./planes.ts";
import { landmarkReader, type Mask, union } from "./regions.ts";
import type { SkinSample } from "./skin-sample.ts";

/** Raw: mean a*. 7 or less gives 100, 28 gives 0. */
export function redness(sample: SkinSample, mask: Mask) {
  const raw = meanOf(sample.lab.a, mask);
  return { raw, score: scale(raw, 28, 7) };
}

/**
 * Raw: glow, the lightness of the brightest twentieth above the median, which does not depend on
 * the tone of the skin. Score: half glow (2 worst, 12 best), half mean lightness (30 worst, 85 best).
 */
export function radiance(sample: SkinSample, mask: Mask) {
  const sorted = sortedValues(sample.lab.lightness, mask);
  const raw = quantile(sorted, 0.95) - quantile(sorted, 0.5);
  const light = scale(meanOf(sample.lab.lightness, mask), 30, 85);
  return { raw, score: 0.5 * scale(raw, 2, 12) + 0.5 * light };
}

/** Raw: how much darker (L*) the skin under the eyes is than the cheeks. 0 gives 100, 18 gives 0. */
export function darkCircles(sample: SkinSample) {
  const { LEFT_CHEEK, RIGHT_CHEEK, UNDER_EYES } = sample.regions.areas;
  const cheeks = meanOf(sample.lab.lightness, union([LEFT_CHEEK, RIGHT_CHEEK]));
  const raw = cheeks - meanOf(sample.lab.lightness, UNDER_EYES);
  return { raw, score: scale(raw, 18, 0) };
}

/**
 * An estimate from the folds between nose and mouth, which deepen as skin slackens; a broad smile
 * deepens them too. Raw: mean depth of the folds in L*. 1 or less gives 100, 30 gives 0.
 */
export function firmness(sample: SkinSample) {
  const at = landmarkReader(sample.landmarks);
  const depths = [
    ...foldDepths(sample, at(31, -0.12, -0.04), at(48, -0.1, -0.12)),
    ...foldDepths(sample, at(35, 0.12, -0.04), at(54, 0.1, -0.12)),
  ];
  const raw = depths.reduce((sum, depth) => sum + depth, 0) / depths.length;
  return { raw, score: scale(raw, 30, 1) };
}

/** Depth of the darkest place below the lower of its two shoulders, at eight places on the fold. */
function foldDepths(sample: SkinSample, from: Point, to: Point): number[] {
  const reach = Math.round(EYE_DISTANCE * 0.15);
  return Array.from({ length: 8 }, (_, i) => {
    const x = Math.round(from.x + ((to.x - from.x) * i) / 7);
    const y = Math.round(from.y + ((to.y - from.y) * i) / 7);
    const profile = Array.from({ length: 2 * reach + 1 }, (_, k) => {
      return sample.lab.lightness[y * CROP_SIZE + x + k - reach] ?? 0;
    });
    const bottom = profile.indexOf(Math.min(...profile));
    const shoulders = [profile.slice(0, bottom + 1), profile.slice(bottom)];
    return Math.min(...shoulders.map((side) => Math.max(...side))) - (profile[bottom] ?? 0);
  });
}
