/** CIE L*a*b* planes of a picture, one value per pixel. */
export interface LabPlanes {
  /** Lightness, 0 to 100. */
  lightness: Float32Array;
  /** Green (negative) to red (positive). */
  a: Float32Array;
  /** Blue (negative) to yellow (positive). */
  b: Float32Array;
}

/** IEC 61966-2-1: 8-bit sRGB to linear light. */
const LINEAR = Float64Array.from({ length: 256 }, (_, byte) => {
  const value = byte / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
});

/** CIE 15: the D65 white of the 2° observer. */
const WHITE = { x: 0.95047, y: 1, z: 1.08883 };
const EPSILON = (6 / 29) ** 3;

/** sRGB to CIE L*a*b* under D65. */
export function labOf(
  red: number,
  green: number,
  blue: number,
): [lightness: number, a: number, b: number] {
  const r = LINEAR[red] ?? 0;
  const g = LINEAR[green] ?? 0;
  const b = LINEAR[blue] ?? 0;
  const x = compress((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / WHITE.x);
  const y = compress((0.2126729 * r + 0.7151522 * g + 0.072175 * b) / WHITE.y);
  const z = compress((0.0193339 * r + 0.119192 * g + 0.9503041 * b) / WHITE.z);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** Converts packed RGB bytes. */
export function labPlanes(rgb: Uint8Array): LabPlanes {
  const pixels = rgb.length / 3;
  const lightness = new Float32Array(pixels);
  const aPlane = new Float32Array(pixels);
  const bPlane = new Float32Array(pixels);
  for (let i = 0; i < pixels; i++) {
    const [l, a, b] = labOf(rgb[3 * i] ?? 0, rgb[3 * i + 1] ?? 0, rgb[3 * i + 2] ?? 0);
    lightness[i] = l;
    aPlane[i] = a;
    bPlane[i] = b;
  }
  return { lightness, a: aPlane, b: bPlane };
}

function compress(t: number): number {
  return t > EPSILON ? Math.cbrt(t) : t / (3 * (6 / 29) ** 2) + 4 / 29;
}
