import { type Blob, findBlobs } from "./blobs.ts";
import { labPlanes, type LabPlanes } from "./colour.ts";
import { CROP_SIZE, EYE_DISTANCE, type FaceCrop } from "./face-crop.ts";
import type { Point } from "../../../platform/faces/face-detector.ts";
import { difference, maskedMean } from "./planes.ts";
import { type FaceRegions, findRegions, type Mask, union } from "./regions.ts";

/** What the metrics read: colour, its deviations from the surroundings, and the marks found. */
export interface SkinSample {
  landmarks: Point[];
  lab: LabPlanes;
  regions: FaceRegions;
  /** Lightness minus its mean over about a sixth of the eye distance. */
  localLightness: Float32Array;
  /** Redness a* minus the same mean. */
  localRedness: Float32Array;
  /** Lightness minus its mean over the nearest pixels: pores, flakes, fine hair. */
  texture: Float32Array;
  /** 1 on dark valleys that are longer than wide. */
  lines: Mask;
  redSpots: Blob[];
  darkSpots: Blob[];
}

const SURROUNDINGS = Math.round(EYE_DISTANCE * 0.17);
const TEXTURE_RADIUS = 3;
/** a* above the surroundings from which a patch is an inflamed spot. */
const RED_SPOT = 4;
/** Part of the surrounding lightness by which a dark spot is darker; relative, so fair to dark skin. */
const DARK_SPOT = 0.1;
/** From about 1.5 mm to 15 mm across, at 62 mm between the eyes. */
const SPOT_LIMITS = { minPixels: 6, maxPixels: 560, maxAspect: 2.2, minFill: 0.45 };
/** Curvature of lightness, per squared pixel, from which a valley is a line. */
const LINE_CURVATURE = 0.35;

/** Prepares everything the metrics share. */
export function sampleSkin(crop: FaceCrop): SkinSample {
  const lab = labPlanes(crop.rgb);
  const regions = findRegions(crop, lab);
  const mask = union([regions.skin, regions.areas.UNDER_EYES]);
  const surroundings = maskedMean(lab.lightness, mask, CROP_SIZE, SURROUNDINGS);
  const localLightness = difference(lab.lightness, surroundings);
  // Where a channel is cut off at its highest value the colour is lost, and skin seems less red.
  const coloured = mask.map((on, i) => (on && !isClipped(crop.rgb, i) ? 1 : 0));
  const localRedness = difference(lab.a, maskedMean(lab.a, coloured, CROP_SIZE, SURROUNDINGS));
  const texture = difference(
    lab.lightness,
    maskedMean(lab.lightness, mask, CROP_SIZE, TEXTURE_RADIUS),
  );
  const lines = findLines(lab.lightness, crop.inside, mask);
  const red = regions.skin.map((on, i) =>
    on && coloured[i] && (localRedness[i] ?? 0) > RED_SPOT ? 1 : 0,
  );
  const dark = regions.skin.map((on, i) =>
    on && !red[i] && (localLightness[i] ?? 0) < -DARK_SPOT * (surroundings[i] ?? 0) ? 1 : 0,
  );
  return {
    landmarks: crop.landmarks,
    lab,
    regions,
    localLightness,
    localRedness,
    texture,
    lines,
    redSpots: findBlobs(red, CROP_SIZE, SPOT_LIMITS),
    darkSpots: findBlobs(dark, CROP_SIZE, SPOT_LIMITS),
  };
}

function isClipped(rgb: Uint8Array, pixel: number): boolean {
  return Math.max(rgb[3 * pixel] ?? 0, rgb[3 * pixel + 1] ?? 0, rgb[3 * pixel + 2] ?? 0) >= 254;
}

/** Valleys of lightness by the Hessian: strongly curved across, hardly curved along. */
function findLines(lightness: Float32Array, inside: Mask, mask: Mask): Mask {
  const smooth = maskedMean(lightness, inside, CROP_SIZE, 1);
  const step = 2;
  const down = step * CROP_SIZE;
  return mask.map((on, i) => {
    const x = i % CROP_SIZE;
    const y = Math.floor(i / CROP_SIZE);
    const edge = CROP_SIZE - 1 - step;
    if (!on || x < step || y < step || x > edge || y > edge) return 0;
    const at = (offset: number) => smooth[i + offset] ?? 0;
    const xx = (at(step) + at(-step) - 2 * at(0)) / step ** 2;
    const yy = (at(down) + at(-down) - 2 * at(0)) / step ** 2;
    const xy =
      (at(down + step) + at(-down - step) - at(down - step) - at(step - down)) / (4 * step ** 2);
    const middle = (xx + yy) / 2;
    const spread = Math.hypot((xx - yy) / 2, xy);
    return middle + spread > LINE_CURVATURE && Math.abs(middle - spread) < (middle + spread) / 2
      ? 1
      : 0;
  });
}
