import { afterAll, beforeAll, expect, test } from "@jest/globals";
import fastify, { type FastifyInstance } from "fastify";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { registerBlobRoutes } from "../../../src/platform/blobs/blob-routes.ts";
import { BlobNotFound, BlobTooLarge } from "../../../src/platform/blobs/blob-store.ts";
import { BlobSizeMismatch, LocalBlobStore } from "../../../src/platform/blobs/local-blob-store.ts";
import { until } from "../../support/until.ts";

const MAX_BYTES = 1_000_000;
let dir: string;
let app: FastifyInstance;
let store: LocalBlobStore;
let nowMs = Date.parse("2026-03-01T10:00:00Z");

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "blobs-"));
  app = fastify();
  const clock = { now: () => new Date(nowMs) };
  const open = (baseUrl: string) =>
    new LocalBlobStore({ dir, baseUrl, secret: "s".repeat(32), clock });
  await registerBlobRoutes(app, { store: open(""), maxBytes: MAX_BYTES });
  store = open(await app.listen({ port: 0, host: "127.0.0.1" }));
});
afterAll(async () => {
  await app.close();
  await rm(dir, { recursive: true });
});

const bytesOf = (text: string) => new TextEncoder().encode(text);
const upload = (key: string, byteSize: number, contentType = "image/jpeg") =>
  store.createUploadUrl({ key, contentType, byteSize, expiresInSeconds: 60 });
const put = (url: string, body: Uint8Array, headers: Record<string, string>) =>
  fetch(url, { method: "PUT", body: body as Uint8Array<ArrayBuffer>, headers });

test("a file goes up by one signed URL and comes down by another", async () => {
  const target = await upload("u/usr_1/a.jpg", 5);
  expect((await put(target.url, bytesOf("hello"), target.headers)).status).toBe(200);
  expect(await store.head("u/usr_1/a.jpg")).toEqual({ byteSize: 5, contentType: "image/jpeg" });

  const answer = await fetch(await store.createDownloadUrl("u/usr_1/a.jpg", 60));
  expect(await answer.text()).toBe("hello");
  expect(answer.headers.get("content-type")).toBe("image/jpeg");
  expect(answer.headers.get("cache-control")).toBe("private, max-age=60");
  expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
});

test("an altered, foreign or expired signature is refused and stores nothing", async () => {
  const { url, headers } = await upload("u/usr_1/b.jpg", 5);
  const altered = [
    url.replace("b.jpg", "c.jpg"),
    url.replace("byteSize=5", "byteSize=6"),
    url.replace("image%2Fjpeg", "image%2Fpng"),
    url.replace(/signature=./, "signature=_"),
    url.replace(/&signature=.*/, ""),
    url.replace(/expires=\d+/, "expires=99999999999"),
  ];
  for (const one of altered) {
    expect((await put(one, bytesOf("hello"), headers)).status).toBe(403);
  }
  // A download URL is no upload URL, nor the other way round.
  const download = await store.createDownloadUrl("u/usr_1/b.jpg", 60);
  expect(store.verifyUploadUrl(download.replace("/media/", "/uploads/"))).toBeNull();
  expect(store.verifyMediaUrl(url.replace("/uploads/", "/media/"))).toBeNull();
  nowMs += 61_000;
  expect((await put(url, bytesOf("hello"), headers)).status).toBe(403);
  expect((await fetch(download)).status).toBe(403);
  expect(await store.head("u/usr_1/b.jpg")).toBeNull();
});

test("length and type must be the signed ones", async () => {
  const { url } = await upload("u/usr_1/d.jpg", 5);
  const longer = await put(url, bytesOf("hello!"), { "content-type": "image/jpeg" });
  expect([longer.status, await longer.json()]).toEqual([
    400,
    { error: { code: "LENGTH_MISMATCH" } },
  ]);
  const other = await put(url, bytesOf("hello"), { "content-type": "image/png" });
  expect(await other.json()).toEqual({ error: { code: "CONTENT_TYPE_MISMATCH" } });
  const large = await upload("u/usr_1/d.jpg", MAX_BYTES + 1);
  expect((await put(large.url, new Uint8Array(MAX_BYTES + 1), large.headers)).status).toBe(413);
  expect(await chunkedPut(url)).toBe(411);
  expect(await store.head("u/usr_1/d.jpg")).toBeNull();
});

test("an upload that is cut leaves nothing behind", async () => {
  const { url, headers } = await upload("u/usr_1/e.jpg", 500_000);
  await new Promise<void>((resolve) => {
    const cut = httpRequest(url, { method: "PUT", headers });
    cut.on("error", () => resolve());
    cut.write(Buffer.alloc(100_000), () => cut.destroy());
  });
  await expect(
    store.receive(
      { key: "u/usr_1/e.jpg", contentType: "image/jpeg", byteSize: 9 },
      Readable.from([Buffer.alloc(4)]),
    ),
  ).rejects.toThrow(BlobSizeMismatch);
  await expect(
    store.receive(
      { key: "u/usr_1/e.jpg", contentType: "image/jpeg", byteSize: 3 },
      Readable.from([Buffer.alloc(4)]),
    ),
  ).rejects.toThrow(BlobSizeMismatch);
  expect(await store.head("u/usr_1/e.jpg")).toBeNull();
  await until(async () => (await readdir(join(dir, ".partial"))).length === 0);
});

test("uploads that break before they begin leave nothing behind either", async () => {
  const grant = { key: "u/usr_1/f.jpg", contentType: "image/jpeg", byteSize: 9 };
  const outcomes = await Promise.allSettled(
    Array.from({ length: 200 }, () => store.receive(grant, new Readable().destroy())),
  );
  expect(outcomes.every(({ status }) => status === "rejected")).toBe(true);
  expect(await readdir(join(dir, ".partial"))).toEqual([]);
});

test("keys that could leave the folder are refused everywhere", async () => {
  for (const key of [
    "",
    "../x",
    "a/../b",
    "/etc/passwd",
    "a//b",
    ".types/x",
    "a\\b",
    "a\0b",
    "a/.",
    "é",
  ]) {
    await expect(store.write(key, bytesOf("x"), "text/plain")).rejects.toThrow("file key");
    await expect(upload(key, 1)).rejects.toThrow("file key");
  }
  const base = store.verifyMediaUrl(
    `/media/..%2f..%2fetc%2fpasswd?expires=99999999999&signature=x`,
  );
  expect(base).toBeNull();
});

test("read is bounded, delete forgives absence", async () => {
  await store.write("r/one.bin", new Uint8Array(100), "application/octet-stream");
  expect((await store.read("r/one.bin", 100)).byteLength).toBe(100);
  await expect(store.read("r/one.bin", 99)).rejects.toThrow(BlobTooLarge);
  await store.delete("r/one.bin");
  await store.delete("r/one.bin");
  await expect(store.read("r/one.bin", 100)).rejects.toThrow(BlobNotFound);
  expect((await fetch(await store.createDownloadUrl("r/one.bin", 60))).status).toBe(404);
});

function chunkedPut(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sending = httpRequest(url, { method: "PUT", headers: { "content-type": "image/jpeg" } });
    sending.on("response", (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    sending.on("error", reject);
    sending.write("he");
    sending.end("llo");
  });
}
