import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import sharp from "sharp";
import { ANALYZE, watchToEnd } from "../../support/analyses.ts";
import type { TestClient } from "../../support/client.ts";
import { CREATE_UPLOAD, createWorld, portrait, type World } from "../../support/world.ts";
import { refused, stateOf } from "./refusals.ts";

const MEGABYTE = 1024 * 1024;
const PLACE = "Siem Reap 13.3633 N";

let world: World;

beforeAll(async () => {
  world = await createWorld({ nodes: 1, workers: 1 });
});
afterAll(() => world.stop());

const ticketFor = async (person: TestClient, contentType: string, byteSize: number) =>
  (await person.must(CREATE_UPLOAD, { input: { purpose: "SELFIE", contentType, byteSize } }))
    .createUpload;

describe("tickets", () => {
  test.each([
    ["a type that is no picture", "application/pdf", 1_000, "UNSUPPORTED_IMAGE_TYPE"],
    ["a type with a trick", "image/png\r\nx: y", 1_000, "UNSUPPORTED_IMAGE_TYPE"],
    ["11 MB", "image/jpeg", 11 * MEGABYTE, "IMAGE_TOO_LARGE"],
    ["no bytes", "image/jpeg", 0, "IMAGE_EMPTY"],
    ["fewer than no bytes", "image/jpeg", -1, "IMAGE_EMPTY"],
  ])("%s is refused", async (_what, contentType, byteSize, code) => {
    const ada = await world.person();
    const { upload, problems } = await ticketFor(ada, contentType, byteSize);
    expect(upload).toBeNull();
    expect(problems).toMatchObject([{ code, path: ["input", expect.any(String)] }]);
    expect(await stateOf(world, ada)).toMatchObject({ uploads: null });
  });

  test("its address takes exactly what was announced, and nothing else can be reached by it", async () => {
    const ada = await world.person();
    const bytes = portrait();
    const { upload } = await ticketFor(ada, "image/png", bytes.byteLength);
    const put = async (url: string, body: Uint8Array, type = "image/png") =>
      (
        await fetch(url, {
          method: "PUT",
          headers: { "content-type": type },
          body: new Uint8Array(body),
        })
      ).status;
    const changed = (edit: (url: URL) => void) => {
      const url = new URL(upload.url as string);
      edit(url);
      return url.toString();
    };
    const key = new URL(upload.url as string).pathname;
    const attempts = {
      signature: changed((url) => url.searchParams.set("signature", "x".repeat(43))),
      unsigned: changed((url) => url.searchParams.delete("signature")),
      later: changed((url) => url.searchParams.set("expires", "99999999999")),
      larger: changed((url) => url.searchParams.set("byteSize", String(99 * MEGABYTE))),
      elsewhere: changed((url) => (url.pathname = key.replace("temp", "selfies"))),
      upwards: `${world.url}/uploads/..%2f..%2fescaped?${new URL(upload.url as string).search}`,
      dots: `${world.url}/uploads/temp/%2e%2e/%2e%2e/escaped${new URL(upload.url as string).search}`,
    };
    for (const [what, url] of Object.entries(attempts)) {
      const status = await put(url, bytes);
      expect({ what, refused: [403, 404].includes(status) }).toEqual({ what, refused: true });
    }
    expect(await put(upload.url, bytes.subarray(1))).toBe(400);
    expect(await put(upload.url, bytes, "text/html")).toBe(400);
    // The server may close before all of it was sent.
    const tooLong = await put(upload.url, new Uint8Array(11 * MEGABYTE)).catch(() => 413);
    expect([400, 413]).toContain(tooLong);
    expect(blobs()).not.toContainEqual(expect.stringContaining(upload.id));
    expect(blobs()).not.toContainEqual(expect.stringContaining("escaped"));
    expect(await refused(world, ada, { uploadId: upload.id })).toMatchObject({
      code: "UPLOAD_MISSING_BYTES",
    });
    for (const path of ["/media/..%2f..%2fPG_VERSION?expires=1", "/media/selfies/x?expires=1e9"]) {
      expect((await fetch(world.url + path)).status).toBe(403);
    }
  });
});

describe("pictures", () => {
  test.each<[string, () => Promise<Uint8Array> | Uint8Array, string]>([
    ["a text that says it is a picture", () => Buffer.from("<svg/>"), "UNSUPPORTED_IMAGE_TYPE"],
    ["a PDF", () => Buffer.from("%PDF-1.7 …"), "UNSUPPORTED_IMAGE_TYPE"],
    ["a JPEG that ends in the middle", truncatedJpeg, "IMAGE_CORRUPT"],
    ["a PNG of 60,000 × 60,000 pixels", () => hugePng(), "IMAGE_TOO_MANY_PIXELS"],
    ["a picture's first bytes alone", () => portrait().subarray(0, 12), "IMAGE_CORRUPT"],
  ])("%s is refused in less than a second", async (_what, bytes, code) => {
    const ada = await world.person();
    const uploadId = await world.upload(ada, await bytes());
    const started = performance.now();
    const problem = await refused(world, ada, { uploadId });
    expect(problem).toMatchObject({ code, path: ["input", "uploadId"] });
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  test("where and with what a picture was taken is in nothing that is stored", async () => {
    const ada = await world.person();
    const photo = await taggedPhoto();
    expect(photo.includes(PLACE)).toBe(true);
    expect((await sharp(photo).metadata()).xmp).toBeDefined();
    const uploadId = await world.upload(ada, photo, "image/jpeg");
    const { analyzeSkin } = await ada.must(ANALYZE, { input: { uploadId } });
    await watchToEnd(ada, analyzeSkin.skinAnalysis.id);

    const files = blobs().filter((file) => file.includes(analyzeSkin.skinAnalysis.id));
    expect(files).toContainEqual(expect.stringContaining("selfies"));
    for (const file of files) {
      const { exif, xmp, icc, iptc, orientation } = await sharp(file).metadata();
      expect({ exif, xmp, icc, iptc, orientation }).toEqual({});
    }
    for (const file of blobs()) expect(readFileSync(file).includes(PLACE)).toBe(false);
    expect(blobs()).not.toContainEqual(expect.stringContaining(uploadId));
  });
});

describe("uploads", () => {
  test("someone else's is like none", async () => {
    const [ada, bob] = [await world.person(), await world.person()];
    const uploadId = await world.upload(bob, portrait());
    const before = await stateOf(world, bob);
    const foreign = await refused(world, ada, { uploadId });
    expect(foreign).toMatchObject({ code: "UPLOAD_NOT_FOUND", path: ["input", "uploadId"] });
    for (const none of ["upl_0000000000000", "nonsense", "", ada.userId]) {
      expect(await refused(world, ada, { uploadId: none })).toEqual(foreign);
    }
    expect(await stateOf(world, bob)).toEqual(before);
  });

  test("each is used once, also by many calls at the same moment", async () => {
    const ada = await world.person();
    const uploadId = await world.upload(ada, portrait());
    const answers = await Promise.all(
      [1, 2, 3, 4].map(() => ada.must(ANALYZE, { input: { uploadId } })),
    );
    const started = answers.filter(({ analyzeSkin }) => analyzeSkin.skinAnalysis);
    expect(started).toHaveLength(1);
    expect(await stateOf(world, ada)).toMatchObject({ jobs: "1", used: "1" });
    await watchToEnd(ada, started[0]!.analyzeSkin.skinAnalysis.id);
    expect(await refused(world, ada, { uploadId })).toMatchObject({ code: "UPLOAD_USED" });
  });

  test("a ticket that has expired is not taken", async () => {
    const ada = await world.person();
    const uploadId = await world.upload(ada, portrait());
    const { database } = world.nodes[0]!.stores;
    await database.query("update uploads set expires_at = now() where id = $1", [uploadId]);
    expect(await refused(world, ada, { uploadId })).toMatchObject({ code: "UPLOAD_EXPIRED" });
  });

  test("one that was made for something else is not taken", async () => {
    const ada = await world.person();
    const { createUpload } = await ada.must(CREATE_UPLOAD, {
      input: { purpose: "PROFILE_PICTURE", contentType: "image/png", byteSize: 9 },
    });
    const problem = await refused(world, ada, { uploadId: createUpload.upload.id });
    expect(problem.code).toBe("UPLOAD_WRONG_PURPOSE");
  });
});

/** All files of the blob store. */
function blobs(): string[] {
  return readdirSync(world.dataDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes(".types"))
    .map((entry) => join(entry.parentPath, entry.name));
}

async function truncatedJpeg(): Promise<Uint8Array> {
  const whole = await sharp(portrait()).jpeg().toBuffer();
  return whole.subarray(0, Math.floor(whole.byteLength / 3));
}

/** A PNG that claims 3.6 billion pixels in a few dozen bytes. */
function hugePng(): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(60_000, 0);
  header.writeUInt32BE(60_000, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    pngChunk("IHDR", header),
    pngChunk("IDAT", deflateSync(Buffer.alloc(60))),
    pngChunk("IEND", Buffer.alloc(0)),
  ]);
}

function pngChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const chunk = Buffer.alloc(body.byteLength + 8);
  chunk.writeUInt32BE(data.byteLength, 0);
  chunk.set(body, 4);
  chunk.writeUInt32BE(crc32(body), body.byteLength + 4);
  return chunk;
}

/** The portrait as a camera would write it: with the place in EXIF and XMP, and turned. */
function taggedPhoto(): Promise<Buffer> {
  return sharp(portrait())
    .rotate(270)
    .jpeg()
    .withExif({
      IFD0: { ImageDescription: PLACE, Make: "Camera", Orientation: "6" },
      IFD3: { GPSLatitudeRef: "N", GPSLatitude: "13/1 21/1 48/1", GPSAreaInformation: PLACE },
    })
    .withXmp(`<x:xmpmeta xmlns:x="adobe:ns:meta/"><place>${PLACE}</place></x:xmpmeta>`)
    .toBuffer();
}
