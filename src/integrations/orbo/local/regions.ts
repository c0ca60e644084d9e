import type { FaceArea } from "../skin-reading.ts";
import type { LabPlanes } from "./colour.ts";
import { CROP_SIZE, EYE_DISTANCE, type FaceCrop } from "./face-crop.ts";
import type { Point } from "../../../platform/faces/face-detector.ts";
import { maskedMean, quantile, sortedValues } from "./planes.ts";

export const FACE_AREAS = [
  "FOREHEAD",
  "LEFT_CHEEK",
  "RIGHT_CHEEK",
  "NOSE",
  "CHIN",
  "UNDER_EYES",
] as const satisfies FaceArea[];

/** One byte per pixel of the crop: 1 inside, 0 outside. */
export type Mask = Uint8Array;

export interface FaceRegions {
  areas: Record<FaceArea, Mask>;
  /** All areas but the one under the eyes. */
  skin: Mask;
}

/**
 * Largest distance (as CIE 1976 ΔE) of a neighbourhood from the median skin colour. Measured on the
 * neighbourhood, so that hair and glasses fall out and a spot on the skin does not.
 */
const MAX_SKIN_DISTANCE = 14;
/** Skin varies in lightness, by sheen and shade, more than in hue. */
const LIGHTNESS_WEIGHT = 0.55;
const NEIGHBOURHOOD = Math.round(EYE_DISTANCE * 0.045);

/**
 * Draws the areas from the 68 landmarks and takes out what is not skin. LEFT is the person's left:
 * the right side of the picture.
 */
export function findRegions(crop: FaceCrop, lab: LabPlanes): FaceRegions {
  const outlines = outline(crop.landmarks);
  const areas = Object.fromEntries(
    FACE_AREAS.map((area) => [area, fill(outlines[area])]),
  ) as Record<FaceArea, Mask>;
  const sample = union([areas.LEFT_CHEEK, areas.RIGHT_CHEEK, areas.NOSE]);
  const distance = skinDistance(crop, lab, sample);
  const skin = (pixel: number) =>
    crop.inside[pixel] === 1 && (distance[pixel] ?? Infinity) <= MAX_SKIN_DISTANCE;
  cutAboveHairline(areas.FOREHEAD, skin);
  for (const area of FACE_AREAS) {
    const mask = areas[area];
    for (let i = 0; i < mask.length; i++) if (mask[i] && !skin(i)) mask[i] = 0;
  }
  const surface = FACE_AREAS.filter((area) => area !== "UNDER_EYES").map((area) => areas[area]);
  return { areas, skin: union(surface) };
}

/** Keeps in each column only what joins the brows: fair hair can have the colour of skin. */
function cutAboveHairline(mask: Mask, isSkin: (pixel: number) => boolean): void {
  for (let x = 0; x < CROP_SIZE; x++) {
    let hair = false;
    for (let y = CROP_SIZE - 1; y >= 0; y--) {
      const pixel = y * CROP_SIZE + x;
      hair ||= mask[pixel] === 1 && !isSkin(pixel);
      if (hair) mask[pixel] = 0;
    }
  }
}

/** 1 where any of the masks is 1. */
export function union(masks: Mask[]): Mask {
  const all = new Uint8Array(CROP_SIZE * CROP_SIZE);
  for (const mask of masks) for (let i = 0; i < all.length; i++) if (mask[i]) all[i] = 1;
  return all;
}

/** Reads landmarks by their number in the 68-point scheme, shifted by parts of the eye distance. */
export function landmarkReader(landmarks: Point[]) {
  return (number: number, right = 0, down = 0): Point => {
    const point = landmarks[number] ?? { x: 0, y: 0 };
    return { x: point.x + right * EYE_DISTANCE, y: point.y + down * EYE_DISTANCE };
  };
}

function outline(landmarks: Point[]): Record<FaceArea, Point[][]> {
  const at = landmarkReader(landmarks);
  const jaw = (number: number, inward: number) => toward(at(number), at(30), inward);
  return {
    FOREHEAD: [
      [
        ...[17, 18, 19, 20, 21, 22, 23, 24, 25, 26].map((n) => at(n, 0, -0.1)),
        at(25, 0, -0.6),
        at(23, 0, -0.75),
        at(20, 0, -0.75),
        at(18, 0, -0.6),
      ],
    ],
    RIGHT_CHEEK: [
      cheek(landmarks, { eye: [36, 39], nose: 31, mouth: 48, jaw: [5, 4, 3, 2], side: -1 }),
    ],
    LEFT_CHEEK: [
      cheek(landmarks, { eye: [45, 42], nose: 35, mouth: 54, jaw: [11, 12, 13, 14], side: 1 }),
    ],
    NOSE: [
      [at(27, -0.08), at(27, 0.08), at(35, 0.02, -0.09), at(33, 0, -0.12), at(31, -0.02, -0.09)],
    ],
    CHIN: [
      [
        at(59, 0, 0.13),
        at(57, 0, 0.13),
        at(55, 0, 0.13),
        jaw(10, 0.22),
        jaw(9, 0.16),
        jaw(8, 0.14),
        jaw(7, 0.16),
        jaw(6, 0.22),
      ],
    ],
    UNDER_EYES: [underEye(at, [36, 41, 40, 39]), underEye(at, [45, 46, 47, 42])],
  };
}

interface CheekMarks {
  eye: [outer: number, inner: number];
  nose: number;
  mouth: number;
  /** From below upwards. */
  jaw: [number, number, number, number];
  /** -1 for the left side of the picture, 1 for the right. */
  side: -1 | 1;
}

function cheek(landmarks: Point[], { eye, nose, mouth, jaw, side }: CheekMarks): Point[] {
  const at = landmarkReader(landmarks);
  // The jaw line runs along the edge of the face, where shade and background begin.
  const inward = (number: number, share: number) => toward(at(number), at(30), share);
  return [
    at(eye[0], 0.02 * side, 0.36),
    at(eye[1], 0.04 * side, 0.36),
    at(nose, 0.1 * side, -0.06),
    at(mouth, 0.14 * side, -0.05),
    at(mouth, 0.14 * side, 0.12),
    inward(jaw[0], 0.22),
    inward(jaw[1], 0.22),
    inward(jaw[2], 0.2),
    inward(jaw[3], 0.18),
  ];
}

function underEye(
  at: ReturnType<typeof landmarkReader>,
  lid: [number, number, number, number],
): Point[] {
  return [...lid.map((n) => at(n, 0, 0.1)), ...lid.toReversed().map((n) => at(n, 0, 0.27))];
}

function toward(from: Point, to: Point, share: number): Point {
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
}

/** Even-odd fill, sampled at pixel centres. */
function fill(polygons: Point[][]): Mask {
  const mask = new Uint8Array(CROP_SIZE * CROP_SIZE);
  for (const polygon of polygons) {
    for (let y = 0; y < CROP_SIZE; y++) {
      const crossings = rowCrossings(polygon, y + 0.5);
      for (let k = 0; k + 1 < crossings.length; k += 2) {
        const from = Math.max(0, Math.ceil((crossings[k] ?? 0) - 0.5));
        const to = Math.min(CROP_SIZE, Math.ceil((crossings[k + 1] ?? 0) - 0.5));
        if (from < to) mask.fill(1, y * CROP_SIZE + from, y * CROP_SIZE + to);
      }
    }
  }
  return mask;
}

function rowCrossings(polygon: Point[], y: number): number[] {
  const crossings = polygon.flatMap((start, i) => {
    const end = polygon[(i + 1) % polygon.length] ?? start;
    if (start.y > y === end.y > y) return [];
    return [start.x + ((y - start.y) / (end.y - start.y)) * (end.x - start.x)];
  });
  return crossings.sort((one, other) => one - other);
}

function skinDistance(crop: FaceCrop, lab: LabPlanes, sample: Mask): Float32Array {
  const squares = new Float32Array(CROP_SIZE * CROP_SIZE);
  for (const [plane, weight] of [
    [lab.lightness, LIGHTNESS_WEIGHT],
    [lab.a, 1],
    [lab.b, 1],
  ] as const) {
    const median = quantile(sortedValues(plane, sample), 0.5);
    const mean = maskedMean(plane, crop.inside, CROP_SIZE, NEIGHBOURHOOD);
    for (let i = 0; i < squares.length; i++) {
      squares[i] = (squares[i] ?? 0) + (weight * ((mean[i] ?? 0) - median)) ** 2;
    }
  }
  return squares.map(Math.sqrt);
}
