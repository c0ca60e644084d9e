import type { UnitOfWork } from "../../platform/db/unit-of-work.ts";
import type { Feed } from "../../platform/events/feed.ts";
import type { Job } from "../../platform/jobs/job.ts";
import type { JobErasure } from "../../platform/jobs/job-erasure.ts";
import type { JobOwnerRepository } from "../../platform/jobs/job-owner.repository.ts";
import type { JobRepository } from "../../platform/jobs/job.repository.ts";
import { JOB_TOPIC, jobTopic } from "../../platform/jobs/jobs.ts";
import type { PersonalData } from "../../platform/module.ts";
import type { Nudges } from "../../platform/realtime/nudges.ts";

const PAGE = 500;

/** How a user's jobs of all kinds, the live feed and idempotency keys are handed over, moved and forgotten. */
export function createActivityPersonalData(dependencies: {
  readonly unitOfWork: UnitOfWork;
  readonly repository: JobRepository;
  readonly owners: JobOwnerRepository;
  readonly erasure: JobErasure;
  readonly feed: Feed;
  readonly nudges: Nudges;
}): PersonalData {
  const { unitOfWork, repository, owners, erasure, feed, nudges } = dependencies;
  return {
    name: "jobs",
    tables: ["ai_jobs", "job_deletions", "idempotency_keys", "feed_cursors", "feed_events"],
    export: async (userId) => (await allJobs(repository, userId)).map(shown),
    lock: (tx, userId) => owners.lockUnfinished(tx, userId),
    merge: async (tx, move) => {
      const { count, unfinished } = await owners.moveAll(tx, move);
      await owners.moveKeys(tx, move);
      await owners.moveDeletions(tx, move);
      await feed.forget(tx, move.fromUserId);
      for (const { id, version } of unfinished) {
        await feed.append(tx, move.toUserId, { topic: JOB_TOPIC, refId: id, version });
        tx.afterCommit(() => {
          nudges.send(jobTopic(id));
        });
      }
      return { jobs: count };
    },
    erase: async (userId) => {
      await erasure.erase(userId);
      await unitOfWork.run(async (tx) => {
        await owners.forgetKeys(tx, userId);
        await feed.forget(tx, userId);
      });
    },
  };
}

async function allJobs(repository: JobRepository, userId: string): Promise<Job[]> {
  const all: Job[] = [];
  for (;;) {
    const last = all.at(-1);
    const page = { limit: PAGE, backward: true, beyond: last ? [last.id] : null };
    const rows = await repository.pageOfUser(userId, { kinds: null }, page);
    all.push(...rows);
    if (rows.length <= PAGE) return all;
  }
}

// What a job was asked and what it found is told by the domain that it belongs to.
const shown = ({ id, kind, status, createdAt, startedAt, finishedAt, failureCode }: Job) => ({
  id,
  kind,
  status,
  createdAt,
  startedAt,
  finishedAt,
  failureCode,
});
