import sharp, { type Sharp } from "sharp";
import type { FaceDetector } from "../../../platform/faces/face-detector.ts";
import { requireOnlyFace } from "../../../platform/faces/only-face.ts";
import { ProviderError } from "../../../platform/resilience/provider-error.ts";
import type { StylingRequest, View } from "../styling.ts";
import { findHair } from "./hair-mask.ts";
import { headOf } from "./head.ts";
import type { Bitmap } from "./pixels.ts";
import { backPicture, frontPicture, turnedPicture, type Sitter } from "./pictures.ts";

/** Pixels of a picture's side. */
const SIDE = 768;
const MAX_SIDE = 2_048;
/** How much of the picture around the face is shown, in widths of the face. */
const CUT = 3.1;

/**
 * Gives an idea of a hairstyle without network or key: colours the hair that it finds around the face, paints what is missing, turns
 * the head a little for the sides, and draws it from behind. The same pictures for the same input.
 */
export class LocalStylist {
  readonly isPreview = true;

  /** @param faces stays open */
  constructor(private readonly faces: FaceDetector) {}

  /** Needs no session: nothing is paid. @throws the signal's reason when aborted, or what the request's callbacks throw */
  async style(request: StylingRequest): Promise<void> {
    const { views, signal, style } = request;
    let sitter: Sitter;
    try {
      sitter = await this.sitter(request.image, signal);
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      for (const view of views) await request.onFailed(view, error, null);
      return;
    }
    let front: Promise<Bitmap> | null = null;
    const turned = async (direction: -1 | 0 | 1) =>
      turnedPicture(await (front ??= frontPicture(sitter, style)), sitter.head, direction);
    const make: Readonly<Record<View, () => Promise<Uint8Array>>> = {
      FRONT: () => turned(0),
      RIGHT: () => turned(1),
      LEFT: () => turned(-1),
      BACK: () => backPicture(sitter, style),
    };
    for (const view of views) {
      signal.throwIfAborted();
      await request.onStyled(view, { picture: await make[view](), reference: null });
    }
  }

  /** Head and shoulders, cut out of the picture, and where the hair is. */
  private async sitter(image: Uint8Array, signal: AbortSignal): Promise<Sitter> {
    const whole = await raw(
      sharp(image).resize({
        width: MAX_SIDE,
        height: MAX_SIDE,
        fit: "inside",
        withoutEnlargement: true,
      }),
    );
    const face = requireOnlyFace(
      await this.faces.detect(whole.rgb, whole.width, whole.height, signal),
    );
    const { width, origin } = headOf(face);
    const side = Math.round(Math.min(width * CUT, whole.width, whole.height));
    const left = within(origin.x - side / 2, whole.width - side);
    const top = within(origin.y - side * 0.42, whole.height - side);
    const cut = sharp(whole.rgb, {
      raw: { width: whole.width, height: whole.height, channels: 3 },
    }).extract({ left, top, width: side, height: side });
    const bitmap = await raw(cut.resize(SIDE, SIDE, { kernel: "lanczos3" }));
    const scale = SIDE / side;
    const landmarks = face.landmarks.map(({ x, y }) => ({
      x: (x - left) * scale,
      y: (y - top) * scale,
    }));
    const head = headOf({ ...face, landmarks });
    return { bitmap, head, hair: await findHair(bitmap, head) };
  }
}

async function raw(image: Sharp) {
  const { data, info } = await image
    .removeAlpha()
    .toColourspace("srgb")
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { rgb: new Uint8Array(data), width: info.width, height: info.height };
}

const within = (value: number, most: number): number =>
  Math.round(Math.max(0, Math.min(value, most)));
