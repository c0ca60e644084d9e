import type { DetectedFace, Point } from "../../../platform/faces/face-detector.ts";

/**
 * Where a head lies in a picture. Its own coordinates: `p` to the right in widths of the face, 0 in its middle; `q` upwards in heights
 * from chin to brows, 0 at the brows, -1 at the chin.
 */
export interface Head {
  readonly width: number;
  readonly height: number;
  /** The middle of the brow line. */
  readonly origin: Point;
  /** Unit vectors in pixels. */
  readonly right: Point;
  readonly up: Point;
  /** Chin, cheeks and brows. */
  readonly outline: readonly Point[];
}

const mean = (points: readonly Point[]): Point => ({
  x: points.reduce((sum, { x }) => sum + x, 0) / points.length,
  y: points.reduce((sum, { y }) => sum + y, 0) / points.length,
});

/** The head of a face with the 68 landmarks of iBUG 300-W. */
export function headOf({ landmarks }: DetectedFace): Head {
  const at = (index: number): Point => landmarks[index] ?? { x: 0, y: 0 };
  const [left, rightEnd, chin] = [at(0), at(16), at(8)];
  const brows = mean(landmarks.slice(19, 25));
  const width = Math.hypot(rightEnd.x - left.x, rightEnd.y - left.y);
  const right = { x: (rightEnd.x - left.x) / width, y: (rightEnd.y - left.y) / width };
  const up = { x: right.y, y: -right.x };
  const height = (brows.x - chin.x) * up.x + (brows.y - chin.y) * up.y;
  const middle = mean([left, rightEnd]);
  const aside = (middle.x - brows.x) * right.x + (middle.y - brows.y) * right.y;
  const origin = { x: brows.x + aside * right.x, y: brows.y + aside * right.y };
  const outline = [...landmarks.slice(0, 17), ...landmarks.slice(17, 27).reverse()];
  return { width, height, origin, right, up, outline };
}

/** A place of the head in pixels. */
export const toPixels = (head: Head, p: number, q: number): Point => ({
  x: head.origin.x + p * head.width * head.right.x + q * head.height * head.up.x,
  y: head.origin.y + p * head.width * head.right.y + q * head.height * head.up.y,
});

/** The place of a pixel in the head's own coordinates. */
export function toHead(head: Head, x: number, y: number): { p: number; q: number } {
  const [dx, dy] = [x - head.origin.x, y - head.origin.y];
  return {
    p: (dx * head.right.x + dy * head.right.y) / head.width,
    q: (dx * head.up.x + dy * head.up.y) / head.height,
  };
}

/** The same head in a picture that was made larger or smaller. */
export const scaled = (head: Head, by: number): Head => {
  const point = ({ x, y }: Point): Point => ({ x: x * by, y: y * by });
  return {
    ...head,
    width: head.width * by,
    height: head.height * by,
    origin: point(head.origin),
    outline: head.outline.map(point),
  };
};
