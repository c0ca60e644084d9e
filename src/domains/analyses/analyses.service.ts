import type { BlobStore } from "../../platform/blobs/blob-store.ts";
import type { UnitOfWork } from "../../platform/db/unit-of-work.ts";
import type { Feed } from "../../platform/events/feed.ts";
import type { PageRequest } from "../../platform/graphql/connection.ts";
import type { Language } from "../../platform/graphql/context.ts";
import { badUserInput, notFound } from "../../platform/graphql/errors.ts";
import { problem, refuse, Refused } from "../../platform/graphql/problems.ts";
import { Idempotency, type IdempotentCall } from "../../platform/jobs/idempotency.ts";
import { isFinished, type Job } from "../../platform/jobs/job.ts";
import type { JobRepository } from "../../platform/jobs/job.repository.ts";
import { JOB_TOPIC, type Jobs } from "../../platform/jobs/jobs.ts";
import type { Logger } from "../../platform/observe/logger.ts";
import type { RateLimit, RateLimiter } from "../../platform/redis/rate-limiter.ts";
import type { QuotaService } from "../billing/index.ts";
import type { SkinConcern } from "../catalog/index.ts";
import type { UploadService } from "../identity/index.ts";
import type { AnalysesRepository } from "./analyses.repository.ts";
import type { AnalysisFocus } from "./analyses.vocabulary.ts";
import { analysisInputSchema, selfieKey, type AnalysisInput } from "./analysis.input.ts";

export const SKIN_ANALYSIS = "SKIN_ANALYSIS";
const MAX_NOTES = 1_000;
const MAX_CONCERNS = 10;
const DELETIONS_AT_ONCE = 50;

/** What a user asks for. */
export interface AnalysisWish {
  readonly uploadId: string;
  readonly focus: AnalysisFocus;
  readonly concerns: readonly SkinConcern[];
  readonly notes: string | null;
  readonly idempotencyKey: string | null;
}

/** Who asks. */
export interface Asker {
  readonly userId: string;
  readonly ip: string;
  readonly language: Language;
}

export interface AnalysesDependencies {
  readonly unitOfWork: UnitOfWork;
  readonly repository: AnalysesRepository;
  readonly jobs: Jobs;
  readonly jobRepository: JobRepository;
  readonly idempotency: Idempotency;
  readonly quotas: QuotaService;
  readonly uploads: UploadService;
  readonly blobs: BlobStore;
  readonly feed: Feed;
  readonly rateLimiter: RateLimiter;
  /** Image jobs per user, and per address. */
  readonly imageJobs: RateLimit;
  readonly log: Logger;
}

/** Starts, lists and deletes skin analyses. */
export class AnalysesService {
  constructor(private readonly dependencies: AnalysesDependencies) {}

  /**
   * Counts the quota, takes the upload and queues the work in one transaction.
   * Refuses with the problems of uploads and with QUOTA_EXCEEDED; a refusal changes nothing.
   */
  async start(asker: Asker, wish: AnalysisWish): Promise<Job> {
    const { idempotency, uploads } = this.dependencies;
    Idempotency.checkKey(wish.idempotencyKey);
    checkWish(wish);
    const { idempotencyKey: key, ...input } = wish;
    const call = { userId: asker.userId, key, operation: "analyzeSkin", input };
    const earlier = await idempotency.find<{ id: string }>(call);
    if (earlier) return this.owned(asker.userId, earlier.id);
    await this.limit(asker);
    try {
      await uploads.inspect(asker.userId, wish.uploadId, "SELFIE");
    } catch (error) {
      // The call that we repeat may have used the upload a moment ago.
      const winner = error instanceof Refused ? await idempotency.find<{ id: string }>(call) : null;
      if (winner) return this.owned(asker.userId, winner.id);
      throw error;
    }
    return this.insert(asker.userId, call, {
      ...input,
      concerns: [...wish.concerns],
      language: asker.language,
      sourceKey: null,
    });
  }

  /** Does a failed or canceled analysis again, with the same picture and a new count of the quota. */
  async startAgain(job: Job, idempotencyKey: string | null): Promise<Job> {
    const { rateLimiter, imageJobs } = this.dependencies;
    Idempotency.checkKey(idempotencyKey);
    await rateLimiter.consume(imageJobs, `user:${job.userId}`);
    const input = analysisInputSchema.omit({ quota: true }).parse(job.input);
    const call = {
      userId: job.userId,
      key: idempotencyKey,
      operation: "retryJob",
      input: { id: job.id },
    };
    return this.insert(
      job.userId,
      call,
      { ...input, sourceKey: selfieKey(job.userId, job.id) },
      job.id,
    );
  }

  /** A page of the user's analyses, newest first. */
  page(userId: string, page: PageRequest): Promise<Job[]> {
    const beyond = page.beyond?.[0] ?? null;
    return this.dependencies.jobRepository.pageOfUser(
      userId,
      { kinds: [SKIN_ANALYSIS], statuses: null },
      { ...page, beyond: beyond === null ? null : String(beyond) },
    );
  }

  /** The analysis if it is this user's, else null. */
  async find(userId: string, id: string): Promise<Job | null> {
    const job = await this.dependencies.jobs.ownedBy(userId, id);
    return job?.kind === SKIN_ANALYSIS ? job : null;
  }

  /**
   * Deletes a finished analysis: at once for its user, then its document and pictures.
   * @throws NOT_FOUND. Refuses with ANALYSIS_NOT_FINISHED.
   */
  async delete(userId: string, id: string): Promise<string> {
    const { unitOfWork, repository, feed } = this.dependencies;
    const job = await this.find(userId, id);
    if (!job) throw notFound("The analysis");
    if (!isFinished(job)) refuseUnfinished();
    const document = (await repository.byIds([id]))[0];
    const keys = [selfieKey(userId, id), ...(document?.annotations ?? []).map(({ key }) => key)];
    await unitOfWork.run(async (tx) => {
      if (!(await repository.markDeleted(tx, job, keys))) refuseUnfinished();
      await feed.append(tx, userId, { topic: JOB_TOPIC, refId: id, version: job.version + 1 });
      tx.afterCommit(() => this.removeDeleted());
    });
    return id;
  }

  /** Removes documents and pictures of deleted analyses; what cannot be removed now is tried again later. */
  async removeDeleted(): Promise<void> {
    const { repository, blobs, log } = this.dependencies;
    for (const deletion of await repository.pendingDeletions(DELETIONS_AT_ONCE)) {
      try {
        await Promise.all(deletion.blobKeys.map((key) => blobs.delete(key)));
        await repository.removeDocument(deletion.analysisId);
        await repository.deletionDone(deletion.analysisId);
      } catch (error) {
        log.warn({ err: error, analysisId: deletion.analysisId }, "a deletion is not complete yet");
      }
    }
  }

  private async insert(
    userId: string,
    call: IdempotentCall,
    input: Omit<AnalysisInput, "quota">,
    retryOf: string | null = null,
  ): Promise<Job> {
    const { unitOfWork, idempotency, quotas, uploads, jobs } = this.dependencies;
    const { id } = await unitOfWork.run((tx) =>
      idempotency.once(tx, call, async () => {
        const quota = await quotas.take(tx, userId, "SKIN_ANALYSES");
        const jobId = jobs.newId(SKIN_ANALYSIS);
        if (retryOf === null) await uploads.claim(tx, userId, input.uploadId, jobId);
        const job = { id: jobId, userId, kind: SKIN_ANALYSIS, input: { ...input, quota }, retryOf };
        await jobs.start(tx, job);
        return { id: jobId };
      }),
    );
    return this.owned(userId, id);
  }

  private async limit(asker: Asker): Promise<void> {
    const { rateLimiter, imageJobs } = this.dependencies;
    await rateLimiter.consume(imageJobs, `user:${asker.userId}`);
    await rateLimiter.consume(imageJobs, `ip:${asker.ip}`);
  }

  private async owned(userId: string, id: string): Promise<Job> {
    const job = await this.dependencies.jobs.ownedBy(userId, id);
    if (!job) throw notFound("The analysis");
    return job;
  }
}

function checkWish(wish: AnalysisWish): void {
  if (wish.notes !== null && wish.notes.length > MAX_NOTES) {
    throw badUserInput(`Notes have at most ${MAX_NOTES} characters.`, ["input", "notes"]);
  }
  if (wish.concerns.length > MAX_CONCERNS) {
    throw badUserInput(`Name at most ${MAX_CONCERNS} concerns.`, ["input", "concerns"]);
  }
}

function refuseUnfinished(): never {
  refuse(
    problem("ANALYSIS_NOT_FINISHED", "Cancel the analysis before you delete it.", ["input", "id"]),
  );
}
