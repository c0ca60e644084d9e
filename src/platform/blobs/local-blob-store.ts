import { randomUUID } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Clock } from "../clock/clock.ts";
import { equalInConstantTime, sign } from "../crypto/tokens.ts";
import {
  BlobNotFound,
  BlobTooLarge,
  checkedKey,
  type BlobStore,
  type UploadTarget,
} from "./blob-store.ts";

export interface LocalBlobStoreOptions {
  /** Folder of the files; made on first use. */
  dir: string;
  /** Where registerBlobRoutes serves, without a trailing slash. */
  baseUrl: string;
  /** Signs the URLs. */
  secret: string;
  clock: Clock;
}

/** What a signed upload URL allows. */
export interface UploadGrant {
  key: string;
  contentType: string;
  byteSize: number;
}

/** The stream did not carry exactly the bytes that were announced. */
export class BlobSizeMismatch extends Error {
  constructor(readonly expectedBytes: number) {
    super(`The upload does not have exactly ${expectedBytes} bytes.`);
    this.name = "BlobSizeMismatch";
  }
}

// Keys never have a segment with a leading dot, so these two folders cannot clash with one.
const TYPES = ".types";
const PARTIAL = ".partial";

/**
 * Files on local disk, reached through HMAC-signed URLs that registerBlobRoutes serves. A file
 * appears under its key whole or not at all, also when the process is killed.
 */
export class LocalBlobStore implements BlobStore {
  constructor(private readonly options: LocalBlobStoreOptions) {}

  async createUploadUrl(input: {
    key: string;
    contentType: string;
    byteSize: number;
    expiresInSeconds: number;
  }): Promise<UploadTarget> {
    const key = checkedKey(input.key);
    const { contentType, byteSize } = input;
    const expires = this.expiry(input.expiresInSeconds);
    const query = new URLSearchParams({
      expires: String(expires),
      contentType,
      byteSize: String(byteSize),
      signature: this.signature("PUT", key, expires, contentType, byteSize),
    });
    return Promise.resolve({
      url: `${this.options.baseUrl}/uploads/${key}?${query.toString()}`,
      headers: { "content-type": contentType, "content-length": String(byteSize) },
    });
  }

  async createDownloadUrl(key: string, expiresInSeconds: number): Promise<string> {
    const expires = this.expiry(expiresInSeconds);
    const signature = this.signature("GET", checkedKey(key), expires);
    return Promise.resolve(
      `${this.options.baseUrl}/media/${key}?expires=${expires}&signature=${signature}`,
    );
  }

  /** Null when the URL was not made by createUploadUrl of this store, was altered, or expired. */
  verifyUploadUrl(url: string): UploadGrant | null {
    const signed = this.parse(url, "/uploads/");
    const contentType = signed?.query.get("contentType");
    const byteSize = Number(signed?.query.get("byteSize"));
    if (!signed || !contentType || !Number.isSafeInteger(byteSize)) return null;
    const { key, expires } = signed;
    const expected = this.signature("PUT", key, expires, contentType, byteSize);
    return this.accepts(signed, expected) ? { key, contentType, byteSize } : null;
  }

  /** The key and its remaining seconds; null when the URL is not ours, was altered, or expired. */
  verifyMediaUrl(url: string): { key: string; secondsLeft: number } | null {
    const signed = this.parse(url, "/media/");
    if (!signed) return null;
    const { key, expires } = signed;
    if (!this.accepts(signed, this.signature("GET", key, expires))) return null;
    return { key, secondsLeft: Math.max(0, expires - this.nowSeconds()) };
  }

  async head(key: string): Promise<{ byteSize: number; contentType: string | null } | null> {
    const file = await stat(this.path(key)).catch(absent);
    if (!file?.isFile()) return null;
    const contentType = await readFile(this.typePath(key), "utf8").catch(absent);
    return { byteSize: file.size, contentType: contentType ?? null };
  }

  async read(key: string, maxBytes: number): Promise<Uint8Array> {
    const file = await open(this.path(key), "r").catch(absent);
    if (!file) throw new BlobNotFound(key);
    try {
      if ((await file.stat()).size > maxBytes) throw new BlobTooLarge(key, maxBytes);
      return await file.readFile();
    } finally {
      await file.close();
    }
  }

  /** A stream of the file, for serving it. @throws BlobNotFound */
  async openStream(
    key: string,
  ): Promise<{ stream: Readable; byteSize: number; contentType: string | null }> {
    const head = await this.head(key);
    if (!head) throw new BlobNotFound(key);
    return { ...head, stream: createReadStream(this.path(key)) };
  }

  async write(key: string, bytes: Uint8Array, contentType: string): Promise<void> {
    const partial = await this.partialPath();
    try {
      await writeFile(partial, bytes, { flush: true });
      await this.publish(partial, key, contentType);
    } finally {
      await rm(partial, { force: true });
    }
  }

  /** Stores a stream of exactly `grant.byteSize` bytes. @throws BlobSizeMismatch, storing nothing */
  async receive(grant: UploadGrant, bytes: Readable): Promise<void> {
    const partial = await this.partialPath();
    try {
      const exact = exactly(grant.byteSize);
      await pipeline(bytes, exact, createWriteStream(partial, { flush: true }));
      await this.publish(partial, grant.key, grant.contentType);
    } finally {
      await rm(partial, { force: true });
    }
  }

  async delete(key: string): Promise<void> {
    await rm(this.path(key), { force: true });
    await rm(this.typePath(key), { force: true });
  }

  private async publish(partial: string, key: string, contentType: string): Promise<void> {
    await mkdir(dirname(this.path(key)), { recursive: true });
    await mkdir(dirname(this.typePath(key)), { recursive: true });
    await writeFile(this.typePath(key), contentType);
    await rename(partial, this.path(key));
  }

  private async partialPath(): Promise<string> {
    const folder = join(this.options.dir, PARTIAL);
    await mkdir(folder, { recursive: true });
    return join(folder, randomUUID());
  }

  private path(key: string): string {
    return join(this.options.dir, checkedKey(key));
  }

  private typePath(key: string): string {
    return join(this.options.dir, TYPES, checkedKey(key));
  }

  private nowSeconds(): number {
    return Math.floor(this.options.clock.now().getTime() / 1000);
  }

  private expiry(inSeconds: number): number {
    return this.nowSeconds() + inSeconds;
  }

  private signature(method: string, key: string, expires: number, ...rest: unknown[]): string {
    return sign(this.options.secret, ["blob", method, key, expires, ...rest].join("\n"));
  }

  private parse(url: string, prefix: string): SignedUrl | null {
    if (!URL.canParse(url, "http://local")) return null;
    const { pathname, searchParams: query } = new URL(url, "http://local");
    const start = pathname.indexOf(prefix);
    const expires = Number(query.get("expires"));
    if (start < 0 || !Number.isSafeInteger(expires)) return null;
    try {
      return { key: checkedKey(pathname.slice(start + prefix.length)), expires, query };
    } catch {
      return null;
    }
  }

  private accepts({ expires, query }: SignedUrl, expected: string): boolean {
    return (
      equalInConstantTime(query.get("signature") ?? "", expected) && expires > this.nowSeconds()
    );
  }
}

interface SignedUrl {
  key: string;
  expires: number;
  query: URLSearchParams;
}

function absent(error: NodeJS.ErrnoException): null {
  if (error.code === "ENOENT" || error.code === "ENOTDIR") return null;
  throw error;
}

function exactly(byteSize: number) {
  return async function* (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let size = 0;
    for await (const chunk of source) {
      size += chunk.byteLength;
      if (size > byteSize) throw new BlobSizeMismatch(byteSize);
      yield chunk;
    }
    if (size !== byteSize) throw new BlobSizeMismatch(byteSize);
  };
}
