import sharp from "sharp";
import type { DetectedFace, Picture, Point } from "../../../platform/faces/face-detector.ts";

/** Side of the square face picture on which everything is measured, in pixels. */
export const CROP_SIZE = 320;
/** Distance between the eye centres in that picture; the unit of all lengths on the face. */
export const EYE_DISTANCE = 110;
const EYE_LINE = 130;

/** A face turned upright and scaled so that the eyes stand at fixed places. */
export interface FaceCrop {
  rgb: Uint8Array;
  /** 1 where the pixel lies inside the original picture. */
  inside: Uint8Array;
  /** The 68 landmarks in pixels of the crop. */
  landmarks: Point[];
}

/** The centres of both eyes; "left" is the left side of the picture. */
export function eyeCentres(landmarks: Point[]): { left: Point; right: Point } {
  return { left: centre(landmarks.slice(36, 42)), right: centre(landmarks.slice(42, 48)) };
}

/** Cuts out the face: large faces are averaged down first, small ones are enlarged bilinearly. */
export async function cropFace(picture: Picture, face: DetectedFace): Promise<FaceCrop> {
  const { left, right } = eyeCentres(face.landmarks);
  const scale = EYE_DISTANCE / Math.hypot(right.x - left.x, right.y - left.y);
  const source = scale < 1 ? await shrink(picture, scale) : picture;
  const shrunk = { x: source.width / picture.width, y: source.height / picture.height };
  const onSource = (point: Point) => ({ x: point.x * shrunk.x, y: point.y * shrunk.y });
  const turn = uprightTurn(onSource(left), onSource(right));
  return {
    ...resample(source, turn),
    landmarks: face.landmarks.map((point) => turn.toCrop(onSource(point))),
  };
}

async function shrink(picture: Picture, scale: number): Promise<Picture> {
  const { data, info } = await sharp(picture.rgb, {
    raw: { width: picture.width, height: picture.height, channels: 3 },
  })
    .resize({
      width: Math.max(1, Math.round(picture.width * scale)),
      height: Math.max(1, Math.round(picture.height * scale)),
      fit: "fill",
      kernel: "mitchell",
    })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { rgb: data, width: info.width, height: info.height };
}

interface Turn {
  toCrop(point: Point): Point;
  toSource(x: number, y: number): Point;
}

function uprightTurn(left: Point, right: Point): Turn {
  const middle = centre([left, right]);
  const along = { x: right.x - left.x, y: right.y - left.y };
  // Both are a rotation times a scale, as complex numbers: one is the inverse of the other.
  const step = { x: along.x / EYE_DISTANCE, y: along.y / EYE_DISTANCE };
  const square = step.x ** 2 + step.y ** 2;
  return {
    toSource: (x, y) => {
      const u = x - CROP_SIZE / 2;
      const v = y - EYE_LINE;
      return { x: middle.x + u * step.x - v * step.y, y: middle.y + u * step.y + v * step.x };
    },
    toCrop: (point) => {
      const u = point.x - middle.x;
      const v = point.y - middle.y;
      return {
        x: CROP_SIZE / 2 + (u * step.x + v * step.y) / square,
        y: EYE_LINE + (v * step.x - u * step.y) / square,
      };
    },
  };
}

function resample(source: Picture, turn: Turn): { rgb: Uint8Array; inside: Uint8Array } {
  const rgb = new Uint8Array(CROP_SIZE * CROP_SIZE * 3);
  const inside = new Uint8Array(CROP_SIZE * CROP_SIZE);
  for (let y = 0; y < CROP_SIZE; y++) {
    for (let x = 0; x < CROP_SIZE; x++) {
      const from = turn.toSource(x, y);
      if (from.x < 0 || from.y < 0 || from.x > source.width - 1 || from.y > source.height - 1) {
        continue;
      }
      const pixel = y * CROP_SIZE + x;
      inside[pixel] = 1;
      blend(source, from, rgb, 3 * pixel);
    }
  }
  return { rgb, inside };
}

function blend(source: Picture, at: Point, target: Uint8Array, offset: number): void {
  const x = Math.min(Math.floor(at.x), source.width - 2);
  const y = Math.min(Math.floor(at.y), source.height - 2);
  const right = at.x - x;
  const down = at.y - y;
  const top = 3 * (y * source.width + x);
  const bottom = top + 3 * source.width;
  for (let c = 0; c < 3; c++) {
    const upper = (source.rgb[top + c] ?? 0) * (1 - right) + (source.rgb[top + 3 + c] ?? 0) * right;
    const lower =
      (source.rgb[bottom + c] ?? 0) * (1 - right) + (source.rgb[bottom + 3 + c] ?? 0) * right;
    target[offset + c] = Math.round(upper * (1 - down) + lower * down);
  }
}

function centre(points: Point[]): Point {
  const sum = points.reduce((total, p) => ({ x: total.x + p.x, y: total.y + p.y }), { x: 0, y: 0 });
  return { x: sum.x / points.length, y: sum.y / points.length };
}
