import type { BlobStore } from "../blobs/blob-store.ts";
import type { Database } from "../db/database.ts";
import type { Tx, UnitOfWork } from "../db/unit-of-work.ts";
import type { Feed } from "../events/feed.ts";
import { notFound } from "../graphql/errors.ts";
import { problem, refuse, registerProblemCodes } from "../graphql/problems.ts";
import type { Logger } from "../observe/logger.ts";
import { isFinished, type Job } from "./job.ts";
import type { JobKind } from "./job-kind.ts";
import { JOB_TOPIC, type Jobs } from "./jobs.ts";

registerProblemCodes({
  JOB_NOT_FINISHED: "The job is still being worked on; cancel it first.",
});

const AT_ONCE = 50;

interface Deletion {
  readonly jobId: string;
  readonly kind: string;
  readonly blobKeys: readonly string[];
}

/**
 * Deletes finished jobs with all that they left. For its user a job is gone at once; what the deletion still has to
 * remove from other stores is remembered until it is gone, too.
 */
export class JobDeletions {
  constructor(
    private readonly dependencies: {
      readonly database: Database;
      readonly unitOfWork: UnitOfWork;
      readonly jobs: Jobs;
      readonly kinds: ReadonlyMap<string, JobKind>;
      readonly feed: Feed;
      readonly blobs: BlobStore;
      readonly log: Logger;
    },
  ) {}

  /**
   * Deletes a finished job of this kind.
   * @throws NOT_FOUND when it is absent, of another kind or someone else's. Refuses with JOB_NOT_FINISHED.
   */
  async delete(userId: string, kind: string, id: string): Promise<string> {
    const { unitOfWork, jobs, feed } = this.dependencies;
    const job = await jobs.ownedBy(userId, id);
    if (job?.kind !== kind) throw notFound("The job");
    if (!isFinished(job)) refuseUnfinished();
    const blobKeys = (await jobs.kindOf(kind).remains?.files(job)) ?? [];
    await unitOfWork.run(async (tx) => {
      if (!(await markDeleted(tx, job, blobKeys))) refuseUnfinished();
      await feed.append(tx, userId, { topic: JOB_TOPIC, refId: id, version: job.version + 1 });
      tx.afterCommit(() => this.complete());
    });
    return id;
  }

  /** Removes the remains of deleted jobs; what cannot be removed now is tried again later. */
  async complete(): Promise<void> {
    const { database, log } = this.dependencies;
    const pending = await database.query<Deletion>(
      `select job_id as "jobId", kind, blob_keys as "blobKeys" from job_deletions
       order by created_at limit $1`,
      [AT_ONCE],
    );
    for (const deletion of pending) {
      try {
        await this.removeRemains(deletion);
        await database.query("delete from job_deletions where job_id = $1", [deletion.jobId]);
      } catch (error) {
        log.warn({ err: error, jobId: deletion.jobId }, "a deletion is not complete yet");
      }
    }
  }

  private async removeRemains({ jobId, kind, blobKeys }: Deletion): Promise<void> {
    const { blobs, kinds } = this.dependencies;
    await Promise.all(blobKeys.map((key) => blobs.delete(key)));
    await kinds.get(kind)?.remains?.forget?.(jobId);
  }
}

/** Deletes the row of a finished job and notes what is left to remove; false when it is not finished. */
async function markDeleted(tx: Tx, job: Job, blobKeys: readonly string[]): Promise<boolean> {
  const deleted = await tx.execute(
    `delete from ai_jobs where id = $1 and user_id = $2
       and status in ('SUCCEEDED', 'FAILED', 'CANCELED')`,
    [job.id, job.userId],
  );
  if (deleted === 0) return false;
  await tx.execute(
    `insert into job_deletions (job_id, user_id, kind, blob_keys) values ($1, $2, $3, $4)
     on conflict do nothing`,
    [job.id, job.userId, job.kind, blobKeys],
  );
  return true;
}

function refuseUnfinished(): never {
  refuse(problem("JOB_NOT_FINISHED", "Cancel it before you delete it.", ["input", "id"]));
}
