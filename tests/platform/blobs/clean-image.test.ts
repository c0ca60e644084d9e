import { expect, test } from "@jest/globals";
import { crc32 } from "node:zlib";
import sharp from "sharp";
import {
  BadImage,
  cleanImage,
  type CleanImageOptions,
} from "../../../src/platform/blobs/clean-image.ts";

const OPTIONS: CleanImageOptions = {
  maxBytes: 10_000_000,
  maxPixels: 50_000_000,
  maxSide: 1024,
  format: "jpeg",
};
const clean = (bytes: Uint8Array, options: Partial<CleanImageOptions> = {}) =>
  cleanImage(bytes, { ...OPTIONS, ...options });
const refusal = (bytes: Uint8Array, options: Partial<CleanImageOptions> = {}) =>
  clean(bytes, options).then(
    () => "accepted",
    (error: unknown) => (error instanceof BadImage ? error.code : error),
  );
const canvas = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: { r: 200, g: 120, b: 90 } } });

/** Left half red, right half blue. */
const twoHalves = () =>
  canvas(400, 200).composite([
    {
      input: { create: { width: 200, height: 200, channels: 3, background: "#ff0000" } },
      left: 0,
      top: 0,
    },
    {
      input: { create: { width: 200, height: 200, channels: 3, background: "#0000ff" } },
      left: 200,
      top: 0,
    },
  ]);

test("turns the picture upright and drops every trace of camera and place", async () => {
  const photo = await twoHalves()
    .withMetadata({ orientation: 6 })
    .withExif({
      IFD0: { Make: "SecretCam", Orientation: "6" },
      IFD3: { GPSLatitudeRef: "N", GPSLatitude: "11/1 33/1 0/1" },
    })
    .withXmp("<x:xmpmeta xmlns:x='adobe:ns:meta/'><note>SecretPlace</note></x:xmpmeta>")
    .jpeg()
    .toBuffer();
  expect(photo.includes("SecretCam")).toBe(true);

  const result = await clean(photo);
  expect([result.width, result.height, result.contentType]).toEqual([200, 400, "image/jpeg"]);
  const metadata = await sharp(result.bytes).metadata();
  expect(metadata).toMatchObject({ format: "jpeg", space: "srgb", hasProfile: false });
  expect([metadata.exif, metadata.xmp, metadata.icc, metadata.iptc, metadata.orientation]).toEqual(
    Array(5).fill(undefined),
  );
  expect(Buffer.from(result.bytes).includes("Secret")).toBe(false);
  // Orientation 6 means "turn clockwise": what was left is now at the top.
  const pixels = await sharp(result.bytes).raw().toBuffer();
  const [red, , blue] = pixels.subarray((50 * 200 + 100) * 3);
  expect(red).toBeGreaterThan(200);
  expect(blue).toBeLessThan(50);
});

test("takes PNG, WebP and GIF too, scales down only, and writes either format", async () => {
  const small = canvas(300, 100);
  for (const bytes of [
    await small.png().toBuffer(),
    await small.webp().toBuffer(),
    await small.gif().toBuffer(),
  ]) {
    expect(await clean(bytes, { format: "webp" })).toMatchObject({
      width: 300,
      height: 100,
      contentType: "image/webp",
    });
  }
  expect(await clean(await canvas(3000, 1500).jpeg().toBuffer())).toMatchObject({
    width: 1024,
    height: 512,
  });
});

test("converts colour profiles and transparency to plain sRGB", async () => {
  const wide = await canvas(64, 64).withIccProfile("p3").jpeg().toBuffer();
  const glass = await sharp({
    create: { width: 64, height: 64, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
  })
    .png()
    .toBuffer();
  expect((await sharp((await clean(wide)).bytes).metadata()).icc).toBeUndefined();
  expect((await sharp((await clean(glass)).bytes).stats()).channels.map((one) => one.min)).toEqual([
    255, 255, 255,
  ]);
});

test("refuses what is not a whole picture of a known type", async () => {
  const jpeg = await sharp({
    create: {
      width: 800,
      height: 800,
      channels: 3,
      noise: { type: "gaussian", mean: 120, sigma: 60 },
      background: "#000",
    },
  })
    .jpeg()
    .toBuffer();
  expect(await refusal(new Uint8Array())).toBe("IMAGE_EMPTY");
  expect(await refusal(jpeg, { maxBytes: jpeg.length - 1 })).toBe("IMAGE_TOO_LARGE");
  expect(await refusal(jpeg.subarray(0, jpeg.length / 2))).toBe("IMAGE_CORRUPT");
  expect(await refusal(jpeg.subarray(0, 40))).toBe("IMAGE_CORRUPT");
  expect(await refusal(Buffer.from("%PDF-1.7 not a picture"))).toBe("UNSUPPORTED_IMAGE_TYPE");
  expect(await refusal(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'))).toBe(
    "UNSUPPORTED_IMAGE_TYPE",
  );
  expect(await refusal(await canvas(50, 50).tiff().toBuffer())).toBe("UNSUPPORTED_IMAGE_TYPE");
  const png = await sharp(jpeg).png().toBuffer();
  expect(await refusal(png.subarray(0, png.length - 5_000))).toBe("IMAGE_CORRUPT");
});

test("a PNG that claims 60,000 × 60,000 pixels is refused from its header", async () => {
  const bomb = pngHeader(60_000, 60_000);
  const startedAt = performance.now();
  expect(await refusal(bomb)).toBe("IMAGE_TOO_MANY_PIXELS");
  expect(performance.now() - startedAt).toBeLessThan(1_000);
  expect(await refusal(pngHeader(7_000, 7_000))).toBe("IMAGE_CORRUPT");
});

function pngHeader(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
    const frame = Buffer.alloc(8 + body.length);
    frame.writeUInt32BE(data.length, 0);
    body.copy(frame, 4);
    frame.writeUInt32BE(crc32(body), 4 + body.length);
    return frame;
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", Buffer.alloc(64)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}
