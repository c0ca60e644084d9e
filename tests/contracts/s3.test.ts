import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { S3BlobStore, type S3Options } from "../../src/integrations/s3/s3-blob-store.ts";
import { BlobNotFound, BlobTooLarge } from "../../src/platform/blobs/blob-store.ts";
import { startStubs, STUB_S3, type Stubs } from "../support/stubs/index.ts";
import { failure, nobody } from "./faults.ts";

let stubs: Stubs;
let store: S3BlobStore;
const opened: S3BlobStore[] = [];
beforeAll(async () => {
  stubs = await startStubs();
  store = open();
});
beforeEach(() => stubs.reset());
afterAll(async () => {
  for (const one of opened) await one.close();
  await stubs.close();
});

function open(options: Partial<S3Options> = {}): S3BlobStore {
  const one = new S3BlobStore({
    ...STUB_S3,
    endpoint: stubs.s3Url,
    forcePathStyle: true,
    maxAttempts: 1,
    timeoutMs: 2_000,
    ...options,
  });
  opened.push(one);
  return one;
}
const bytesOf = (text: string) => new TextEncoder().encode(text);
const put = (url: string, body: string, headers: Record<string, string>) =>
  fetch(url, { method: "PUT", body, headers });
const ticket = (key: string, byteSize: number) =>
  store.createUploadUrl({ key, contentType: "image/jpeg", byteSize, expiresInSeconds: 60 });

test("a client uploads by the signed URL and downloads by another", async () => {
  const { url, headers } = await ticket("u/usr_1/a.jpg", 5);
  expect((await put(url, "hello", headers)).status).toBe(200);
  expect(await store.head("u/usr_1/a.jpg")).toEqual({ byteSize: 5, contentType: "image/jpeg" });
  const download = await store.createDownloadUrl("u/usr_1/a.jpg", 60);
  expect(await (await fetch(download)).text()).toBe("hello");
});

test("size and type are part of the signature, and no checksum of an empty body is", async () => {
  const { url, headers } = await ticket("u/usr_1/b.jpg", 5);
  const query = new URL(url).searchParams;
  expect(query.get("X-Amz-SignedHeaders")).toBe("content-length;content-type;host");
  expect([...query.keys()].filter((key) => key.includes("checksum"))).toEqual([]);
  expect((await put(url, "hello!", { "content-type": "image/jpeg" })).status).toBe(403);
  expect((await put(url, "hello", { ...headers, "content-type": "text/html" })).status).toBe(403);
  expect((await put(url.replace("b.jpg", "c.jpg"), "hello", headers)).status).toBe(403);
  expect(await store.head("u/usr_1/b.jpg")).toBeNull();
});

test("writes, reads within bounds, deletes, and deletes again", async () => {
  await store.write("r/1/mask.webp", bytesOf("0123456789"), "image/webp");
  const [sent] = stubs.requests("s3");
  expect(sent?.headers["content-encoding"]).toBeUndefined();
  expect(sent?.headers["x-amz-trailer"]).toBeUndefined();
  expect(Buffer.from(await store.read("r/1/mask.webp", 10)).toString()).toBe("0123456789");
  await expect(store.read("r/1/mask.webp", 9)).rejects.toThrow(BlobTooLarge);
  await store.delete("r/1/mask.webp");
  await store.delete("r/1/mask.webp");
  expect(await store.head("r/1/mask.webp")).toBeNull();
  await expect(store.read("r/1/mask.webp", 10)).rejects.toThrow(BlobNotFound);
  await expect(store.write("../x", bytesOf("x"), "text/plain")).rejects.toThrow("file key");
});

describe("addresses", () => {
  const address = async (options: Partial<S3Options>) => {
    const { url } = await open(options).createUploadUrl({
      key: "u/a.jpg",
      contentType: "image/jpeg",
      byteSize: 1,
      expiresInSeconds: 60,
    });
    return url.split("?")[0];
  };
  test("AWS by region, OSS by virtual host, or the bucket's own domain", async () => {
    const one = new S3BlobStore({ ...STUB_S3, region: "eu-central-1" });
    opened.push(one);
    const { url } = await one.createUploadUrl({
      key: "k",
      contentType: "image/jpeg",
      byteSize: 1,
      expiresInSeconds: 60,
    });
    expect(url.split("?")[0]).toBe("https://facet.s3.eu-central-1.amazonaws.com/k");
    const oss = { endpoint: "https://s3.oss-cn-hangzhou.aliyuncs.com", forcePathStyle: false };
    expect(await address(oss)).toBe("https://facet.s3.oss-cn-hangzhou.aliyuncs.com/u/a.jpg");
    const domain = {
      endpoint: "https://files.example.com",
      forcePathStyle: false,
      bucketEndpoint: true,
    };
    expect(await address(domain)).toBe("https://files.example.com/u/a.jpg");
  });
});

describe("faults", () => {
  const secrets = [STUB_S3.secretAccessKey, STUB_S3.accessKeyId, "X-Amz-Signature"];
  test.each([
    [401, "misconfigured"],
    [403, "misconfigured"],
    [429, "retryable"],
    [500, "retryable"],
    [503, "retryable"],
  ])("status %i is %s", async (status, outcome) => {
    stubs.script("s3", { status, times: 3 });
    const error = await failure(store.write("r/x", bytesOf("x"), "text/plain"), secrets);
    expect(error).toMatchObject({ provider: "s3", outcome, status });
  });

  test.each(["before", "mid", "after"] as const)("a connection cut %s", async (cut) => {
    await store.write("r/cut", bytesOf("0123456789"), "text/plain");
    stubs.script("s3", { cut, times: 3 });
    const error = await failure(store.read("r/cut", 100), secrets);
    expect(error.outcome).toBe("retryable");
  });

  test("slow, and nobody there", async () => {
    stubs.script("s3", { delayMs: 5_000 });
    const slow = open({ timeoutMs: 60 });
    expect((await failure(slow.head("r/x"), secrets)).outcome).toBe("retryable");
    const gone = open({ endpoint: await nobody() });
    expect((await failure(gone.head("r/x"), secrets)).outcome).toBe("retryable");
  });

  test("what is safe to repeat is repeated", async () => {
    stubs.script("s3", { status: 503 });
    await open({ maxAttempts: 3 }).write("r/again", bytesOf("x"), "text/plain");
    expect(await store.head("r/again")).not.toBeNull();
  });
});
