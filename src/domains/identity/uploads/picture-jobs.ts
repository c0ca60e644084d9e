import type { BlobStore } from "../../../platform/blobs/blob-store.ts";
import { BlobNotFound } from "../../../platform/blobs/blob-store.ts";
import { BadImage, cleanImage, type CleanImage } from "../../../platform/blobs/clean-image.ts";
import type { Tx, UnitOfWork } from "../../../platform/db/unit-of-work.ts";
import { notFound } from "../../../platform/graphql/errors.ts";
import {
  problem,
  refuse,
  Refused,
  registerProblemCodes,
} from "../../../platform/graphql/problems.ts";
import { DownloadRefused, type PublicDownload } from "../../../platform/http/public-download.ts";
import { Idempotency, type IdempotentCall } from "../../../platform/jobs/idempotency.ts";
import type { Job } from "../../../platform/jobs/job.ts";
import type { RunningJob } from "../../../platform/jobs/job-kind.ts";
import type { JobRepository } from "../../../platform/jobs/job.repository.ts";
import type { Jobs } from "../../../platform/jobs/jobs.ts";
import type { RateLimit, RateLimiter } from "../../../platform/redis/rate-limiter.ts";
import { ProviderError } from "../../../platform/resilience/provider-error.ts";
import type { UploadPurpose } from "./upload.repository.ts";
import { MAX_UPLOAD_BYTES, type UploadService } from "./upload.service.ts";

const MAX_CLEAN_BYTES = 12 * 1024 * 1024;
const MAX_PIXELS = 50_000_000;
const MAX_SIDE = 4_096;
const IMAGE_URL_PATH = ["input", "inputImageUrl"];
const RETRY_PATH = ["input", "id"];
const GONE = { code: "PICTURE_GONE", message: "The picture is no longer there. Send it again." };

registerProblemCodes({
  [GONE.code]: "The picture is no longer there; only a new one helps.",
  IMAGE_URL_FORBIDDEN: "Pictures are fetched by HTTPS from public hosts alone.",
  IMAGE_URL_UNREACHABLE: "Nothing could be fetched from the picture's URL.",
});

export interface PictureJobsDependencies {
  readonly unitOfWork: UnitOfWork;
  readonly jobs: Jobs;
  readonly jobRepository: Pick<JobRepository, "byIds">;
  readonly idempotency: Idempotency;
  readonly uploads: UploadService;
  readonly blobs: BlobStore;
  readonly rateLimiter: RateLimiter;
  /** Fetches pictures that users name by URL. */
  readonly downloads: Pick<PublicDownload, "bytes" | "check">;
  /** Jobs per user, and per address. */
  readonly imageJobs: RateLimit;
}

/** A job that somebody asks for. */
export interface PictureJobOrder {
  readonly userId: string;
  /** The address of the caller. */
  readonly ip: string;
  readonly kind: string;
  /** The mutation, for idempotency. */
  readonly operation: string;
  readonly idempotencyKey: string | null;
  /** The upload that it uses up; null when the picture comes from somewhere else. */
  readonly uploadId: string | null;
  /** Where the picture is fetched when it is no upload. */
  readonly imageUrl?: string | null;
  readonly purpose: UploadPurpose;
  /** Everything that decides about the effect, `uploadId` included. */
  readonly wish: unknown;
  /** Charges for the job in the transaction that starts it, and answers its input. May refuse: then nothing happens. */
  readonly charge: (tx: Tx, jobId: string) => Promise<unknown>;
}

/** Where the picture of a job comes from. An upload goes before a URL. */
export interface PictureOfJob {
  readonly uploadId: string | null;
  readonly imageUrl?: string | null;
  /** Where the clean picture lay when this job was asked to do another one's work again. */
  readonly sourceKey: string | null;
}

/** Where the picture of a job comes from, and the key under which it is kept. */
export type PictureSource = PictureOfJob & { readonly key: string };

/** A job's work that is to be done again. */
export interface PictureJobRepeat {
  /** What the job was given of its picture. */
  readonly input: PictureOfJob;
  /** Where the clean picture of a job of this kind is kept. */
  readonly keyOf: (jobId: string) => string;
  /** As in an order. @param sourceKey Where the picture lies now; null when it has yet to be fetched. */
  readonly charge: (tx: Tx, jobId: string, sourceKey: string | null) => Promise<unknown>;
}

/** Starts jobs that work on a picture, and hands them that picture. */
export class PictureJobs {
  constructor(private readonly dependencies: PictureJobsDependencies) {}

  /**
   * Charges, takes the upload and queues the job in one transaction. Refuses with the problems of uploads, of the picture's URL and
   * of the charge; a refusal changes nothing.
   * @throws RATE_LIMITED, IDEMPOTENCY_MISMATCH, BAD_USER_INPUT
   */
  async start(order: PictureJobOrder): Promise<Job> {
    const { idempotency, uploads } = this.dependencies;
    const { userId, operation, idempotencyKey: key } = order;
    Idempotency.checkKey(key);
    const call = { userId, key, operation, input: order.wish };
    const earlier = await idempotency.find<{ id: string }>(call);
    if (earlier) return this.owned(userId, earlier.id);
    await this.limit(userId, order.ip);
    if (order.uploadId !== null) {
      try {
        await uploads.inspect(userId, order.uploadId, order.purpose);
      } catch (error) {
        // The call that we repeat may have used the upload a moment ago.
        const won = error instanceof Refused ? await idempotency.find<{ id: string }>(call) : null;
        if (won) return this.owned(userId, won.id);
        throw error;
      }
    }
    if (order.imageUrl != null) await this.checkUrl(order.imageUrl);
    return this.insert(call, { ...order, retryOf: null });
  }

  /**
   * Does a job's work again as a new job with a charge and a picture of its own, so that the old one may be deleted. Refuses with
   * PICTURE_GONE, the problems of pictures and of the charge; a refusal changes nothing.
   * @throws RATE_LIMITED, IDEMPOTENCY_MISMATCH
   */
  async startAgain(
    job: Job,
    idempotencyKey: string | null,
    { input, keyOf, charge }: PictureJobRepeat,
  ): Promise<Job> {
    const { userId, kind, id } = job;
    Idempotency.checkKey(idempotencyKey);
    const call = { userId, key: idempotencyKey, operation: "retryJob", input: { id } };
    const earlier = await this.dependencies.idempotency.find<{ id: string }>(call);
    if (earlier) return this.owned(userId, earlier.id);
    await this.limit(userId, null);
    const stored = await this.pictureAgain(id, { ...input, key: keyOf(id) });
    const started = await this.insert(call, {
      kind,
      uploadId: null,
      charge: (tx, jobId) => charge(tx, jobId, stored?.key ?? null),
      retryOf: id,
    });
    // Not before: a copy without a job would be found by nobody who erases. If it fails, the run copies for itself.
    if (stored) await this.keep(started.id, keyOf(started.id), stored.bytes).catch(() => undefined);
    return started;
  }

  /**
   * The clean picture of a running job, stored under its own key: from an earlier attempt, from the job that this one
   * repeats, from the upload, or from the web.
   * @throws ProviderError `refused_input` when it is gone or no acceptable picture, or its URL may not be fetched
   */
  async picture(job: Pick<RunningJob, "id" | "signal">, from: PictureSource): Promise<Uint8Array> {
    const { blobs, uploads } = this.dependencies;
    const stored = await this.stored(from);
    if (stored) {
      if (stored.key !== from.key) await blobs.write(from.key, stored.bytes, "image/jpeg");
      return stored.bytes;
    }
    try {
      const clean = await this.clean(from, job.signal);
      await blobs.write(from.key, clean.bytes, "image/jpeg");
      if (from.uploadId !== null) await uploads.discard(from.uploadId);
      return clean.bytes;
    } catch (error) {
      throw asProviderError(error);
    }
  }

  /**
   * The clean picture of a finished job, for another one. A job that never ran gets it here, because the first that reads an
   * upload discards it. Null when it has to be fetched from the web.
   */
  private async pictureAgain(jobId: string, from: PictureSource): Promise<StoredPicture | null> {
    const { key, uploadId } = from;
    const stored = await this.stored(from);
    if (stored) return stored;
    if (uploadId === null) return null;
    const { uploads } = this.dependencies;
    try {
      const { bytes } = await uploads.readClean(uploadId);
      await this.keep(jobId, key, bytes);
      await uploads.discard(uploadId);
      return { key, bytes };
    } catch (error) {
      // Somebody else may have read the upload a moment ago.
      const won = error instanceof BlobNotFound ? await this.stored(from) : null;
      if (won) return won;
      const fault = faultOf(error);
      if (!fault) throw error;
      refuse(problem(fault.code, fault.message, RETRY_PATH));
    }
  }

  /** What is stored already of a job's picture. */
  private async stored({ key, sourceKey }: PictureSource): Promise<StoredPicture | null> {
    for (const one of [key, sourceKey]) {
      const bytes = one === null ? null : await readIfThere(this.dependencies.blobs, one);
      if (one !== null && bytes !== null) return { key: one, bytes };
    }
    return null;
  }

  /** Stores the picture of a job that does not run, unless the job is deleted meanwhile. */
  private async keep(jobId: string, key: string, bytes: Uint8Array): Promise<void> {
    const { blobs, jobRepository } = this.dependencies;
    await blobs.write(key, bytes, "image/jpeg");
    const [job] = await jobRepository.byIds([jobId]);
    if (!job) await blobs.delete(key);
  }

  private async clean(from: PictureSource, signal: AbortSignal): Promise<CleanImage> {
    const { uploads, downloads } = this.dependencies;
    if (from.uploadId !== null) return uploads.readClean(from.uploadId);
    if (from.imageUrl == null) throw new Error(`The job of ${from.key} has no picture.`);
    const bytes = await downloads.bytes(from.imageUrl, signal);
    const limits = { maxBytes: MAX_UPLOAD_BYTES, maxPixels: MAX_PIXELS, maxSide: MAX_SIDE };
    return cleanImage(bytes, { ...limits, format: "jpeg" });
  }

  private async checkUrl(url: string): Promise<void> {
    try {
      await this.dependencies.downloads.check(url);
    } catch (error) {
      if (!(error instanceof DownloadRefused)) throw error;
      const { code, message } = urlFault(error);
      refuse(problem(code, message, IMAGE_URL_PATH));
    }
  }

  private async insert(
    call: IdempotentCall,
    order: Pick<PictureJobOrder, "kind" | "uploadId" | "charge"> & { retryOf: string | null },
  ): Promise<Job> {
    const { unitOfWork, idempotency, uploads, jobs } = this.dependencies;
    const { userId } = call;
    const { kind, uploadId, charge, retryOf } = order;
    const { id, started } = await unitOfWork.run(async (tx) => {
      let started = null as Job | null;
      const { id } = await idempotency.once(tx, call, async () => {
        const jobId = jobs.newId(kind);
        const input = await charge(tx, jobId);
        if (uploadId !== null) await uploads.claim(tx, userId, uploadId, jobId);
        started = await jobs.start(tx, { id: jobId, userId, kind, input, retryOf });
        return { id: jobId };
      });
      return { id, started };
    });
    return started ?? this.owned(userId, id);
  }

  private async limit(userId: string, ip: string | null): Promise<void> {
    const { rateLimiter, imageJobs } = this.dependencies;
    await rateLimiter.consume(imageJobs, `user:${userId}`);
    if (ip !== null) await rateLimiter.consume(imageJobs, `ip:${ip}`);
  }

  private async owned(userId: string, id: string): Promise<Job> {
    const job = await this.dependencies.jobs.ownedBy(userId, id);
    if (!job) throw notFound("The job");
    return job;
  }
}

/** A clean picture, and where it lies. */
interface StoredPicture {
  readonly key: string;
  readonly bytes: Uint8Array;
}

async function readIfThere(blobs: BlobStore, key: string): Promise<Uint8Array | null> {
  try {
    return await blobs.read(key, MAX_CLEAN_BYTES);
  } catch (error) {
    if (error instanceof BlobNotFound) return null;
    throw error;
  }
}

function urlFault({ reason }: DownloadRefused): { code: string; message: string } {
  if (reason === "FORBIDDEN_URL") {
    return { code: "IMAGE_URL_FORBIDDEN", message: "This picture cannot be fetched from there." };
  }
  if (reason === "TOO_LARGE") {
    return { code: "IMAGE_TOO_LARGE", message: "The file is too large." };
  }
  return { code: "IMAGE_URL_UNREACHABLE", message: "The picture could not be fetched." };
}

/** What is wrong with a picture, as its owner may know it; null for what is no fault of the picture. */
function faultOf(error: unknown): { code: string; message: string } | null {
  if (error instanceof BlobNotFound) return GONE;
  if (error instanceof DownloadRefused) return urlFault(error);
  return error instanceof BadImage ? error : null;
}

function asProviderError(error: unknown): unknown {
  const fault = faultOf(error);
  if (!fault) return error;
  const { code, message } = fault;
  return new ProviderError({ provider: "upload", outcome: "refused_input", code, message });
}
