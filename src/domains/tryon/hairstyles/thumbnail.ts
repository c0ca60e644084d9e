import sharp from "sharp";
import type { HairstyleCategory, HairstyleLook } from "./hairstyle.vocabulary.ts";

const SIDE = 480;
const OWN_COLOR = "#4a342a";

/** What lies behind the head and before it, in a box of 480 × 480; the face is an oval around (240, 222). */
interface Drawing {
  readonly behind: string;
  readonly before: string;
}

const CAP =
  "M134 236C122 138 170 84 240 84S358 138 346 236C342 214 336 196 326 184C300 176 268 160 252 138C232 162 186 178 154 186C144 198 138 216 134 236Z";
const ROOTS =
  "M136 222C130 136 176 90 240 90S350 136 344 222C332 178 292 148 240 148S148 178 136 222Z";
const FRINGE =
  "M146 206C150 138 190 108 240 108S330 138 334 206C316 196 300 200 284 192C270 200 256 192 240 200C224 192 210 200 196 192C180 200 164 196 146 206Z";

const DRAWINGS: Readonly<Record<HairstyleCategory, Drawing>> = {
  SHORT: {
    behind: `<path d="M132 232C122 130 170 80 240 80S358 130 348 232C346 262 340 276 334 286H146C140 276 134 262 132 232Z"/>`,
    before: `<path d="${CAP}"/>`,
  },
  MEDIUM: {
    behind: `<path d="M122 236C112 128 166 74 240 74S368 128 358 236C362 286 366 318 356 342C320 356 160 356 124 342C114 318 118 286 122 236Z"/>`,
    before: `<path d="${CAP}"/>`,
  },
  LONG: {
    behind: `<path d="M118 240C106 124 164 70 240 70S374 124 362 240C364 320 388 400 372 480H108C92 400 116 320 118 240Z"/>`,
    before: `<path d="${CAP}"/>`,
  },
  CURLY: {
    behind: curls(),
    before: `<path d="${ROOTS}"/>${[150, 178, 208, 240, 272, 302, 330].map((x, i) => `<circle cx="${x}" cy="${[176, 142, 124, 118, 124, 142, 176][i]}" r="27"/>`).join("")}`,
  },
  BRAIDS: {
    behind: `<path d="M130 236C120 130 168 78 240 78S360 130 350 236C346 268 340 280 334 290H146C140 280 134 268 130 236Z"/>`,
    before: `<path d="${CAP}"/>${braid(132)}${braid(348)}`,
  },
  UPDO: {
    behind: `<circle cx="240" cy="62" r="52"/><path d="M134 228C124 134 172 86 240 86S356 134 346 228C344 252 340 262 334 270H146C140 262 136 252 134 228Z"/>`,
    before: `<path d="${ROOTS}"/>`,
  },
};

/** Draws a head with the look, 480 × 480, WebP. */
export function drawThumbnail({ category, color, hasFringe }: HairstyleLook): Promise<Uint8Array> {
  const hair = color ?? OWN_COLOR;
  const { behind, before } = DRAWINGS[category];
  const fringe = hasFringe ? `<path d="${FRINGE}"/>` : "";
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${SIDE}" height="${SIDE}" viewBox="0 0 480 480">
    <defs>
      <linearGradient id="hair" x1="0" y1="0" x2=".25" y2="1"><stop offset="0" stop-color="${mixed(hair, "#ffffff", 0.28)}"/><stop offset=".3" stop-color="${hair}"/><stop offset="1" stop-color="${mixed(hair, "#000000", 0.3)}"/></linearGradient>
      <linearGradient id="wall" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="${mixed(hair, "#fbf6f1", 0.9)}"/><stop offset="1" stop-color="${mixed(hair, "#efe4da", 0.8)}"/></linearGradient>
      <linearGradient id="skin" x1="0" y1="0" x2=".3" y2="1"><stop offset="0" stop-color="#eebf9d"/><stop offset="1" stop-color="#d69c77"/></linearGradient>
    </defs>
    <rect width="480" height="480" fill="url(#wall)"/>
    <g fill="url(#hair)" stroke="${mixed(hair, "#000000", 0.35)}" stroke-width="1.5" stroke-linejoin="round">${behind}</g>
    <path d="M204 296h72v58q0 20 34 30c70 18 100 44 106 96H64c6-52 36-78 106-96q34-10 34-30z" fill="url(#skin)"/>
    <path d="M204 318q36 34 72 0v20q-36 34-72 0z" fill="#b97f5c" opacity=".35"/>
    <path d="M92 480c8-44 40-66 88-80q60 46 120 0c48 14 80 36 88 80z" fill="#fdfaf6"/>
    <ellipse cx="240" cy="222" rx="92" ry="116" fill="url(#skin)"/>
    <ellipse cx="148" cy="232" rx="13" ry="24" fill="#d69c77"/><ellipse cx="332" cy="232" rx="13" ry="24" fill="#d69c77"/>
    <path d="M184 212q18-10 36 0M260 212q18-10 36 0" fill="none" stroke="${mixed(hair, "#2a1c15", 0.5)}" stroke-width="6" stroke-linecap="round"/>
    <path d="M188 236q14 8 28 0M264 236q14 8 28 0" fill="none" stroke="#3a2a22" stroke-width="4.5" stroke-linecap="round"/>
    <path d="M238 240q-8 24-6 30 6 6 14 2" fill="none" stroke="#b97f5c" stroke-width="4" stroke-linecap="round"/>
    <path d="M212 296q28 20 56 0" fill="none" stroke="#a85850" stroke-width="6" stroke-linecap="round"/>
    <g fill="url(#hair)" stroke="${mixed(hair, "#000000", 0.35)}" stroke-width="1.5" stroke-linejoin="round">${before}${fringe}</g>
    <path d="M178 122q34-26 82-24" fill="none" stroke="#fff" stroke-opacity=".28" stroke-width="9" stroke-linecap="round"/>
  </svg>`;
  return sharp(Buffer.from(svg)).webp({ quality: 86 }).toBuffer();
}

function curls(): string {
  const around = Array.from({ length: 22 }, (_each, index) => {
    const angle = Math.PI * (0.86 + (1.28 * index) / 21);
    const [x, y] = [240 + 122 * Math.cos(angle), 226 + 140 * Math.sin(angle)];
    return `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${34 + (index % 3) * 5}"/>`;
  });
  return `<ellipse cx="240" cy="216" rx="120" ry="136"/>${around.join("")}`;
}

function braid(x: number): string {
  const links = Array.from({ length: 8 }, (_each, index) => {
    const side = index % 2 === 0 ? 7 : -7;
    const turn = index % 2 === 0 ? 32 : -32;
    const y = 276 + index * 25;
    return `<ellipse cx="${x + side}" cy="${y}" rx="25" ry="16" transform="rotate(${turn} ${x + side} ${y})"/>`;
  });
  return links.join("");
}

/** A colour on its way to another. @param share 0 for the first, 1 for the second */
function mixed(from: string, to: string, share: number): string {
  const channel = (color: string, at: number) => Number.parseInt(color.slice(at, at + 2), 16);
  const parts = [1, 3, 5].map((at) =>
    Math.round(channel(from, at) + (channel(to, at) - channel(from, at)) * share)
      .toString(16)
      .padStart(2, "0"),
  );
  return `#${parts.join("")}`;
}
