import { onlyFace } from "../../../platform/faces/only-face.ts";
import { ProviderError } from "../../../platform/resilience/provider-error.ts";
import { labOf } from "./colour.ts";
import type { DetectedFace, Picture } from "../../../platform/faces/face-detector.ts";
import { eyeCentres } from "./face-crop.ts";

const REFUSALS = {
  IMAGE_TOO_SMALL: "The picture is too small. Please send one of at least 200 × 200 pixels.",
  NO_FACE: "We could not find a face. Please look straight into the camera in good light.",
  MULTIPLE_FACES: "There is more than one face in the picture. Please send one of you alone.",
  FACE_TOO_SMALL: "Your face is too small in the picture. Please come closer to the camera.",
  FACE_TILTED: "Please hold your head upright and look straight into the camera.",
  IMAGE_TOO_DARK: "The picture is too dark. Please take it in daylight or face a lamp.",
  IMAGE_TOO_BRIGHT: "The picture is too bright. Please avoid flash and direct sunlight.",
  IMAGE_TOO_BLURRED: "The picture is blurred. Please hold the camera still and focus on your face.",
} as const;

/** Failure code of a picture that cannot be read. */
export type Refusal = keyof typeof REFUSALS;

const MIN_SIDE = 200;
/** Width of the face box in pixels; below it pores and spots are no longer in the picture. */
const MIN_FACE_WIDTH = 64;
const MAX_ROLL_DEGREES = 25;
/** How much farther one eye may be from the nose than the other, sideways. */
const MAX_YAW_RATIO = 2.2;
/** Low enough for very dark skin in fair light. */
const MIN_LIGHTNESS = 22;
const MAX_LIGHTNESS = 88;
/** Variance of the Laplacian over the face, of luma values 0 to 255. */
const MIN_SHARPNESS = 20;
/** Larger faces are averaged down to about this width first, so that sharpness is comparable. */
const SHARPNESS_FACE_WIDTH = 200;

/** @throws ProviderError IMAGE_TOO_SMALL */
export function checkSize(picture: Picture): void {
  if (Math.min(picture.width, picture.height) < MIN_SIDE) throw refusal("IMAGE_TOO_SMALL");
}

/**
 * Chooses the face to read.
 * @throws ProviderError NO_FACE, MULTIPLE_FACES, FACE_TOO_SMALL, FACE_TILTED
 */
export function chooseFace(faces: DetectedFace[]): DetectedFace {
  const face = onlyFace(faces);
  if (typeof face === "string") throw refusal(face);
  if (face.box.width < MIN_FACE_WIDTH) throw refusal("FACE_TOO_SMALL");
  if (isTilted(face)) throw refusal("FACE_TILTED");
  return face;
}

/** Judges light and sharpness on the face alone; null when both will do. */
export function judgeQuality(picture: Picture, face: DetectedFace): Refusal | null {
  const { lightness, sharpness } = measureQuality(picture, face);
  if (lightness < MIN_LIGHTNESS) return "IMAGE_TOO_DARK";
  if (lightness > MAX_LIGHTNESS) return "IMAGE_TOO_BRIGHT";
  return sharpness < MIN_SHARPNESS ? "IMAGE_TOO_BLURRED" : null;
}

/** Mean L* and the variance of the Laplacian within the face box. */
function measureQuality(
  picture: Picture,
  { box }: DetectedFace,
): { lightness: number; sharpness: number } {
  const cell = Math.max(1, Math.round(box.width / SHARPNESS_FACE_WIDTH));
  const left = Math.max(0, Math.floor(box.x));
  const top = Math.max(0, Math.floor(box.y));
  const columns = Math.floor((Math.min(picture.width, box.x + box.width) - left) / cell);
  const rows = Math.floor((Math.min(picture.height, box.y + box.height) - top) / cell);
  const luma = new Float32Array(Math.max(0, columns * rows));
  let light = 0;
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      const [red, green, blue] = average(picture, left + x * cell, top + y * cell, cell);
      luma[y * columns + x] = 0.299 * red + 0.587 * green + 0.114 * blue;
      light += labOf(Math.round(red), Math.round(green), Math.round(blue))[0];
    }
  }
  const lightness = luma.length > 0 ? light / luma.length : 0;
  return { lightness, sharpness: laplacianVariance(luma, columns, rows) };
}

function average({ rgb, width }: Picture, left: number, top: number, cell: number) {
  const sum: [number, number, number] = [0, 0, 0];
  for (let y = top; y < top + cell; y++) {
    for (let x = left; x < left + cell; x++) {
      const at = 3 * (y * width + x);
      sum[0] += rgb[at] ?? 0;
      sum[1] += rgb[at + 1] ?? 0;
      sum[2] += rgb[at + 2] ?? 0;
    }
  }
  const pixels = cell * cell;
  return [sum[0] / pixels, sum[1] / pixels, sum[2] / pixels] as const;
}

function laplacianVariance(luma: Float32Array, columns: number, rows: number): number {
  let count = 0;
  let sum = 0;
  let squares = 0;
  for (let y = 1; y < rows - 1; y++) {
    for (let x = 1; x < columns - 1; x++) {
      const at = y * columns + x;
      const edge =
        (luma[at - 1] ?? 0) +
        (luma[at + 1] ?? 0) +
        (luma[at - columns] ?? 0) +
        (luma[at + columns] ?? 0) -
        4 * (luma[at] ?? 0);
      count++;
      sum += edge;
      squares += edge * edge;
    }
  }
  return count > 0 ? squares / count - (sum / count) ** 2 : 0;
}

function isTilted({ landmarks }: DetectedFace): boolean {
  const { left, right } = eyeCentres(landmarks);
  const roll = Math.atan2(right.y - left.y, right.x - left.x);
  if (Math.abs(roll) > (MAX_ROLL_DEGREES * Math.PI) / 180) return true;
  const nose = landmarks[30];
  if (!nose) return true;
  // Distances along the line of the eyes, so that roll does not count as yaw.
  const along = { x: Math.cos(roll), y: Math.sin(roll) };
  const toLeft = (nose.x - left.x) * along.x + (nose.y - left.y) * along.y;
  const toRight = (right.x - nose.x) * along.x + (right.y - nose.y) * along.y;
  const nearer = Math.min(toLeft, toRight);
  return nearer <= 0 || Math.max(toLeft, toRight) / nearer > MAX_YAW_RATIO;
}

/** The error for the user, who may see its message. */
export function refusal(code: Refusal): ProviderError {
  return new ProviderError({
    provider: "local",
    outcome: "refused_input",
    code,
    message: REFUSALS[code],
  });
}
