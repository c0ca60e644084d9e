import { setImmediate } from "node:timers/promises";
import sharp from "sharp";
import { PROVIDER_CODES, ProviderError } from "../../../platform/resilience/provider-error.ts";
import type { SkinAnalysisRequest, SkinReading } from "../skin-reading.ts";
import { annotate } from "./annotations.ts";
import { cropFace, type Picture } from "./face-crop.ts";
import { type DetectedFace, FaceDetector } from "./face-detector.ts";
import { acneDetailOf, concernsOf, skinToneOf, skinTypeOf } from "./findings.ts";
import { checkQuality, checkSize, chooseFace } from "./gates.ts";
import { measure } from "./metrics.ts";
import { sampleSkin } from "./skin-sample.ts";

const MAX_SIDE = 1024;
const MAX_PIXELS = 50_000_000;
const MAPPING_VERSION = "local-1";

/**
 * Reads skin from the pixels of the face alone: no network, no key, the same answer for the same
 * picture. The scores are comparable between pictures of one person in like light; they are
 * estimates, not a diagnosis.
 */
export class LocalSkinAnalyzer {
  readonly #detector = new FaceDetector();

  /**
   * Needs no session: nothing is paid, so an interrupted analysis is simply repeated.
   * @throws ProviderError `refused_input` when the picture cannot be judged, `retryable` when the
   * detector's thread died; the signal's reason when aborted
   */
  async analyze(request: SkinAnalysisRequest): Promise<SkinReading> {
    const { signal, onProgress } = request;
    signal.throwIfAborted();
    const picture = await decode(request.image);
    checkSize(picture);
    onProgress(0.1);
    const face = chooseFace(await this.#detect(picture, signal));
    checkQuality(picture, face);
    onProgress(0.5);
    await setImmediate(undefined, { signal });
    const crop = await cropFace(picture, face);
    await setImmediate(undefined, { signal });
    onProgress(0.6);
    const sample = await sampleSkin(crop, signal);
    onProgress(0.75);
    const measured = await measure(sample, signal);
    onProgress(0.9);
    const { angle, tone } = skinToneOf(sample);
    const annotations = await annotate(crop.rgb, sample);
    signal.throwIfAborted();
    onProgress(1);
    return {
      provider: "local",
      mappingVersion: MAPPING_VERSION,
      metrics: measured.metrics,
      rawScores: { ...measured.rawScores, typologyAngle: Math.round(angle * 10) / 10 },
      skinType: skinTypeOf(measured),
      skinTone: tone,
      concerns: concernsOf(measured),
      acneDetail: request.focus === "ACNE" ? acneDetailOf(sample) : null,
      annotations,
    };
  }

  /** Ends the detector's thread. */
  close(): Promise<void> {
    return this.#detector.close();
  }

  async #detect(picture: Picture, signal: AbortSignal): Promise<DetectedFace[]> {
    try {
      return await this.#detector.detect(picture.rgb, picture.width, picture.height, signal);
    } catch (error) {
      signal.throwIfAborted();
      throw fault("retryable", PROVIDER_CODES.unavailable, "The face detector failed.", error);
    }
  }
}

async function decode(image: Uint8Array): Promise<Picture> {
  try {
    const { data, info } = await sharp(image, { limitInputPixels: MAX_PIXELS })
      .toColourspace("srgb")
      .removeAlpha()
      .resize({ width: MAX_SIDE, height: MAX_SIDE, fit: "inside", withoutEnlargement: true })
      .raw()
      .toBuffer({ resolveWithObject: true });
    return { rgb: data, width: info.width, height: info.height };
  } catch (error) {
    throw fault("refused_input", PROVIDER_CODES.rejected, "The picture cannot be read.", error);
  }
}

function fault(
  outcome: "retryable" | "refused_input",
  code: string,
  message: string,
  cause: unknown,
): ProviderError {
  const error = new ProviderError({ provider: "local", outcome, code, message });
  error.cause = cause;
  return error;
}
