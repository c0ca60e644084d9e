import { afterAll, beforeAll, expect, test } from "@jest/globals";
import sharp from "sharp";
import { BlobNotFound } from "../../../src/platform/blobs/blob-store.ts";
import { codes, createBed, newAccount, type IdentityBed } from "./identity-bed.ts";

let bed: IdentityBed;
beforeAll(async () => {
  bed = await createBed();
});
afterAll(() => bed.close());

const photo = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: "#c86464" } })
    .withExif({ IFD3: { GPSLatitudeRef: "N", GPSLatitude: "11/1 33/1 0/1" } })
    .jpeg()
    .toBuffer();

async function upload(token: string, bytes: Uint8Array, purpose = "PROFILE_PICTURE") {
  const input = { purpose, contentType: "image/jpeg", byteSize: bytes.byteLength };
  const created = await bed.must("CreateUpload", { input }, { token });
  await bed.blobs.write(`temp/${created.upload.id}`, bytes, "image/jpeg");
  return created.upload.id as string;
}
const set = (token: string, uploadId: string) =>
  bed.must("SetProfilePicture", { input: { uploadId } }, { token });
const keyOf = async (userId: string) => {
  const [row] = await bed.database.query<{ key: string | null }>(
    "select profile_picture as key from users where id = $1",
    [userId],
  );
  return row!.key;
};

test("a picture becomes small WebP without metadata; the next one takes its place", async () => {
  const { accessToken: token, viewer } = await newAccount(bed, "ada@example.com");
  const uploadId = await upload(token, await photo(1_600, 1_200));
  const done = await set(token, uploadId);
  expect(done.viewer.profilePictureUrl).toMatch(/^http:\/\/facet\.test\//);
  const key = (await keyOf(viewer.id))!;
  const stored = await sharp(await bed.blobs.read(key, 1_000_000)).metadata();
  expect(stored).toMatchObject({ format: "webp", width: 512, height: 384 });
  expect([stored.exif, stored.xmp, stored.icc]).toEqual([undefined, undefined, undefined]);
  await expect(bed.blobs.read(`temp/${uploadId}`, 1_000_000)).rejects.toThrow(BlobNotFound);

  await set(token, await upload(token, await photo(300, 300)));
  await expect(bed.blobs.read(key, 1_000_000)).rejects.toThrow(BlobNotFound);
  const next = (await keyOf(viewer.id))!;
  const removed = await bed.must("RemoveProfilePicture", { input: {} }, { token });
  expect(removed.viewer.profilePictureUrl).toBeNull();
  await expect(bed.blobs.read(next, 1_000_000)).rejects.toThrow(BlobNotFound);
  expect(codes(await bed.must("RemoveProfilePicture", { input: {} }, { token }))).toEqual([]);
});

test("an upload is used once, by its owner, for its purpose, when it is a picture", async () => {
  const { accessToken: token, viewer } = await newAccount(bed, "bea@example.com");
  const { accessToken: other } = await newAccount(bed, "cat@example.com");
  const good = await upload(token, await photo(100, 100));
  expect(codes(await set(other, good))).toEqual(["UPLOAD_NOT_FOUND"]);
  const selfie = await upload(token, await photo(100, 100), "SELFIE");
  expect(codes(await set(token, selfie))).toEqual(["UPLOAD_WRONG_PURPOSE"]);
  const text = await upload(token, Buffer.from("no picture at all"));
  expect((await set(token, text)).problems).toMatchObject([
    { code: "UNSUPPORTED_IMAGE_TYPE", path: ["input", "uploadId"] },
  ]);
  expect(await keyOf(viewer.id)).toBeNull();
  const answers = await Promise.all(Array.from({ length: 4 }, () => set(token, good)));
  const refusals = answers.flatMap(codes);
  expect(refusals).toHaveLength(3);
  for (const code of refusals) expect(["UPLOAD_USED", "UPLOAD_MISSING_BYTES"]).toContain(code);
  const key = (await keyOf(viewer.id))!;
  expect((await bed.blobs.head(key))?.contentType).toBe("image/webp");
  expect(codes(await set(token, good))).toEqual(["UPLOAD_USED"]);
});
