import sharp from "sharp";
import type { ProductShape } from "./catalog-seed.ts";

export interface ProductPictureInput {
  readonly brand: string;
  readonly nameEn: string;
  readonly shape: ProductShape;
  /** Tint of the category, "#rrggbb". */
  readonly color: string;
  /** Position among the product's pictures, from 0; each has its own light and backdrop. */
  readonly index: number;
}

interface Silhouette {
  /** SVG of the product, standing on the line y = 480 and centred on x = 300. */
  readonly body: string;
  readonly halfWidth: number;
  /** Where the paper label sits; text is fitted into it. */
  readonly label: { readonly y: number; readonly width: number; readonly height: number };
}

const SIDE = 600;
const FLOOR_Y = 480;
/** Widths of glyphs in relation to the font size, generous for a plain sans-serif face. */
const GLYPH_WIDTH = 0.58;

const SILHOUETTES: Readonly<Record<ProductShape, Silhouette>> = {
  BOTTLE: {
    body: `<rect x="262" y="128" width="76" height="62" rx="8" fill="url(#cap)"/>
      <path d="M270 188h60v16q52 14 52 66v186q0 24-24 24H242q-24 0-24-24V270q0-52 52-66z" fill="url(#skin)"/>`,
    halfWidth: 82,
    label: { y: 292, width: 140, height: 136 },
  },
  JAR: {
    body: `<rect x="176" y="262" width="248" height="68" rx="14" fill="url(#cap)"/>
      <path d="M186 328h228v112q0 40-40 40H226q-40 0-40-40z" fill="url(#skin)"/>`,
    halfWidth: 114,
    label: { y: 346, width: 196, height: 104 },
  },
  TUBE: {
    body: `<path d="M212 126h176l-22 292H234z" fill="url(#skin)"/>
      <path d="M210 116h180v18H210z" fill="url(#skin)" stroke="#000" stroke-opacity=".12"/>
      <path d="M240 416h120v52q0 12-12 12h-96q-12 0-12-12z" fill="url(#cap)"/>`,
    halfWidth: 62,
    label: { y: 206, width: 132, height: 150 },
  },
  PUMP: {
    body: `<path d="M236 116h88q12 0 12 12v12h-36v42h-24v-42h-40q-14 0-14-12t14-12z" fill="url(#cap)"/>
      <rect x="254" y="178" width="92" height="40" rx="6" fill="url(#cap)"/>
      <path d="M246 214h108q32 0 32 32v206q0 28-28 28H242q-28 0-28-28V246q0-32 32-32z" fill="url(#skin)"/>`,
    halfWidth: 86,
    label: { y: 276, width: 146, height: 150 },
  },
  DROPPER: {
    body: `<path d="M280 120q0-26 20-26t20 26v56h-40z" fill="#3b3a3c"/>
      <rect x="260" y="174" width="80" height="62" rx="6" fill="url(#cap)"/>
      <path d="M268 234h64v18q50 10 50 56v144q0 28-28 28H246q-28 0-28-28V308q0-46 50-56z" fill="url(#skin)"/>`,
    halfWidth: 82,
    label: { y: 314, width: 140, height: 124 },
  },
  BAR: {
    body: `<rect x="142" y="330" width="316" height="150" rx="58" fill="url(#skin)"/>
      <rect x="168" y="350" width="264" height="108" rx="44" fill="none" stroke="#fff" stroke-opacity=".55" stroke-width="4"/>`,
    halfWidth: 150,
    label: { y: 362, width: 216, height: 84 },
  },
  BOX: {
    body: `<path d="M400 196l44-26v274l-44 36z" fill="url(#skin)"/>
      <path d="M400 196l44-26v274l-44 36z" fill="#2b2320" fill-opacity=".22"/>
      <path d="M176 196l44-26h224l-44 26z" fill="#fff" fill-opacity=".75"/>
      <rect x="176" y="196" width="224" height="284" fill="url(#skin)"/>`,
    halfWidth: 128,
    label: { y: 262, width: 176, height: 150 },
  },
};

/** The x of a silhouette's front face where it is not the middle of the picture. */
const FACE_X: Partial<Record<ProductShape, number>> = { BOX: 288 };

/**
 * Draws a demonstration picture of a product: a 600 × 600 WebP with backdrop, silhouette, shadow
 * and a label. The same input always gives the same picture on the same machine. Without fonts the
 * label keeps its ornament and stays legible as a package.
 */
export async function drawProductPicture(input: ProductPictureInput): Promise<Buffer> {
  return sharp(Buffer.from(pictureSvg(input)))
    .webp({ quality: 82 })
    .toBuffer();
}

function pictureSvg({ brand, nameEn, shape, color, index }: ProductPictureInput): string {
  const { body, halfWidth } = SILHOUETTES[shape];
  const turn = index % 3;
  const tint = shift(color, turn === 1 ? 0.12 : 0);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${SIDE}" height="${SIDE}" viewBox="0 0 ${SIDE} ${SIDE}">
    ${definitions(tint, accentOf(brand))}
    <rect width="${SIDE}" height="${SIDE}" fill="url(#wall)"/>
    ${backdrop(tint, turn)}
    <rect y="${FLOOR_Y - 34}" width="${SIDE}" height="${SIDE}" fill="${shift(tint, 0.42)}"/>
    <ellipse cx="${turn === 2 ? 276 : 324}" cy="${FLOOR_Y}" rx="${halfWidth + 52}" ry="17" fill="#2b2320" fill-opacity=".34" filter="url(#soft)"/>
    ${body}
    ${label(brand, nameEn, shape)}
    </svg>`;
}

function definitions(tint: string, accent: string): string {
  return `<defs>
    <linearGradient id="wall" x1="0" y1="0" x2="0" y2="1">
      <stop offset="0" stop-color="${shift(tint, 0.72)}"/><stop offset="1" stop-color="${shift(tint, 0.5)}"/>
    </linearGradient>
    <linearGradient id="skin" x1="0" x2="1">
      <stop offset="0" stop-color="${shift(tint, -0.14)}"/><stop offset=".22" stop-color="${shift(tint, 0.38)}"/>
      <stop offset=".6" stop-color="${tint}"/><stop offset="1" stop-color="${shift(tint, -0.24)}"/>
    </linearGradient>
    <linearGradient id="cap" x1="0" x2="1">
      <stop offset="0" stop-color="${shift(accent, -0.2)}"/><stop offset=".3" stop-color="${shift(accent, 0.3)}"/>
      <stop offset="1" stop-color="${shift(accent, -0.3)}"/>
    </linearGradient>
    <filter id="soft" x="-50%" y="-200%" width="200%" height="500%"><feGaussianBlur stdDeviation="11"/></filter>
  </defs>`;
}

function backdrop(tint: string, turn: number): string {
  const light = `fill="#fff" fill-opacity=".42"`;
  if (turn === 1) return `<path d="M110 446V240a190 190 0 0 1 380 0v206z" ${light}/>`;
  if (turn === 2) {
    return `<circle cx="452" cy="150" r="92" ${light}/>
      <rect x="60" y="330" width="150" height="116" rx="10" fill="${shift(tint, 0.3)}" fill-opacity=".6"/>`;
  }
  return `<circle cx="300" cy="262" r="206" ${light}/>`;
}

function label(brand: string, nameEn: string, shape: ProductShape): string {
  const { y, width, height } = SILHOUETTES[shape].label;
  const x = FACE_X[shape] ?? SIDE / 2;
  const lines = wrap(nameEn, 15).slice(0, 3);
  const brandSize = Math.min(19, width / (brand.length * GLYPH_WIDTH * 1.35));
  const longest = Math.max(...lines.map((line) => line.length));
  const nameSize = Math.min(15, (width - 16) / (longest * GLYPH_WIDTH), height / 7);
  const brandY = y + height * 0.3;
  const nameY = y + height * 0.58;
  const text = (size: number, at: number, content: string, extra: string) =>
    `<text x="${x}" y="${at.toFixed(1)}" font-size="${size.toFixed(1)}" text-anchor="middle" font-family="Helvetica, Arial, DejaVu Sans, sans-serif" ${extra}>${escapeXml(content)}</text>`;
  return `<rect x="${x - width / 2}" y="${y}" width="${width}" height="${height}" rx="6" fill="#fffdf9" fill-opacity=".93"/>
    ${text(brandSize, brandY, brand.toUpperCase(), 'fill="#2f2a28" font-weight="bold"')}
    <rect x="${x - 16}" y="${(brandY + height * 0.07).toFixed(1)}" width="32" height="2" fill="#2f2a28" fill-opacity=".5"/>
    ${lines.map((line, row) => text(nameSize, nameY + row * nameSize * 1.25, line, 'fill="#5b524e"')).join("")}`;
}

function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= columns) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else {
      lines.push(word);
    }
  }
  return lines;
}

const ACCENTS = ["#f4efe8", "#c9a26a", "#4f5b57", "#e9e4e0", "#8a6f5c", "#34424f"] as const;

/** One cap colour for everything of a brand, so that its range looks like a family. */
function accentOf(brand: string): string {
  const sum = [...brand].reduce((total, letter) => total + (letter.codePointAt(0) ?? 0), 0);
  return ACCENTS[sum % ACCENTS.length] ?? ACCENTS[0];
}

/** Mixes a "#rrggbb" colour with white (amount up to 1) or black (down to -1). */
function shift(color: string, amount: number): string {
  const target = amount < 0 ? 0 : 255;
  const channels = [1, 3, 5].map((at) => {
    const value = Number.parseInt(color.slice(at, at + 2), 16);
    return Math.round(value + (target - value) * Math.abs(amount));
  });
  return `#${channels.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
