/** Packed RGB bytes, three per pixel. */
export interface Bitmap {
  readonly rgb: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Luma and the two colour differences of ITU-R BT.601, each 0–255 but for rounding. */
export type Color = readonly [y: number, cb: number, cr: number];

/** The colour of red, green and blue, each 0–255. */
export const colorOf = (r: number, g: number, b: number): Color => [
  0.299 * r + 0.587 * g + 0.114 * b,
  128 - 0.1687 * r - 0.3313 * g + 0.5 * b,
  128 + 0.5 * r - 0.4187 * g - 0.0813 * b,
];

/** Red, green and blue of a colour; may lie outside of 0–255. */
export const rgbOf = ([y, cb, cr]: Color): [number, number, number] => [
  y + 1.402 * (cr - 128),
  y - 0.34414 * (cb - 128) - 0.71414 * (cr - 128),
  y + 1.772 * (cb - 128),
];

/** The colour of one pixel. */
export function pixelAt({ rgb, width }: Bitmap, x: number, y: number): Color {
  const at = 3 * (y * width + x);
  return colorOf(rgb[at] ?? 0, rgb[at + 1] ?? 0, rgb[at + 2] ?? 0);
}

/** The colour of `#rrggbb`. */
export const parsedColor = (hex: string): Color => {
  const channel = (at: number) => Number.parseInt(hex.slice(at, at + 2), 16);
  return colorOf(channel(1), channel(3), channel(5));
};

/** A colour as `#rrggbb`, lighter or darker by so much luma. */
export const hexOf = ([y, cb, cr]: Color, lighter = 0): string =>
  `#${rgbOf([y + lighter, cb, cr])
    .map((value) =>
      Math.round(Math.max(0, Math.min(255, value)))
        .toString(16)
        .padStart(2, "0"),
    )
    .join("")}`;

/** How far colours are apart; brightness counts less than hue. */
export const distance = (a: Color, b: Color): number =>
  Math.hypot(0.6 * (a[0] - b[0]), 1.6 * (a[1] - b[1]), 1.6 * (a[2] - b[2]));

/** The middle of colours, by channel; null of none. */
export function median(colors: readonly Color[]): Color | null {
  if (colors.length === 0) return null;
  const channel = (index: 0 | 1 | 2): number =>
    colors.map((color) => color[index]).sort((a, b) => a - b)[Math.floor(colors.length / 2)] ?? 0;
  return [channel(0), channel(1), channel(2)];
}

/** The middles of `count` groups of like colours (k-means, seeded by brightness, so always the same). */
export function groups(colors: readonly Color[], count: number): Color[] {
  const sorted = [...colors].sort((a, b) => a[0] - b[0]);
  let middles = Array.from({ length: Math.min(count, sorted.length) }, (_each, index) => {
    return sorted[Math.floor(((index + 0.5) * sorted.length) / count)] as Color;
  });
  for (let round = 0; round < 5; round++) {
    const members = middles.map((): Color[] => []);
    for (const color of sorted) members[nearest(color, middles)]?.push(color);
    middles = members.map((group, index) => median(group) ?? (middles[index] as Color));
  }
  return middles;
}

function nearest(color: Color, middles: readonly Color[]): number {
  const distances = middles.map((middle) => distance(color, middle));
  return distances.indexOf(Math.min(...distances));
}

/** The distance to the nearest of some colours. */
export function distanceTo(color: Color, middles: readonly Color[]): number {
  let least = Infinity;
  for (const middle of middles) least = Math.min(least, distance(color, middle));
  return least;
}

/** Numbers from 0 to 1 that look random and are always the same. */
export function noise(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}
