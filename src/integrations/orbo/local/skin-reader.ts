import type { SkinReading } from "../skin-reading.ts";
import { annotate } from "./annotations.ts";
import type { DetectedFace, Picture } from "../../../platform/faces/face-detector.ts";
import { cropFace } from "./face-crop.ts";
import { acneDetailOf, concernsOf, skinToneOf, skinTypeOf } from "./findings.ts";
import { judgeQuality, type Refusal } from "./gates.ts";
import { measure } from "./metrics.ts";
import { sampleSkin } from "./skin-sample.ts";

const MAPPING_VERSION = "local-1";

export interface SkinReadRequest {
  picture: Picture;
  face: DetectedFace;
  focus: "GENERAL" | "ACNE";
}

export type SkinReadAnswer = { reading: SkinReading } | { refused: Refusal };

/** Reads the skin of one face. Busy for some 100 ms; meant for a worker thread. */
export async function readSkin({ picture, face, focus }: SkinReadRequest): Promise<SkinReadAnswer> {
  const refused = judgeQuality(picture, face);
  if (refused) return { refused };
  const crop = await cropFace(picture, face);
  const sample = sampleSkin(crop);
  const measured = measure(sample);
  const { angle, tone } = skinToneOf(sample);
  const reading: SkinReading = {
    provider: "local",
    mappingVersion: MAPPING_VERSION,
    metrics: measured.metrics,
    rawScores: { ...measured.rawScores, typologyAngle: Math.round(angle * 10) / 10 },
    skinType: skinTypeOf(measured),
    skinTone: tone,
    concerns: concernsOf(measured),
    acneDetail: focus === "ACNE" ? acneDetailOf(sample) : null,
    annotations: await annotate(crop.rgb, sample),
  };
  return { reading };
}
