import { BlobNotFound, type BlobStore } from "../../../platform/blobs/blob-store.ts";
import { BadImage } from "../../../platform/blobs/clean-image.ts";
import type { UnitOfWork } from "../../../platform/db/unit-of-work.ts";
import type { Ids } from "../../../platform/ids/ids.ts";
import type { Logger } from "../../../platform/observe/logger.ts";
import type { RateLimit, RateLimiter } from "../../../platform/redis/rate-limiter.ts";
import type { UserRepository } from "../accounts/user.repository.ts";
import { refuseWith } from "../identity.problems.ts";
import type { UploadService } from "../uploads/upload.service.ts";

export interface PictureServiceDeps {
  readonly uow: UnitOfWork;
  readonly users: UserRepository;
  readonly uploads: UploadService;
  readonly blobs: BlobStore;
  readonly rateLimiter: RateLimiter;
  readonly ids: Ids;
  readonly log: Logger;
}

const SIDE = 512;
const URL_SECONDS = 3_600;
const CHANGES: RateLimit = { name: "profile_picture", points: 10, windowSeconds: 600 };

/** Profile pictures: WebP, neither side longer than 512 pixels, without metadata. */
export class PictureService {
  constructor(private readonly deps: PictureServiceDeps) {}

  /** An address of the picture that works for an hour; null without one. */
  async urlOf(key: string | null): Promise<string | null> {
    return key === null ? null : this.deps.blobs.createDownloadUrl(key, URL_SECONDS);
  }

  /** Makes an upload the user's picture; the one before is deleted. Whatever is wrong with the upload is refused. */
  async set(userId: string, uploadId: string): Promise<void> {
    const { uow, users, uploads, blobs, rateLimiter, ids } = this.deps;
    await rateLimiter.consume(CHANGES, userId);
    await uploads.inspect(userId, uploadId, "PROFILE_PICTURE");
    const form = { maxSide: SIDE, format: "webp" } as const;
    const { bytes, contentType } = await uploads.readClean(uploadId, form).catch(asRefusal);
    const key = `profiles/${userId}/${ids.next("pic")}.webp`;
    await blobs.write(key, bytes, contentType);
    try {
      const before = await uow.run(async (tx) => {
        await uploads.claim(tx, userId, uploadId, userId);
        return users.replacePicture(tx, userId, key);
      });
      if (before !== null) await this.forget(before);
    } catch (error) {
      await this.forget(key);
      throw error;
    }
    await uploads.discard(uploadId).catch((error: unknown) => this.deleteLater(error, uploadId));
  }

  /** Deletes the user's picture, if there is one. */
  async remove(userId: string): Promise<void> {
    const { uow, users } = this.deps;
    const before = await uow.run((tx) => users.replacePicture(tx, userId, null));
    if (before !== null) await this.forget(before);
  }

  private forget(key: string): Promise<void> {
    return this.deps.blobs.delete(key).catch((error: unknown) => this.deleteLater(error, key));
  }

  private deleteLater(error: unknown, what: string): void {
    this.deps.log.warn({ err: error, what }, "a picture could not be deleted");
  }
}

function asRefusal(error: unknown): never {
  const path = ["input", "uploadId"];
  if (error instanceof BadImage) return refuseWith(error.code, path);
  // Another call has used it meanwhile.
  if (error instanceof BlobNotFound) return refuseWith("UPLOAD_USED", path);
  throw error;
}
