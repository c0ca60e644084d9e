import { fileURLToPath } from "node:url";
import sharp, { type Sharp } from "sharp";
import type { LocalSkinAnalyzer } from "../../../src/integrations/orbo/local/local-skin-analyzer.ts";
import type {
  SkinAnalysisRequest,
  SkinReading,
} from "../../../src/integrations/orbo/skin-reading.ts";

const PORTRAIT = fileURLToPath(new URL("../../fixtures/portrait.png", import.meta.url));
const SIDE = 512;

/** The portrait, to be altered. */
export function portrait(): Sharp {
  return sharp(PORTRAIT).removeAlpha();
}

/** The picture as the product hands it over. */
export function jpeg(picture: Sharp): Promise<Uint8Array> {
  return picture.jpeg({ quality: 92 }).toBuffer();
}

/** Draws SVG shapes over the portrait. */
export function painted(shapes: string): Sharp {
  return portrait().composite([{ input: drawing(shapes) }]);
}

/** SVG shapes on white. */
export function drawn(shapes: string): Sharp {
  return sharp(drawing(shapes)).flatten({ background: "#fff" });
}

/** Two portraits next to each other. */
export function twice(): Sharp {
  return sharp({
    create: { width: 2 * SIDE, height: SIDE, channels: 3, background: "#fff" },
  }).composite([
    { input: PORTRAIT, left: 0, top: 0 },
    { input: PORTRAIT, left: SIDE, top: 0 },
  ]);
}

/** Spots on forehead, nose, cheeks and chin of the portrait. */
export function spots(colour: string): string {
  const places = [
    [210, 85],
    [224, 86],
    [225, 125],
    [196, 131],
    [203, 130],
    [199, 138],
    [250, 128],
    [257, 131],
    [218, 168],
    [232, 168],
  ];
  return places.map(([x, y]) => `<circle cx="${x}" cy="${y}" r="1.7" fill="${colour}"/>`).join("");
}

export function analyze(
  analyzer: LocalSkinAnalyzer,
  image: Uint8Array,
  options: Partial<SkinAnalysisRequest> = {},
): Promise<SkinReading> {
  return analyzer.analyze({
    image,
    focus: "GENERAL",
    session: null,
    saveSession: () => Promise.resolve(),
    onProgress: () => undefined,
    signal: AbortSignal.timeout(20_000),
    ...options,
  });
}

function drawing(shapes: string): Buffer {
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${SIDE}" height="${SIDE}">${shapes}</svg>`,
  );
}
