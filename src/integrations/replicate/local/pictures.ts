import sharp from "sharp";
import type { Style } from "../styling.ts";
import { hairBehind, hairInFront } from "./drawn-hair.ts";
import { faceMask, type Hair } from "./hair-mask.ts";
import { toHead, toPixels, type Head } from "./head.ts";
import {
  colorOf,
  hexOf,
  median,
  parsedColor,
  pixelAt,
  rgbOf,
  type Bitmap,
  type Color,
} from "./pixels.ts";

/** Somebody in a picture of head and shoulders. */
export interface Sitter {
  readonly bitmap: Bitmap;
  readonly head: Head;
  readonly hair: Hair;
}

const QUALITY = 88;
/** How far the nose moves when the head is turned, in widths of the face. */
const TURN = 0.17;

const targetColor = ({ color }: Style, hair: Hair): Color =>
  color === null ? hair.color : parsedColor(color);

/** The sitter from the front with the style's colour and shape. */
export async function frontPicture({ bitmap, head, hair }: Sitter, style: Style): Promise<Bitmap> {
  const { width, height } = bitmap;
  const color = targetColor(style, hair);
  const rgb = recolored(bitmap, hair, color, style.color === null);
  const drawn = hairInFront(style, head, color);
  const behindFace = await layer(drawn.hair, width, height);
  cutOut(behindFace, await faceMask(head, width, height));
  const data = await sharp(rgb, { raw: { width, height, channels: 3 } })
    .composite([
      { input: behindFace, raw: { width, height, channels: 4 } },
      { input: await layer(drawn.fringe, width, height), raw: { width, height, channels: 4 } },
    ])
    .removeAlpha()
    .raw()
    .toBuffer();
  return { rgb: new Uint8Array(data), width, height };
}

/** The hair takes a colour and keeps its light and shade. */
function recolored(bitmap: Bitmap, hair: Hair, to: Color, isOwn: boolean): Uint8Array {
  const rgb = Uint8Array.from(bitmap.rgb);
  if (isOwn) return rgb;
  const [middle] = hair.color;
  // Dark hair shows little contrast of its own, and light hair much.
  const contrast = Math.max(0.55, Math.min(1.5, (to[0] + 40) / (middle + 40)));
  hair.mask.forEach((amount, at) => {
    if (amount < 4) return;
    const [r, g, b] = [rgb[3 * at] ?? 0, rgb[3 * at + 1] ?? 0, rgb[3 * at + 2] ?? 0];
    const [luma] = colorOf(r, g, b);
    const lit = Math.max(4, Math.min(250, to[0] + (luma - middle) * contrast));
    const depth = Math.min(1.15, 0.5 + lit / (2 * Math.max(20, to[0])));
    const wanted = rgbOf([lit, 128 + (to[1] - 128) * depth, 128 + (to[2] - 128) * depth]);
    [r, g, b].forEach((was, channel) => {
      const now = was + ((wanted[channel] ?? was) - was) * (amount / 255);
      rgb[3 * at + channel] = Math.max(0, Math.min(255, Math.round(now)));
    });
  });
  return rgb;
}

const layer = async (shapes: string, width: number, height: number): Promise<Buffer> =>
  sharp(
    Buffer.from(
      `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${shapes}</svg>`,
    ),
  )
    .ensureAlpha()
    .raw()
    .toBuffer();

/** Makes a layer transparent where the mask is set. */
function cutOut(rgba: Buffer, mask: Uint8Array): void {
  mask.forEach((amount, at) => {
    const alpha = 4 * at + 3;
    rgba[alpha] = Math.round(((rgba[alpha] ?? 0) * (255 - amount)) / 255);
  });
}

/**
 * A picture with the head turned a little, as if the face stood out of it; JPEG.
 * @param direction 1 shows the right side of the head, -1 the left one, 0 leaves it as it is
 */
export async function turnedPicture(
  picture: Bitmap,
  head: Head,
  direction: -1 | 0 | 1,
): Promise<Uint8Array> {
  const { rgb, width, height } = picture;
  const turned = direction === 0 ? rgb : new Uint8Array(rgb.length);
  for (let y = 0; direction !== 0 && y < height; y++) {
    for (let x = 0; x < width; x++) {
      const { p, q } = toHead(head, x, y);
      const depth = Math.max(0, 1 - (p / 0.78) ** 2 - ((q + 0.1) / 1.25) ** 2);
      const shift = direction * TURN * head.width * depth;
      copyBetween(rgb, turned, width, y, x, x - shift);
    }
  }
  // The camera goes along: another part of what is behind comes into view.
  const margin = Math.round(width * 0.06);
  const left = margin * (1 - direction);
  const image = sharp(turned, { raw: { width, height, channels: 3 } });
  const framed =
    direction === 0
      ? image
      : image
          .extract({ left, top: margin, width: width - 2 * margin, height: height - 2 * margin })
          .resize(width, height);
  return framed.jpeg({ quality: QUALITY }).toBuffer();
}

/** Sets one pixel to what lies between two of another place in its row. */
function copyBetween(
  from: Uint8Array,
  to: Uint8Array,
  width: number,
  y: number,
  x: number,
  source: number,
): void {
  const clamped = Math.max(0, Math.min(width - 2, source));
  const whole = Math.floor(clamped);
  const share = clamped - whole;
  const [a, at] = [3 * (y * width + whole), 3 * (y * width + x)];
  for (let channel = 0; channel < 3; channel++) {
    const [one, two] = [from[a + channel] ?? 0, from[a + 3 + channel] ?? 0];
    to[at + channel] = Math.round(one + (two - one) * share);
  }
}

/** The sitter drawn from behind before a blurred picture of the place; JPEG. */
export async function backPicture(
  { bitmap, head, hair }: Sitter,
  style: Style,
): Promise<Uint8Array> {
  const { width, height, rgb } = bitmap;
  const color = targetColor(style, hair);
  const shirt = shirtColor(bitmap, head);
  const point = (p: number, q: number) => {
    const { x, y } = toPixels(head, p, q);
    return `${x.toFixed(0)} ${y.toFixed(0)}`;
  };
  const shoulders = `M${point(-0.3, -1.05)}C${point(-0.5, -1.4)} ${point(-1.3, -1.4)} ${point(-1.5, -2.6)}L${point(-1.6, -4)}L${point(1.6, -4)}L${point(1.5, -2.6)}C${point(1.3, -1.4)} ${point(0.5, -1.4)} ${point(0.3, -1.05)}Q${point(0, -1.28)} ${point(-0.3, -1.05)}Z`;
  const neck = `M${point(-0.31, -0.3)}L${point(-0.3, -1.1)}Q${point(0, -1.4)} ${point(0.3, -1.1)}L${point(0.31, -0.3)}Z`;
  const skull = `M${point(-0.5, -0.1)}C${point(-0.62, 0.7)} ${point(-0.35, 1.02)} ${point(0, 1.02)}C${point(0.35, 1.02)} ${point(0.62, 0.7)} ${point(0.5, -0.1)}C${point(0.46, -0.6)} ${point(-0.46, -0.6)} ${point(-0.5, -0.1)}Z`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <defs>
      <linearGradient id="skin" x1="0" x2="1"><stop offset="0" stop-color="${hexOf(hair.skin, -34)}"/><stop offset=".5" stop-color="${hexOf(hair.skin, -6)}"/><stop offset="1" stop-color="${hexOf(hair.skin, -40)}"/></linearGradient>
      <linearGradient id="shirt" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="${hexOf(shirt, 10)}"/><stop offset="1" stop-color="${hexOf(shirt, -30)}"/></linearGradient>
    </defs>
    <path d="${neck}" fill="url(#skin)"/><path d="${shoulders}" fill="url(#shirt)"/>
    <path d="${skull}" fill="${hexOf(color, -20)}"/>${hairBehind(style, head, color)}</svg>`;
  const place = await placeOf(rgb, width, height);
  return sharp(place)
    .composite([{ input: Buffer.from(svg) }])
    .jpeg({ quality: QUALITY })
    .toBuffer();
}

/** The place without the sitter: the upper corners, stretched and out of focus. */
async function placeOf(rgb: Uint8Array, width: number, height: number): Promise<Buffer> {
  const strip = Math.round(width * 0.2);
  const part = (left: number) =>
    sharp(rgb, { raw: { width, height, channels: 3 } })
      .extract({ left, top: 0, width: strip, height: Math.round(height * 0.45) })
      .resize(Math.ceil(width / 2), height, { fit: "fill" })
      .png()
      .toBuffer();
  const both = await sharp({ create: { width, height, channels: 3, background: "#888" } })
    .composite([
      { input: await part(0), left: 0, top: 0 },
      { input: await part(width - strip), left: Math.floor(width / 2), top: 0 },
    ])
    .png()
    .toBuffer();
  return sharp(both).blur(38).png().toBuffer();
}

function shirtColor(bitmap: Bitmap, head: Head): Color {
  const colors: Color[] = [];
  for (let y = 0; y < bitmap.height; y += 4) {
    for (let x = 0; x < bitmap.width; x += 4) {
      const { p, q } = toHead(head, x, y);
      if (q < -1.7 && q > -2.6 && Math.abs(p) < 1) colors.push(pixelAt(bitmap, x, y));
    }
  }
  return median(colors) ?? [120, 128, 128];
}
