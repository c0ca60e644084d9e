import sharp from "sharp";

export type BadImageCode =
  | "UNSUPPORTED_IMAGE_TYPE"
  | "IMAGE_TOO_LARGE"
  | "IMAGE_EMPTY"
  | "IMAGE_CORRUPT"
  | "IMAGE_TOO_MANY_PIXELS";

const MESSAGES: Record<BadImageCode, string> = {
  UNSUPPORTED_IMAGE_TYPE: "Please send a JPEG, PNG, WebP or GIF picture.",
  IMAGE_TOO_LARGE: "The file is too large.",
  IMAGE_EMPTY: "The file is empty.",
  IMAGE_CORRUPT: "The picture is damaged or incomplete.",
  IMAGE_TOO_MANY_PIXELS: "The picture has too many pixels.",
};

/** The bytes are not a picture that facet works with. The message may be shown. */
export class BadImage extends Error {
  constructor(readonly code: BadImageCode) {
    super(MESSAGES[code]);
    this.name = "BadImage";
  }
}

export interface CleanImageOptions {
  /** Size of the file as it came. */
  maxBytes: number;
  /** Width times height, read from the header before anything is decoded. */
  maxPixels: number;
  /** The result is scaled down, never up, until neither side is longer. */
  maxSide: number;
  format: "jpeg" | "webp";
}

export interface CleanImage {
  bytes: Uint8Array;
  contentType: "image/jpeg" | "image/webp";
  width: number;
  height: number;
}

export type ImageType = "jpeg" | "png" | "webp" | "gif";

/** Tells the type by the first bytes; a name or a declared type is not evidence. */
export function sniffImageType(bytes: Uint8Array): ImageType | null {
  const head = Buffer.from(bytes.subarray(0, 12)).toString("latin1");
  if (head.startsWith("\xff\xd8\xff")) return "jpeg";
  if (head.startsWith("\x89PNG\r\n\x1a\n")) return "png";
  if (head.startsWith("GIF87a") || head.startsWith("GIF89a")) return "gif";
  return head.startsWith("RIFF") && head.slice(8, 12) === "WEBP" ? "webp" : null;
}

/**
 * Refuses what is certainly no acceptable picture without decoding it: wrong type, too many pixels by its header,
 * or a file that ends before its format says so. A few milliseconds at most, whatever the file claims.
 * @throws BadImage
 */
export async function checkPicture(
  bytes: Uint8Array,
  limits: Pick<CleanImageOptions, "maxBytes" | "maxPixels">,
): Promise<void> {
  if (bytes.byteLength === 0) throw new BadImage("IMAGE_EMPTY");
  if (bytes.byteLength > limits.maxBytes) throw new BadImage("IMAGE_TOO_LARGE");
  await checkHeader(bytes, limits.maxPixels);
  if (!isComplete(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))) {
    throw new BadImage("IMAGE_CORRUPT");
  }
}

/** Looks for the mark at which each format ends: EOI, IEND, the RIFF length, the GIF trailer. */
function isComplete(bytes: Buffer): boolean {
  switch (sniffImageType(bytes)) {
    case "jpeg":
      // Some cameras append data of their own behind the end of the image.
      return bytes.lastIndexOf(Buffer.from([0xff, 0xd9])) > bytes.length / 2;
    case "png":
      return bytes.lastIndexOf("IEND", undefined, "latin1") > bytes.length / 2;
    case "webp":
      return bytes.length >= bytes.readUInt32LE(4) + 8;
    case "gif":
      return bytes.lastIndexOf(0x3b) > bytes.length / 2;
    case null:
      return false;
  }
}

/**
 * Makes a picture from outside safe and plain: upright, sRGB, without any metadata (camera,
 * place, colour profile), first frame only, transparent parts white in a JPEG, encoded anew.
 * @throws BadImage
 */
export async function cleanImage(
  bytes: Uint8Array,
  options: CleanImageOptions,
): Promise<CleanImage> {
  if (bytes.byteLength === 0) throw new BadImage("IMAGE_EMPTY");
  if (bytes.byteLength > options.maxBytes) throw new BadImage("IMAGE_TOO_LARGE");
  await checkHeader(bytes, options.maxPixels);
  try {
    const { data, info } = await encode(bytes, options).toBuffer({ resolveWithObject: true });
    const contentType = options.format === "jpeg" ? "image/jpeg" : "image/webp";
    return { bytes: data, contentType, width: info.width, height: info.height };
  } catch {
    throw new BadImage("IMAGE_CORRUPT");
  }
}

async function checkHeader(bytes: Uint8Array, maxPixels: number): Promise<void> {
  const type = sniffImageType(bytes);
  if (!type) throw new BadImage("UNSUPPORTED_IMAGE_TYPE");
  const header = await sharp(bytes, { limitInputPixels: false })
    .metadata()
    .catch(() => null);
  if (!header?.width || !header.height) throw new BadImage("IMAGE_CORRUPT");
  if (header.format !== type) throw new BadImage("UNSUPPORTED_IMAGE_TYPE");
  if (header.width * header.height > maxPixels) throw new BadImage("IMAGE_TOO_MANY_PIXELS");
}

function encode(bytes: Uint8Array, { maxPixels, maxSide, format }: CleanImageOptions) {
  // "error" refuses truncated files but not the harmless warnings that many phone cameras cause.
  const upright = sharp(bytes, { failOn: "error", limitInputPixels: maxPixels })
    .timeout({ seconds: 20 })
    .autoOrient()
    .resize({ width: maxSide, height: maxSide, fit: "inside", withoutEnlargement: true })
    .toColourspace("srgb");
  return format === "webp"
    ? upright.webp({ quality: 86 })
    : upright.flatten({ background: "#ffffff" }).jpeg({ quality: 92, chromaSubsampling: "4:4:4" });
}
