/** A finished sticker. */
export interface Sticker {
  readonly file: Uint8Array;
  /** `video/mp4`, `image/gif` or `image/webp`. */
  readonly contentType: "video/mp4" | "image/gif" | "image/webp";
  /** In pixels. */
  readonly width: number;
  readonly height: number;
  /** One round of the movement. */
  readonly durationMs: number;
  /** A still of it, WebP. */
  readonly poster: Uint8Array;
}

/** Makes a face move. Throws ProviderError; `refused_input` when the picture will not do. */
export interface StickerMaker {
  make(request: {
    readonly jobId: string;
    /** A clean JPEG: upright, no metadata. */
    readonly image: Uint8Array;
    /** Signs an address of the same picture, good for two hours. */
    imageUrl(): Promise<string>;
    readonly motion: string;
    /** What an earlier attempt stored: work that was paid is resumed. */
    readonly session: string | null;
    saveSession(session: string): Promise<void>;
    /** The face was found, and making begins. */
    onGenerating(): Promise<void>;
    /** @param fraction of the making, 0–1 */
    onProgress(fraction: number): void;
    readonly signal: AbortSignal;
  }): Promise<Sticker>;
  /** Whether making began, or may have begun, by what the attempts of a job have stored. */
  mayHaveBegun(session: string | null): boolean;
}
