import type { Ornament } from "./movement.ts";

const HEART = "M0 6C-9-4-4-12 0-6 4-12 9-4 0 6Z";
const STAR = "M0-9 2.6-2.8 9-2.8 4 1.4 5.8 8 0 4.2-5.8 8-4 1.4-9-2.8-2.6-2.8Z";
const DROP = "M0-9C5-2 6 2 6 4A6 6 0 0 1-6 4C-6 2-5-2 0-9Z";
const SNOOZE = "M-6-6H6L-6 6H6";

interface Place {
  readonly x: number;
  readonly y: number;
  /** When it appears, as a part of the round. */
  readonly from: number;
  readonly size: number;
}

const AROUND: readonly Place[] = [
  { x: 46, y: 74, from: 0, size: 1.7 },
  { x: 274, y: 64, from: 0.35, size: 2 },
  { x: 284, y: 196, from: 0.65, size: 1.4 },
  { x: 38, y: 200, from: 0.85, size: 1.3 },
];
const UPWARDS: readonly Place[] = [
  { x: 236, y: 84, from: 0, size: 1.2 },
  { x: 258, y: 58, from: 0.33, size: 1.6 },
  { x: 284, y: 30, from: 0.66, size: 2 },
];

/** What is drawn over the face in one frame, as an SVG of the sticker's size. @param t part of the round, 0–1 */
export function ornamentSvg(ornament: Ornament, t: number, side: number): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${side}" height="${side}" viewBox="0 0 320 320">${shapes(ornament, t)}</svg>`;
}

function shapes(ornament: Ornament, t: number): string {
  switch (ornament) {
    case "HEARTS":
      return AROUND.map((place) => rising(HEART, place, t, "#ff4f79")).join("");
    case "STARS":
      return AROUND.map((place) => blinking(STAR, place, t, "#ffc83d")).join("");
    case "SPARKS":
      return AROUND.map((place) => blinking(STAR, place, t, "#7ad7ff")).join("");
    case "SWEAT":
      return falling({ x: 238, y: 92, from: 0, size: 1.8 }, t);
    case "TEARS":
      return [
        falling({ x: 124, y: 168, from: 0, size: 1.5 }, t),
        falling({ x: 196, y: 168, from: 0.5, size: 1.5 }, t),
      ].join("");
    case "SLEEP":
      return UPWARDS.map((place) => snooze(place, t)).join("");
    case "NONE":
      return "";
  }
}

const phase = (t: number, from: number): number => (t - from + 1) % 1;

const put = (path: string, x: number, y: number, size: number, style: string): string =>
  `<path d="${path}" transform="translate(${x} ${y}) scale(${size})" ${style}/>`;

const rising = (path: string, { x, y, from, size }: Place, t: number, colour: string): string => {
  const p = phase(t, from);
  return put(path, x, y - 30 * p, size * (0.6 + 0.4 * p), `fill="${colour}" opacity="${1 - p}"`);
};

const blinking = (path: string, { x, y, from, size }: Place, t: number, colour: string): string => {
  const shine = Math.sin(Math.PI * phase(t, from));
  return put(path, x, y, size * (0.3 + 0.7 * shine), `fill="${colour}" opacity="${shine}"`);
};

const falling = ({ x, y, from, size }: Place, t: number): string => {
  const p = phase(t, from);
  const style = `fill="#58b7ff" stroke="#ffffff" stroke-width="1" opacity="${1 - p * p}"`;
  return put(DROP, x, y + 60 * p, size, style);
};

const snooze = ({ x, y, from, size }: Place, t: number): string => {
  const style = `fill="none" stroke="#5b6cff" stroke-width="3" opacity="${Math.sin(Math.PI * phase(t, from))}"`;
  return put(SNOOZE, x, y, size, style);
};
