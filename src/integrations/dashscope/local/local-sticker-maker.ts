import sharp from "sharp";
import type { FaceDetector } from "../../../platform/faces/face-detector.ts";
import { requireOnlyFace } from "../../../platform/faces/only-face.ts";
import type { FinishedSticker, StickerRequest } from "../sticker.ts";
import { movementOf, type Movement } from "./movement.ts";
import { ornamentSvg } from "./ornaments.ts";

const SIDE = 320;
const FACE_SIDE = 220;
const FRAMES = 20;
const FRAME_MS = 70;
/** How much of the picture around the face is shown, in widths of the face. */
const CUT = 1.75;
const MAX_SIDE = 1_024;

/**
 * Makes a looping WebP sticker of the face in the picture: cut out round, moved frame by frame as the template says. No network, no
 * key, the same sticker for the same picture.
 */
export class LocalStickerMaker {
  /** @param faces stays open */
  constructor(private readonly faces: FaceDetector) {}

  /** Nothing of it is paid. */
  mayHaveBegun(): boolean {
    return false;
  }

  /**
   * Needs no session: nothing is paid.
   * @throws ProviderError `refused_input` NO_FACE or MULTIPLE_FACES; the signal's reason when aborted
   */
  async make(request: StickerRequest): Promise<FinishedSticker> {
    const { image, motion, signal, onProgress } = request;
    const face = await this.roundFace(image, signal);
    await request.onGenerating();
    const movement = movementOf(motion);
    const frames: Buffer[] = [];
    for (let number = 0; number < FRAMES; number++) {
      signal.throwIfAborted();
      frames.push(await frame(face, movement, number / FRAMES));
      onProgress((number + 1) / FRAMES);
    }
    const file = await sharp(frames, { join: { animated: true } })
      .webp({ loop: 0, delay: frames.map(() => FRAME_MS), quality: 80 })
      .toBuffer();
    return {
      file,
      contentType: "image/webp",
      width: SIDE,
      height: SIDE,
      durationMs: FRAMES * FRAME_MS,
      poster: await sharp(frames[0]).webp({ quality: 85 }).toBuffer(),
    };
  }

  /** The face, cut out round with a white rim, on nothing. */
  private async roundFace(image: Uint8Array, signal: AbortSignal): Promise<Buffer> {
    const { data, info } = await sharp(image)
      .resize({ width: MAX_SIDE, height: MAX_SIDE, fit: "inside", withoutEnlargement: true })
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const { width, height } = info;
    const { box } = requireOnlyFace(await this.faces.detect(data, width, height, signal));
    const side = Math.min(Math.round(box.width * CUT), width, height);
    const left = clamp(box.x + box.width / 2 - side / 2, width - side);
    const top = clamp(box.y + box.height * 0.42 - side / 2, height - side);
    const half = FACE_SIDE / 2;
    const round = (radius: number, style: string) =>
      Buffer.from(
        `<svg xmlns="http://www.w3.org/2000/svg" width="${FACE_SIDE}" height="${FACE_SIDE}"><circle cx="${half}" cy="${half}" r="${radius}" ${style}/></svg>`,
      );
    return sharp(data, { raw: { width, height, channels: 3 } })
      .extract({ left, top, width: side, height: side })
      .resize(FACE_SIDE, FACE_SIDE)
      .modulate({ saturation: 1.15, brightness: 1.03 })
      .ensureAlpha()
      .composite([
        { input: round(half - 2, 'fill="#fff"'), blend: "dest-in" },
        { input: round(half - 4, 'fill="none" stroke="#fff" stroke-width="7"') },
      ])
      .png()
      .toBuffer();
  }
}

async function frame(face: Buffer, { at, ornament }: Movement, t: number): Promise<Buffer> {
  const { dx, dy, turn, stretch } = at(t);
  const moved = await sharp(face)
    .resize({
      width: Math.round(FACE_SIDE * stretch[0]),
      height: Math.round(FACE_SIDE * stretch[1]),
      fit: "fill",
    })
    .rotate(turn, { background: "#0000" })
    .toBuffer({ resolveWithObject: true });
  const left = Math.round((SIDE - moved.info.width) / 2 + dx);
  const top = Math.round((SIDE - moved.info.height) / 2 + dy);
  return sharp({ create: { width: SIDE, height: SIDE, channels: 4, background: "#0000" } })
    .composite([
      { input: moved.data, left, top },
      { input: Buffer.from(ornamentSvg(ornament, t, SIDE)) },
    ])
    .png()
    .toBuffer();
}

const clamp = (value: number, most: number): number =>
  Math.round(Math.max(0, Math.min(value, most)));
