import type { BlobStore } from "../../../platform/blobs/blob-store.ts";
import type { Clock } from "../../../platform/clock/clock.ts";
import type { Tx, UnitOfWork } from "../../../platform/db/unit-of-work.ts";
import { notFound, unauthenticated } from "../../../platform/graphql/errors.ts";
import { Idempotency } from "../../../platform/jobs/idempotency.ts";
import type { JobDeletions } from "../../../platform/jobs/job-deletions.ts";
import type { RunningJob } from "../../../platform/jobs/job-kind.ts";
import type { JobRepository } from "../../../platform/jobs/job.repository.ts";
import type { Job } from "../../../platform/jobs/job.ts";
import type { Jobs } from "../../../platform/jobs/jobs.ts";
import type { PersonalData } from "../../../platform/module.ts";
import type { Logger } from "../../../platform/observe/logger.ts";
import type { UserRepository } from "../accounts/user.repository.ts";
import { refuseWith } from "../identity.problems.ts";
import { DATA_EXPORT, type ExportRepository } from "./export.repository.ts";

export interface ExportServiceDeps {
  readonly uow: UnitOfWork;
  readonly jobs: Jobs;
  readonly jobRepository: JobRepository;
  readonly jobDeletions: JobDeletions;
  readonly idempotency: Idempotency;
  readonly exportRows: ExportRepository;
  readonly users: UserRepository;
  readonly blobs: BlobStore;
  readonly clock: Clock;
  readonly log: Logger;
  readonly personalData: readonly PersonalData[];
}

const DAY_MS = 86_400_000;
const KEEP_MS = 7 * DAY_MS;
const URL_SECONDS = 600;
const PER_DAY = 3;
const BATCH = 50;
/** Where the bar stands when everything is collected, in percent. */
const COLLECTED = 90;

/** Where an export is kept. */
export const exportKey = (jobId: string): string => `exports/${jobId}.json`;

/** Puts everything that is kept about a person into one JSON file, which only that person can fetch, for a week. */
export class ExportService {
  constructor(private readonly deps: ExportServiceDeps) {}

  /** Queues an export. Refuses with EXPORT_RUNNING, and with TOO_MANY_EXPORTS beyond three in 24 hours. */
  async start(userId: string, idempotencyKey: string | null): Promise<Job> {
    const { uow, users, jobs, jobRepository, idempotency, exportRows, clock } = this.deps;
    Idempotency.checkKey(idempotencyKey);
    const call = { userId, key: idempotencyKey, operation: "exportMyData", input: {} };
    const { id } = await uow.run((tx) =>
      idempotency.once(tx, call, async () => {
        // One after the other, or two at once would not count each other.
        if (!(await users.lock(tx, userId))?.isActive) throw unauthenticated("SESSION_ENDED");
        const since = new Date(clock.now().getTime() - DAY_MS);
        const { unfinished, asked } = await exportRows.count(tx, userId, since);
        if (unfinished > 0) refuseWith("EXPORT_RUNNING");
        if (asked >= PER_DAY) refuseWith("TOO_MANY_EXPORTS");
        const jobId = jobs.newId(DATA_EXPORT);
        await jobs.start(tx, { id: jobId, userId, kind: DATA_EXPORT, input: {} });
        return { id: jobId };
      }),
    );
    const [job] = await jobRepository.byIds([id]);
    if (!job) throw notFound("The export");
    return job;
  }

  /** The work of an export. May run again: the file is replaced. */
  async run(job: RunningJob): Promise<void> {
    const { blobs, clock, personalData } = this.deps;
    await job.enterStage("COLLECTING", 1);
    const collected: Record<string, unknown> = { exportedAt: clock.now() };
    for (const [index, part] of personalData.entries()) {
      job.signal.throwIfAborted();
      collected[part.name] = await part.export(job.userId);
      job.reportProgress(Math.round((COLLECTED * (index + 1)) / personalData.length));
    }
    await job.enterStage("STORING", COLLECTED);
    const bytes = new TextEncoder().encode(JSON.stringify(collected, null, 2));
    await blobs.write(exportKey(job.id), bytes, "application/json");
    await job.succeed(() => Promise.resolve());
  }

  /** An address of the file that works for ten minutes; null before it is there. */
  async downloadUrl(job: Job): Promise<string | null> {
    if (job.status !== "SUCCEEDED") return null;
    return this.deps.blobs.createDownloadUrl(exportKey(job.id), URL_SECONDS);
  }

  /** When the file is deleted; null before it is there. */
  expiresAt(job: Job): Date | null {
    const endedAt = job.status === "SUCCEEDED" ? job.finishedAt : null;
    return endedAt && new Date(endedAt.getTime() + KEEP_MS);
  }

  /** Cancels what is being exported of a guest that is about to be no more. */
  async cancelAll(tx: Tx, userId: string): Promise<void> {
    const { exportRows, jobRepository, jobs } = this.deps;
    for (const id of await exportRows.unfinished(tx, userId)) {
      const job = await jobRepository.lockOwned(tx, userId, id);
      if (job) await jobs.end(tx, job, "CANCELED");
    }
  }

  /** Deletes exports that are older than a week. */
  async removeOld(): Promise<void> {
    const { exportRows, jobDeletions, clock, log } = this.deps;
    const before = new Date(clock.now().getTime() - KEEP_MS);
    for (;;) {
      const old = await exportRows.finishedBefore(before, BATCH);
      let removed = 0;
      for (const { id, userId } of old) {
        try {
          await jobDeletions.delete(userId, DATA_EXPORT, id);
          removed += 1;
        } catch (error) {
          log.warn({ err: error, jobId: id }, "an old export could not be deleted");
        }
      }
      if (old.length < BATCH || removed === 0) return;
    }
  }
}
