import {
  BadImage,
  checkPicture,
  cleanImage,
  type CleanImage,
  type CleanImageOptions,
} from "../../../platform/blobs/clean-image.ts";
import { BlobNotFound, BlobTooLarge, type BlobStore } from "../../../platform/blobs/blob-store.ts";
import type { Clock } from "../../../platform/clock/clock.ts";
import type { Tx, UnitOfWork } from "../../../platform/db/unit-of-work.ts";
import type { Ids } from "../../../platform/ids/ids.ts";
import { isId } from "../../../platform/ids/ids.ts";
import type { Logger } from "../../../platform/observe/logger.ts";
import { refuseWith } from "../identity.problems.ts";
import type { UploadPurpose, UploadRepository, UploadRow } from "./upload.repository.ts";

/** The largest file that is accepted. */
export const MAX_UPLOAD_BYTES = 10 * 1024 * 1024;
const MAX_PIXELS = 50_000_000;
const MAX_SIDE = 4_096;
const TICKET_SECONDS = 600;
const KEEP_UNUSED_MS = 24 * 3_600_000;
const KEEP_USED_MS = 7 * 24 * 3_600_000;
const CLEANUP_BATCH = 200;
const CONTENT_TYPES: ReadonlySet<string> = new Set([
  "image/jpeg",
  "image/png",
  "image/webp",
  "image/gif",
]);
const PATH = ["input", "uploadId"] as const;

/** Where and how a client sends its bytes. */
export interface UploadTicket {
  readonly id: string;
  readonly url: string;
  readonly method: "PUT";
  readonly headers: readonly { name: string; value: string }[];
  readonly expiresAt: Date;
}

export interface UploadServiceDeps {
  readonly uow: UnitOfWork;
  readonly uploads: UploadRepository;
  readonly blobs: BlobStore;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly log: Logger;
  /** Tickets that a user may have without using them. */
  readonly unusedUploads: number;
}

/**
 * Pictures that users send. To use one: `inspect` it, then `claim` it in the transaction that uses it,
 * then `readClean` it where the work is done, and `discard` it.
 */
export class UploadService {
  constructor(private readonly deps: UploadServiceDeps) {}

  /** Makes a ticket for one file; refuses other types than pictures, empty and too large files. */
  async create(
    userId: string,
    request: { purpose: UploadPurpose; contentType: string; byteSize: number },
  ): Promise<UploadTicket> {
    const { uow, uploads, blobs, ids, clock } = this.deps;
    const contentType = request.contentType.trim().toLowerCase();
    const { purpose, byteSize } = request;
    if (!CONTENT_TYPES.has(contentType)) {
      refuseWith("UNSUPPORTED_IMAGE_TYPE", ["input", "contentType"]);
    }
    if (byteSize < 1) refuseWith("IMAGE_EMPTY", ["input", "byteSize"]);
    if (byteSize > MAX_UPLOAD_BYTES) refuseWith("IMAGE_TOO_LARGE", ["input", "byteSize"]);
    const id = ids.next("upl");
    const key = `temp/${id}`;
    const expiresAt = new Date(clock.now().getTime() + TICKET_SECONDS * 1_000);
    const upload = { id, userId, purpose, key, contentType, byteSize, expiresAt };
    if (!(await uow.run((tx) => uploads.add(tx, upload, this.deps.unusedUploads)))) {
      refuseWith("TOO_MANY_UPLOADS");
    }
    const expiresInSeconds = TICKET_SECONDS;
    const target = await blobs.createUploadUrl({ key, contentType, byteSize, expiresInSeconds });
    const headers = Object.entries(target.headers).map(([name, value]) => ({ name, value }));
    return { id, url: target.url, method: "PUT", headers, expiresAt };
  }

  /**
   * Checks that a user's upload is there and can be used; holds no transaction. Whatever is wrong is refused with
   * the path `input.uploadId`.
   */
  async inspect(userId: string, uploadId: string, purpose: UploadPurpose): Promise<UploadRow> {
    const upload = isId(uploadId, "upl") ? await this.deps.uploads.find(uploadId) : null;
    if (upload?.userId !== userId) return refuseWith("UPLOAD_NOT_FOUND", PATH);
    if (upload.purpose !== purpose) return refuseWith("UPLOAD_WRONG_PURPOSE", PATH);
    if (upload.status === "USED") return refuseWith("UPLOAD_USED", PATH);
    if (upload.expiresAt <= this.deps.clock.now()) return refuseWith("UPLOAD_EXPIRED", PATH);
    const file = await this.deps.blobs.head(upload.key);
    if (!file) return refuseWith("UPLOAD_MISSING_BYTES", PATH);
    if (file.byteSize < 1) return refuseWith("IMAGE_EMPTY", PATH);
    if (file.byteSize > MAX_UPLOAD_BYTES) return refuseWith("IMAGE_TOO_LARGE", PATH);
    await this.checkBytes(upload.key);
    return upload;
  }

  /**
   * Takes an inspected upload for one use, in the transaction of that use; of several at once only one gets it.
   * @param usedBy Id of what uses it.
   */
  async claim(tx: Tx, userId: string, uploadId: string, usedBy: string): Promise<void> {
    const claim = { id: uploadId, userId, usedBy, at: this.deps.clock.now() };
    if (!(await this.deps.uploads.claim(tx, claim))) refuseWith("UPLOAD_USED", PATH);
  }

  /**
   * The picture of an upload: upright, without metadata.
   * @param form Default: at most 4096 pixels a side, as JPEG.
   * @throws BadImage when the bytes are no acceptable picture, BlobNotFound when they are gone.
   */
  async readClean(
    uploadId: string,
    form: Partial<Pick<CleanImageOptions, "maxSide" | "format">> = {},
  ): Promise<CleanImage> {
    const upload = await this.deps.uploads.find(uploadId);
    if (!upload) throw new BlobNotFound(uploadId);
    const bytes = await this.deps.blobs.read(upload.key, MAX_UPLOAD_BYTES).catch(asBadImage);
    const limits = { maxBytes: MAX_UPLOAD_BYTES, maxPixels: MAX_PIXELS, maxSide: MAX_SIDE };
    return cleanImage(bytes, { ...limits, format: "jpeg", ...form });
  }

  /** Refuses at once what cannot become a picture, so that no work is begun for it. */
  private async checkBytes(key: string): Promise<void> {
    try {
      const bytes = await this.deps.blobs.read(key, MAX_UPLOAD_BYTES);
      await checkPicture(bytes, { maxBytes: MAX_UPLOAD_BYTES, maxPixels: MAX_PIXELS });
    } catch (error) {
      if (error instanceof BadImage) refuseWith(error.code, PATH);
      if (error instanceof BlobNotFound) refuseWith("UPLOAD_MISSING_BYTES", PATH);
      throw error;
    }
  }

  /** Deletes the bytes of a used upload early: as they came, they may say where the picture was taken. */
  async discard(uploadId: string): Promise<void> {
    const upload = await this.deps.uploads.find(uploadId);
    if (upload?.status === "USED") await this.remove([upload]);
  }

  /** Deletes what was not used within a day, and the bytes of used uploads after a week. */
  async removeOld(): Promise<void> {
    const now = this.deps.clock.now().getTime();
    const unusedBefore = new Date(now - KEEP_UNUSED_MS);
    const usedBefore = new Date(now - KEEP_USED_MS);
    for (;;) {
      const old = await this.deps.uploads.removable(unusedBefore, usedBefore, CLEANUP_BATCH);
      const removed = await this.remove(old);
      // What could not be removed now is tried again next time.
      if (old.length < CLEANUP_BATCH || removed < old.length) return;
    }
  }

  /** Bytes first: a crash in between leaves a row that the next run finds again. */
  private async remove(uploads: readonly UploadRow[]): Promise<number> {
    const { blobs, clock, log } = this.deps;
    const removed: string[] = [];
    for (const { id, key } of uploads) {
      try {
        await blobs.delete(key);
        removed.push(id);
      } catch (error) {
        log.warn({ err: error, uploadId: id }, "an upload could not be deleted");
      }
    }
    if (removed.length > 0) await this.deps.uploads.markRemoved(removed, clock.now());
    return removed.length;
  }
}

function asBadImage(error: unknown): never {
  throw error instanceof BlobTooLarge ? new BadImage("IMAGE_TOO_LARGE") : error;
}
