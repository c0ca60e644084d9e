/** A connected patch of marked pixels. */
export interface Blob {
  pixels: number[];
  /** Diameter of the circle of equal area, in pixels. */
  diameter: number;
}

export interface BlobLimits {
  minPixels: number;
  maxPixels: number;
  /** Longer side of the bounding box over the shorter one; folds and edges exceed it. */
  maxAspect: number;
  /** Share of the bounding box that is marked; thin or ragged patches stay below it. */
  minFill: number;
}

/** Compact patches (4-connected) of marked pixels, in reading order. */
export function findBlobs(marks: Uint8Array, size: number, limits: BlobLimits): Blob[] {
  const open = Uint8Array.from(marks);
  const blobs: Blob[] = [];
  for (let start = 0; start < open.length; start++) {
    if (!open[start]) continue;
    const pixels = collect(open, size, start);
    if (isCompact(pixels, size, limits)) {
      blobs.push({ pixels, diameter: 2 * Math.sqrt(pixels.length / Math.PI) });
    }
  }
  return blobs;
}

/** Takes the patch that holds `start` out of `open`. */
function collect(open: Uint8Array, size: number, start: number): number[] {
  const pixels = [start];
  open[start] = 0;
  for (let next = 0; next < pixels.length; next++) {
    const pixel = pixels[next] ?? start;
    const x = pixel % size;
    const around = [
      x > 0 ? pixel - 1 : -1,
      x < size - 1 ? pixel + 1 : -1,
      pixel - size,
      pixel + size,
    ];
    for (const neighbour of around) {
      if (!open[neighbour]) continue;
      open[neighbour] = 0;
      pixels.push(neighbour);
    }
  }
  return pixels;
}

function isCompact(pixels: number[], size: number, limits: BlobLimits): boolean {
  if (pixels.length < limits.minPixels || pixels.length > limits.maxPixels) return false;
  let [left, right, top, bottom] = [size, 0, size, 0];
  for (const pixel of pixels) {
    const x = pixel % size;
    const y = Math.floor(pixel / size);
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  const width = right - left + 1;
  const height = bottom - top + 1;
  return (
    Math.max(width, height) / Math.min(width, height) <= limits.maxAspect &&
    pixels.length / (width * height) >= limits.minFill
  );
}
