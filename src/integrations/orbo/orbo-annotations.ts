import type { HttpClient } from "../../platform/http/http-client.ts";
import type { SkinAnnotation } from "./skin-reading.ts";

const MAX_ANNOTATIONS = 16;
const MAX_ANNOTATION_BYTES = 4 * 1024 * 1024;
const PICTURE = /^image\/(jpeg|png|webp)$/;

/**
 * Fetches the pictures that mark the findings, at once: their URLs live for an unknown time. A
 * picture that cannot be had is left out; the reading is worth more than its pictures.
 */
export async function downloadAnnotations(input: {
  http: HttpClient;
  urls: Record<string, string | null>;
  /** The URL when it may be fetched, else null. */
  trusted: (url: string) => string | null;
  signal: AbortSignal;
}): Promise<SkinAnnotation[]> {
  const found = await Promise.all(
    Object.entries(input.urls)
      .slice(0, MAX_ANNOTATIONS)
      .map(async ([concern, address]): Promise<SkinAnnotation | null> => {
        const url = address === null ? null : input.trusted(address);
        if (!url) return null;
        const { bytes, contentType } = await input.http.getBytes({
          url,
          maxBytes: MAX_ANNOTATION_BYTES,
          signal: input.signal,
        });
        return PICTURE.test(contentType) ? { concern, image: bytes, contentType } : null;
      })
      .map((download) => download.catch(() => null)),
  );
  input.signal.throwIfAborted();
  return found.filter((one) => one !== null);
}
