import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import sharp from "sharp";
import { BlobNotFound } from "../../../src/platform/blobs/blob-store.ts";
import { codes, createBed, newAccount, type IdentityBed } from "./identity-bed.ts";

let bed: IdentityBed;
let counter = 0;
let token: string;
let userId: string;
beforeAll(async () => {
  bed = await createBed();
});
beforeEach(async () => {
  ({ token, userId } = await person());
});
afterAll(() => bed.close());

async function person() {
  const session = await newAccount(bed, `sender${(counter += 1)}@example.com`);
  return { token: session.accessToken as string, userId: session.viewer.id as string };
}

const picture = () =>
  sharp({ create: { width: 64, height: 48, channels: 3, background: "#c96" } })
    .withExif({ IFD0: { Copyright: "somebody" } })
    .jpeg()
    .toBuffer();
const ask = (change: object = {}) =>
  bed.must(
    "CreateUpload",
    { input: { purpose: "SELFIE", contentType: "image/jpeg", byteSize: 1_000, ...change } },
    { token },
  );

/** An upload whose bytes are there. */
async function sent(bytes?: Uint8Array): Promise<string> {
  const body = bytes ?? (await picture());
  const { upload } = await ask({ byteSize: body.byteLength });
  await bed.blobs.write(`temp/${upload.id}`, body, "image/jpeg");
  return upload.id as string;
}
const inspect = (id: string, owner = userId) =>
  bed.identity.uploads.inspect(owner, id, "SELFIE").then(
    () => "OK",
    (error: any) => error.problem?.code as string,
  );
const claim = (id: string, usedBy: string, owner = userId) =>
  bed.uow
    .run((tx) => bed.identity.uploads.claim(tx, owner, id, usedBy))
    .then(
      () => "OK",
      (error: any) => error.problem?.code as string,
    );
const rowOf = async (id: string) =>
  (await bed.database.query<any>("select * from uploads where id = $1", [id]))[0];

test("gives a ticket for one PUT that lasts ten minutes", async () => {
  const { upload, problems } = await ask({ contentType: "image/png", byteSize: 77 });
  expect(problems).toEqual([]);
  expect(upload).toMatchObject({ method: "PUT" });
  expect(upload.headers).toContainEqual({ name: "content-type", value: "image/png" });
  const minutes = (Date.parse(upload.expiresAt) - bed.clock.now().getTime()) / 60_000;
  expect(minutes).toBeCloseTo(10, 1);
  expect(
    bed.blobs.verifyUploadUrl(new URL(upload.url).pathname + new URL(upload.url).search),
  ).toMatchObject({ key: `temp/${upload.id}`, byteSize: 77, contentType: "image/png" });
});

test("refuses wrong types, empty files and 11 MB, and issues nothing", async () => {
  expect(codes(await ask({ contentType: "application/pdf" }))).toEqual(["UNSUPPORTED_IMAGE_TYPE"]);
  expect(codes(await ask({ contentType: "image/svg+xml" }))).toEqual(["UNSUPPORTED_IMAGE_TYPE"]);
  expect(codes(await ask({ byteSize: 0 }))).toEqual(["IMAGE_EMPTY"]);
  expect(codes(await ask({ byteSize: -5 }))).toEqual(["IMAGE_EMPTY"]);
  expect(codes(await ask({ byteSize: 11 * 1024 * 1024 }))).toEqual(["IMAGE_TOO_LARGE"]);
  expect(await bed.database.query("select 1 from uploads where user_id = $1", [userId])).toEqual(
    [],
  );
});

test("strangers get no ticket", async () => {
  const input = { purpose: "SELFIE", contentType: "image/png", byteSize: 1 };
  const answer = await bed.send("CreateUpload", { input });
  expect(answer.errors?.[0]?.extensions.code).toBe("UNAUTHENTICATED");
});

test("at most twenty uploads wait to be used, however fast they are asked for", async () => {
  const answers = await Promise.all(Array.from({ length: 25 }, () => ask()));
  expect(answers.flatMap(codes)).toEqual(Array<string>(5).fill("TOO_MANY_UPLOADS"));
});

test("is used once, by its owner, while it is fresh", async () => {
  const id = await sent();
  const other = await person();
  expect(await inspect(id)).toBe("OK");
  expect(await inspect(id, other.userId)).toBe("UPLOAD_NOT_FOUND");
  expect(await claim(id, "ana_x", other.userId)).toBe("UPLOAD_USED");
  expect((await rowOf(id)).status).toBe("ISSUED");

  const claims = await Promise.all(Array.from({ length: 10 }, (_, n) => claim(id, `ana_${n}`)));
  expect(claims.filter((result) => result === "OK")).toHaveLength(1);
  expect(claims.filter((result) => result === "UPLOAD_USED")).toHaveLength(9);
  expect(await inspect(id)).toBe("UPLOAD_USED");
  expect(await rowOf(id)).toMatchObject({
    status: "USED",
    used_by: `ana_${claims.indexOf("OK")}`,
  });
});

test("a claim is undone with its transaction", async () => {
  const id = await sent();
  await expect(
    bed.uow.run(async (tx) => {
      await bed.identity.uploads.claim(tx, userId, id, "ana_crash");
      throw new Error("power cut");
    }),
  ).rejects.toThrow("power cut");
  expect(await claim(id, "ana_next")).toBe("OK");
});

test("unknown, unsent, foreign-purpose and expired uploads are told apart", async () => {
  expect(await inspect("upl_0000000000000")).toBe("UPLOAD_NOT_FOUND");
  expect(await inspect("rubbish")).toBe("UPLOAD_NOT_FOUND");
  const { upload: unsent } = await ask();
  expect(await inspect(unsent.id)).toBe("UPLOAD_MISSING_BYTES");
  const { upload: profile } = await ask({ purpose: "PROFILE_PICTURE" });
  expect(await inspect(profile.id)).toBe("UPLOAD_WRONG_PURPOSE");
  const id = await sent();
  bed.clock.forward(601);
  expect(await inspect(id)).toBe("UPLOAD_EXPIRED");
  expect(await claim(id, "ana_late")).toBe("UPLOAD_USED");
  expect((await rowOf(id)).status).toBe("ISSUED");
});

test("is read upright and without metadata, whatever type was declared", async () => {
  const id = await sent();
  const clean = await bed.identity.uploads.readClean(id);
  expect(clean).toMatchObject({ contentType: "image/jpeg", width: 64, height: 48 });
  expect((await sharp(clean.bytes).metadata()).exif).toBeUndefined();
  const text = await sent(Buffer.from("this is no picture at all"));
  await expect(bed.identity.uploads.readClean(text)).rejects.toMatchObject({
    code: "UNSUPPORTED_IMAGE_TYPE",
  });
});

test("the bytes of a used upload can be discarded, those of an unused one not", async () => {
  const id = await sent();
  await bed.identity.uploads.discard(id);
  expect(await bed.blobs.head(`temp/${id}`)).not.toBeNull();
  await claim(id, "ana_1");
  await bed.identity.uploads.discard(id);
  await expect(bed.identity.uploads.readClean(id)).rejects.toThrow(BlobNotFound);
  expect(await inspect(id)).toBe("UPLOAD_USED");
});

test("the cron deletes unused uploads after a day and the bytes of used ones after a week", async () => {
  const cron = bed.identity.crons!.find(({ name }) => name === "remove_old_uploads")!;
  const [unused, used] = [await sent(), await sent()];
  await claim(used, "ana_2");
  bed.clock.forward(23 * 3_600);
  await cron.run();
  expect(await rowOf(unused)).toBeDefined();
  bed.clock.forward(2 * 3_600);
  await cron.run();
  expect(await rowOf(unused)).toBeUndefined();
  expect(await bed.blobs.head(`temp/${unused}`)).toBeNull();
  expect(await bed.blobs.head(`temp/${used}`)).not.toBeNull();
  bed.clock.forward(7 * 86_400);
  await cron.run();
  expect(await bed.blobs.head(`temp/${used}`)).toBeNull();
  expect((await rowOf(used)).status).toBe("USED");
});
