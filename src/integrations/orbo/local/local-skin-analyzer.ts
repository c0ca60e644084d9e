import sharp from "sharp";
import type { FaceDetector, Picture } from "../../../platform/faces/face-detector.ts";
import { PROVIDER_CODES, ProviderError } from "../../../platform/resilience/provider-error.ts";
import { ThreadCaller } from "../../../platform/threads/thread-caller.ts";
import type { SkinAnalysisRequest, SkinReading } from "../skin-reading.ts";
import { checkSize, chooseFace, refusal } from "./gates.ts";
import type { SkinReadAnswer, SkinReadRequest } from "./skin-reader.ts";

const MAX_SIDE = 1024;
const MAX_PIXELS = 50_000_000;
const READER = import.meta.url.endsWith(".ts")
  ? "./skin-reader.thread.ts"
  : "./skin-reader.thread.js";

/**
 * Reads skin from the pixels of the face alone: no network, no key, the same answer for the same
 * picture. The scores are comparable between pictures of one person in like light; they are
 * estimates, not a diagnosis.
 */
export class LocalSkinAnalyzer {
  readonly #reader = new ThreadCaller<SkinReadRequest, SkinReadAnswer>(
    new URL(READER, import.meta.url),
  );

  /** @param faces stays open when this is closed */
  constructor(private readonly faces: FaceDetector) {}

  /**
   * Needs no session: nothing is paid, so an interrupted analysis is simply repeated.
   * @throws ProviderError `refused_input` when the picture cannot be judged, `retryable` when a
   * thread died; the signal's reason when aborted
   */
  async analyze({ image, focus, signal, onProgress }: SkinAnalysisRequest): Promise<SkinReading> {
    signal.throwIfAborted();
    onProgress(0.05);
    const picture = await decode(image);
    checkSize(picture);
    onProgress(0.15);
    const faces = await inThread(signal, () =>
      this.faces.detect(picture.rgb, picture.width, picture.height, signal),
    );
    const face = chooseFace(faces);
    onProgress(0.6);
    const answer = await inThread(signal, () =>
      this.#reader.call({ picture, face, focus }, signal),
    );
    if ("refused" in answer) throw refusal(answer.refused);
    onProgress(1);
    return answer.reading;
  }

  /** Ends the thread that reads skin. */
  close(): Promise<void> {
    return this.#reader.close();
  }
}

async function inThread<Answer>(signal: AbortSignal, call: () => Promise<Answer>): Promise<Answer> {
  try {
    return await call();
  } catch (error) {
    signal.throwIfAborted();
    throw fault("retryable", PROVIDER_CODES.unavailable, "The local analyser failed.", error);
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
