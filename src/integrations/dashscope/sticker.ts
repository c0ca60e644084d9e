/** What is asked of a sticker maker. */
export interface StickerRequest {
  readonly jobId: string;
  /** A clean JPEG: upright, no metadata. */
  readonly image: Uint8Array;
  /** Signs an address of the same picture. */
  imageUrl(): Promise<string>;
  readonly motion: string;
  /** What an earlier attempt stored; null the first time. */
  readonly session: string | null;
  saveSession(session: string): Promise<void>;
  onGenerating(): Promise<void>;
  /** @param fraction 0–1 */
  onProgress(fraction: number): void;
  readonly signal: AbortSignal;
}

/** A finished sticker. */
export interface FinishedSticker {
  readonly file: Uint8Array;
  readonly contentType: "video/mp4" | "image/webp";
  readonly width: number;
  readonly height: number;
  readonly durationMs: number;
  /** A still, WebP. */
  readonly poster: Uint8Array;
}
