import type { Style } from "../styling.ts";
import { toPixels, type Head } from "./head.ts";
import { hexOf, noise, type Color } from "./pixels.ts";

type Place = readonly [p: number, q: number];

interface Brush {
  readonly head: Head;
  readonly color: Color;
  readonly random: () => number;
}

/** A lock of hair: strands between two lines that have the same number of points. */
function lock(
  brush: Brush,
  inner: readonly Place[],
  outer: readonly Place[],
  strands = 120,
): string {
  const { random } = brush;
  const shape = `<path d="${curve(brush, inner)} ${curve(brush, [...outer].reverse(), "L")} Z" fill="${shade(brush, -16, 4)}"/>`;
  const lines = Array.from({ length: strands }, () => {
    const share = random();
    const places = inner.map(([p, q], index): Place => {
      const [op, oq] = outer[index] ?? [p, q];
      const stray = index === 0 ? 0 : (random() - 0.5) * 0.05;
      return [p + (op - p) * share + stray, q + (oq - q) * share];
    });
    return strand(brush, places);
  });
  return shape + lines.join("");
}

function strand(brush: Brush, places: readonly Place[], width = 0.016): string {
  const { head, random } = brush;
  const thick = head.width * width * (0.5 + random());
  return `<path d="${curve(brush, places)}" fill="none" stroke="${shade(brush, 0, 30)}" stroke-width="${thick.toFixed(1)}" stroke-linecap="round" stroke-opacity="${(0.55 + 0.4 * random()).toFixed(2)}"/>`;
}

const shade = ({ color, random }: Brush, lighter: number, spread: number): string =>
  hexOf(color, lighter + (random() - 0.5) * 2 * spread);

/** A smooth line through places (Catmull-Rom as Béziers). */
function curve({ head }: Brush, places: readonly Place[], begin = "M"): string {
  const points = places.map(([p, q]) => toPixels(head, p, q));
  const text = (x: number, y: number) => `${x.toFixed(1)} ${y.toFixed(1)}`;
  return points
    .map((point, index) => {
      const before = points[index - 1];
      if (!before) return `${begin}${text(point.x, point.y)}`;
      const [first, next] = [points[index - 2] ?? before, points[index + 1] ?? point];
      const one = text(before.x + (point.x - first.x) / 6, before.y + (point.y - first.y) / 6);
      const two = text(point.x - (next.x - before.x) / 6, point.y - (next.y - before.y) / 6);
      return `C${one} ${two} ${text(point.x, point.y)}`;
    })
    .join("");
}

const mirrored = (places: readonly Place[]): Place[] => places.map(([p, q]) => [-p, q]);

/** The same on both sides of the head. */
const bothSides = (brush: Brush, inner: readonly Place[], outer: readonly Place[]): string =>
  lock(brush, mirrored(inner), mirrored(outer)) + lock(brush, inner, outer);

/** A curl: a few turns of a spiral. */
function curl(brush: Brush, [p, q]: Place, size: number): string {
  const { random } = brush;
  const turn = random() * 2 * Math.PI;
  const places = Array.from({ length: 9 }, (_each, index): Place => {
    const angle = turn + index * 0.85;
    const radius = size * (0.25 + (0.75 * index) / 8);
    return [p + radius * Math.cos(angle), q + radius * 0.9 * Math.sin(angle)];
  });
  return [0.045, 0.022, 0.012].map((width) => strand(brush, places, width)).join("");
}

/** Curls all over an ellipse but for its inside, the dark ones below the light ones. */
function curls(brush: Brush, inside: (p: number, q: number) => boolean, amount: number): string {
  const { random, color } = brush;
  const drawn: string[] = [];
  for (let index = 0; index < amount; index++) {
    const angle = Math.PI * (-0.28 + 1.56 * random());
    const radius = 0.5 + 0.62 * Math.sqrt(random());
    const [p, q] = [0.8 * radius * Math.cos(angle), 0.05 + 0.98 * radius * Math.sin(angle)];
    const light = -34 + (46 * index) / amount;
    const [y, cb, cr] = color;
    if (!inside(p, q)) {
      drawn.push(curl({ ...brush, color: [y + light, cb, cr] }, [p, q], 0.06 + 0.05 * random()));
    }
  }
  return drawn.join("");
}

function braid(brush: Brush, p: number, from: number, to: number, size = 0.1): string {
  const parts: string[] = [];
  for (let q = from, side = 1; q > to; q -= 0.12, side = -side) {
    const taper = size * (0.65 + (0.35 * (q - to)) / (from - to));
    const inner: Place[] = [
      [p - side * taper, q + 0.1],
      [p, q],
      [p + side * taper * 0.9, q - 0.12],
    ];
    const outer: Place[] = [
      [p + side * 0.02, q + 0.16],
      [p + side * taper, q + 0.06],
      [p + side * taper, q - 0.08],
    ];
    parts.push(lock(brush, inner, outer, 16));
  }
  return parts.join("");
}

function bun(brush: Brush, q: number, size: number): string {
  const { random } = brush;
  const ring = (radius: number): Place[] =>
    Array.from({ length: 13 }, (_each, index): Place => {
      const angle = (index / 12) * 2 * Math.PI + random() * 0.2;
      return [radius * Math.cos(angle), q + radius * 0.82 * Math.sin(angle)];
    });
  const base = `<path d="${curve(brush, ring(size))}Z" fill="${shade(brush, -14, 3)}"/>`;
  return (
    base +
    Array.from({ length: 60 }, () => strand(brush, ring(size * (0.2 + 0.78 * random())))).join("")
  );
}

function fringe(brush: Brush): string {
  const { random } = brush;
  const strands = Array.from({ length: 170 }, () => {
    const p = -0.47 + 0.94 * random();
    const end = 0.1 + 0.09 * random() + 0.35 * p * p;
    return strand(brush, [
      [p * 0.25, 0.8 + 0.08 * random()],
      [p * 0.8, 0.56],
      [p * 0.98, 0.34],
      [p + 0.03, end],
    ]);
  });
  return strands.join("");
}

/** From the parting over the temple to below the ear. */
const SIDE_INNER: readonly Place[] = [
  [-0.02, 0.62],
  [0.34, 0.4],
  [0.5, 0],
  [0.53, -0.5],
];
const SIDE_OUTER: readonly Place[] = [
  [-0.02, 1.0],
  [0.5, 0.86],
  [0.76, 0.3],
  [0.8, -0.4],
];

/** Hair of a style that a face does not have yet, over a picture from the front. */
export function hairInFront(
  style: Style,
  head: Head,
  color: Color,
): { hair: string; fringe: string } {
  const brush: Brush = { head, color, random: noise(7) };
  const isFace = (p: number, q: number) => Math.hypot(p / 0.58, (q + 0.25) / 0.95) < 1;
  const hair = {
    SHORT: () => "",
    MEDIUM: () => bothSides(brush, [...SIDE_INNER, [0.5, -0.95]], [...SIDE_OUTER, [0.74, -1.12]]),
    LONG: () =>
      bothSides(
        brush,
        [...SIDE_INNER, [0.47, -1], [0.55, -1.6], [0.5, -2.2]],
        [...SIDE_OUTER, [0.86, -1.05], [0.84, -1.7], [0.88, -2.3]],
      ),
    CURLY: () => curls(brush, isFace, 620),
    BRAIDS: () => braid(brush, -0.66, -0.35, -2.1) + braid(brush, 0.66, -0.35, -2.1),
    UPDO: () => bun(brush, 1.1, 0.3),
  }[style.category]();
  return { hair, fringe: style.hasFringe ? fringe(brush) : "" };
}

/** The hair of a style from behind, whole. */
export function hairBehind(style: Style, head: Head, color: Color): string {
  const brush: Brush = { head, color, random: noise(11) };
  const cap = (end: number, width: number) => {
    const half = (sign: number): [Place[], Place[]] => [
      [
        [0, 1.02],
        [sign * -0.06, 0.4],
        [sign * -0.06, end],
      ],
      [
        [sign * 0.12, 1.04],
        [sign * 0.66, 0.35],
        [sign * width, end],
      ],
    ];
    return [half(-1), half(1)].map(([inner, outer]) => lock(brush, inner, outer, 150)).join("");
  };
  switch (style.category) {
    case "SHORT":
      return cap(-0.78, 0.4);
    case "MEDIUM":
      return cap(-1.1, 0.72);
    case "LONG":
      return cap(-2.3, 0.8);
    case "CURLY":
      return cap(-0.6, 0.5) + curls(brush, () => false, 420) + filledCurls(brush);
    case "BRAIDS":
      return cap(-0.62, 0.38) + braid(brush, 0, -0.45, -2.2, 0.16);
    case "UPDO":
      return cap(-0.6, 0.36) + bun(brush, 0.72, 0.36);
  }
}

function filledCurls(brush: Brush): string {
  const { random } = brush;
  return Array.from({ length: 180 }, () => {
    const [angle, radius] = [2 * Math.PI * random(), Math.sqrt(random())];
    return curl(
      brush,
      [0.66 * radius * Math.cos(angle), 0.1 + 0.85 * radius * Math.sin(angle)],
      0.1,
    );
  }).join("");
}
