import { EYE_DISTANCE } from "./face-crop.ts";
import type { Blob } from "./blobs.ts";
import { rmsOf, shareAbove } from "./planes.ts";
import type { Mask } from "./regions.ts";
import type { SkinSample } from "./skin-sample.ts";

/** Straight line between two anchors, 0 at `worst` and 100 at `best`, cut off beyond them. */
export function scale(value: number, worst: number, best: number): number {
  return 100 * Math.min(1, Math.max(0, (value - worst) / (best - worst)));
}

/** Raw: root mean square of the fine lightness detail (L* units). 0.3 or less gives 100, 3 gives 0. */
export function smoothness(sample: SkinSample, mask: Mask) {
  const raw = rmsOf(sample.texture, mask);
  return { raw, score: scale(raw, 3, 0.3) };
}

/** Raw: share of the skin that lies on line-shaped valleys. None gives 100, 35 % gives 0. */
export function fineLines(sample: SkinSample, mask: Mask) {
  const raw = shareAbove(sample.lines, mask, 0);
  return { raw, score: scale(raw, 0.35, 0) };
}

/**
 * Raw: diameters of all red spots together, in eye distances.
 * Score: 100 · e^(−raw / 0.8); ten spots of 4 mm give about 45.
 */
export function acne(sample: SkinSample, mask: Mask) {
  const raw = burden(sample.redSpots, mask);
  return { raw, score: 100 * Math.exp(-raw / 0.8) };
}

/** As for acne, with spots that are darker than their surroundings but not redder. */
export function darkSpots(sample: SkinSample, mask: Mask) {
  const raw = burden(sample.darkSpots, mask);
  return { raw, score: 100 * Math.exp(-raw / 0.8) };
}

/**
 * An estimate: dry skin shows bright flakes and little sheen.
 * Raw: share of pixels more than 1.5 L* above the nearest ones.
 * Score: 65 % flakes (none best, 12 % worst) and 35 % sheen (8 % of the skin or more is best).
 */
export function hydration(sample: SkinSample, mask: Mask) {
  const raw = shareAbove(sample.texture, mask, 1.5);
  return { raw, score: 0.65 * scale(raw, 0.12, 0) + 0.35 * scale(sheen(sample, mask), 0, 0.08) };
}

/** Share of the skin that is clearly lighter than its surroundings, as oil and water make it. */
export function sheen(sample: SkinSample, mask: Mask): number {
  return shareAbove(sample.localLightness, mask, 5);
}

/** The spots whose larger part lies within the mask. */
export function spotsWithin(spots: Blob[], mask: Mask): Blob[] {
  return spots.filter(
    ({ pixels }) => pixels.filter((pixel) => mask[pixel]).length * 2 > pixels.length,
  );
}

function burden(spots: Blob[], mask: Mask): number {
  const diameters = spotsWithin(spots, mask).map(({ diameter }) => diameter);
  return diameters.reduce((sum, diameter) => sum + diameter, 0) / EYE_DISTANCE;
}
