import sharp from "sharp";
import type { SkinAnnotation } from "../skin-reading.ts";
import { CROP_SIZE } from "./face-crop.ts";
import { rednessMarks, spotMarks } from "./findings.ts";
import type { SkinSample } from "./skin-sample.ts";

type Colour = readonly [red: number, green: number, blue: number];

/** Share of the mark's colour in a marked pixel. */
const OPACITY = 0.35;

/** Small JPEGs of the face with the found places tinted and outlined. */
export async function annotate(rgb: Uint8Array, sample: SkinSample): Promise<SkinAnnotation[]> {
  const marked: { concern: string; marks: Uint8Array; colour: Colour }[] = [
    { concern: "REDNESS", marks: rednessMarks(sample), colour: [230, 30, 60] },
    { concern: "DARK_SPOTS", marks: spotMarks(sample.darkSpots), colour: [40, 60, 220] },
    { concern: "ACNE", marks: spotMarks(sample.redSpots), colour: [255, 200, 0] },
  ];
  const annotations: SkinAnnotation[] = [];
  for (const { concern, marks, colour } of marked) {
    if (!marks.includes(1)) continue;
    const image = await sharp(paint(rgb, marks, colour), {
      raw: { width: CROP_SIZE, height: CROP_SIZE, channels: 3 },
    })
      .jpeg({ quality: 82 })
      .toBuffer();
    annotations.push({ concern, image, contentType: "image/jpeg" });
  }
  return annotations;
}

function paint(rgb: Uint8Array, marks: Uint8Array, colour: Colour): Uint8Array {
  const painted = Uint8Array.from(rgb);
  for (let i = 0; i < marks.length; i++) {
    const outline = !marks[i] && touches(marks, i);
    if (!marks[i] && !outline) continue;
    const opacity = outline ? 1 : OPACITY;
    colour.forEach((value, channel) => {
      const at = 3 * i + channel;
      painted[at] = Math.round((painted[at] ?? 0) * (1 - opacity) + value * opacity);
    });
  }
  return painted;
}

function touches(marks: Uint8Array, pixel: number): boolean {
  return [pixel - 1, pixel + 1, pixel - CROP_SIZE, pixel + CROP_SIZE].some((i) => marks[i] === 1);
}
