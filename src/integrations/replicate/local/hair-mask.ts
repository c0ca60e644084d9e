import sharp from "sharp";
import { scaled, toHead, toPixels, type Head } from "./head.ts";
import {
  distance,
  distanceTo,
  groups,
  median,
  pixelAt,
  type Bitmap,
  type Color,
} from "./pixels.ts";

const SPREAD = 15;
const MAX_SAMPLES = 1_500;

/** The hair in a picture. */
export interface Hair {
  /** 0–255 per pixel: how much of it is hair. Never set on the face. */
  readonly mask: Uint8Array;
  readonly color: Color;
  readonly skin: Color;
}

/**
 * Finds the hair around a face: what looks like the hair above the forehead, unlike skin and what lies around the head, and hangs
 * together with it.
 */
export async function findHair(picture: Bitmap, itsHead: Head): Promise<Hair> {
  // A soft edge needs no more than half of the pixels.
  const [bitmap, head] = [await halved(picture), scaled(itsHead, 0.5)];
  const face = samples(bitmap, head, (p, q) => Math.abs(p) < 0.3 && q < -0.3 && q > -0.7);
  const neck = samples(bitmap, head, (p, q) => Math.abs(p) < 0.25 && q < -1.06 && q > -1.22);
  const skin = median(face) ?? [150, 110, 150];
  const skins = [
    ...groups(face, 2),
    ...groups(neck, 1).filter((color) => distance(color, skin) < 60),
  ];
  const above = samples(bitmap, head, (p, q) => Math.abs(p) < 0.35 && q > 0.4 && q < 0.85);
  const unlikeSkin = above.filter((color) => distance(color, skin) > 16);
  const seeds = unlikeSkin.length > above.length / 8 ? unlikeSkin : above;
  const hair = groups(seeds, 3);
  const around = groups(
    samples(bitmap, head, (p, q) => q > -0.4 && (p / 1.2) ** 2 + ((q - 0.1) / 1.4) ** 2 > 1),
    5,
  );
  const likeness = likenessOf(bitmap, head, { hair, around, skins });
  const connected = connectedTo(likeness, bitmap, head);
  const mask = await smoothed(connected, bitmap, picture, itsHead);
  return { mask, color: median(seeds) ?? [60, 128, 128], skin };
}

function samples(bitmap: Bitmap, head: Head, wanted: (p: number, q: number) => boolean): Color[] {
  const found: Color[] = [];
  for (let y = 0; y < bitmap.height; y += 2) {
    for (let x = 0; x < bitmap.width; x += 2) {
      const { p, q } = toHead(head, x, y);
      if (wanted(p, q)) found.push(pixelAt(bitmap, x, y));
    }
  }
  const step = Math.max(1, Math.floor(found.length / MAX_SAMPLES));
  return found.filter((_color, index) => index % step === 0);
}

function likenessOf(
  bitmap: Bitmap,
  head: Head,
  { hair, around, skins }: { hair: Color[]; around: Color[]; skins: Color[] },
): Float32Array {
  const { width, height } = bitmap;
  const likeness = new Float32Array(width * height);
  const score = (d: number) => Math.exp(-(d * d) / (2 * SPREAD * SPREAD));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const { p, q } = toHead(head, x, y);
      const prior = nearHead(p, q);
      if (prior === 0) continue;
      const color = pixelAt(bitmap, x, y);
      const own = score(distanceTo(color, hair));
      const other =
        score(distanceTo(color, around)) * (1.3 - prior) + score(distanceTo(color, skins));
      likeness[y * width + x] = (prior * own) / (own + other + 0.05);
    }
  }
  return likeness;
}

/** How likely hair is at a place at all, 0–1. */
function nearHead(p: number, q: number): number {
  const isNeck = q < -0.6 && Math.abs(p) < 0.44;
  if (isNeck) return 0;
  const cap = Math.hypot(p / 0.92, (q - 0.15) / 1.12);
  const fall = q < 0.1 && q > -1.9 ? Math.abs(p) / 0.95 : 2;
  const far = Math.min(cap, fall);
  return far < 0.8 ? 1 : Math.max(0, 1 - (far - 0.8) / 0.35);
}

/** What can be reached from above the forehead over pixels that look like hair. */
function connectedTo(likeness: Float32Array, { width, height }: Bitmap, head: Head): Uint8Array {
  const reached = new Uint8Array(width * height);
  const waiting: number[] = [];
  for (let p = -0.4; p <= 0.4; p += 0.02) {
    for (let q = 0.4; q <= 0.9; q += 0.05) {
      const { x, y } = toPixels(head, p, q);
      if (x >= 0 && x < width - 0.5) waiting.push(Math.round(y) * width + Math.round(x));
    }
  }
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (at < 0 || at >= reached.length || reached[at] || (likeness[at] ?? 0) < 0.3) continue;
    reached[at] = Math.round(255 * Math.min(1, (likeness[at] ?? 0) * 1.5));
    const x = at % width;
    if (x > 0) waiting.push(at - 1);
    if (x < width - 1) waiting.push(at + 1);
    waiting.push(at - width, at + width);
  }
  return reached;
}

/** Closes small holes, softens the edge, and leaves the face out. */
async function smoothed(
  mask: Uint8Array,
  small: Bitmap,
  { width, height }: Bitmap,
  head: Head,
): Promise<Uint8Array> {
  const raw = { width: small.width, height: small.height, channels: 1 as const };
  const closed = await sharp(mask, { raw }).median(5).png().toBuffer();
  const soft = await sharp(closed)
    .resize(width, height, { fit: "fill", kernel: "cubic" })
    .blur(Math.max(0.8, head.width / 110))
    .toColourspace("b-w")
    .raw()
    .toBuffer();
  const face = await faceMask(head, width, height);
  return soft.map((value, at) => (value * (255 - (face[at] ?? 0))) / 255);
}

async function halved({ rgb, width, height }: Bitmap): Promise<Bitmap> {
  const { data, info } = await sharp(rgb, { raw: { width, height, channels: 3 } })
    .resize(Math.round(width / 2), Math.round(height / 2), { fit: "fill" })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { rgb: new Uint8Array(data), width: info.width, height: info.height };
}

/** 255 where the face is, from chin to brows, soft at its edge. */
export async function faceMask(head: Head, width: number, height: number): Promise<Uint8Array> {
  const points = head.outline.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%"/><polygon points="${points}" fill="#fff"/></svg>`;
  return sharp(Buffer.from(svg))
    .removeAlpha()
    .blur(Math.max(0.5, head.width / 120))
    .toColourspace("b-w")
    .raw()
    .toBuffer();
}
