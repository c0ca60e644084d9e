import DataLoader from "dataloader";
import type { Tx, UnitOfWork } from "../db/unit-of-work.ts";
import type { DomainEvents } from "../events/domain-events.ts";
import type { Feed } from "../events/feed.ts";
import { notFound, unauthenticated } from "../graphql/errors.ts";
import { problem, refuse, registerProblemCodes } from "../graphql/problems.ts";
import type { Ids } from "../ids/ids.ts";
import type { Nudges } from "../realtime/nudges.ts";
import type { Sweep, SweptWatcher } from "../realtime/sweep.ts";
import { watch } from "../realtime/watch.ts";
import type { Failure } from "./failures.ts";
import { isFinished, type Job, type Lane } from "./job.ts";
import { JOB_ENDED } from "./job.events.ts";
import type { JobKind } from "./job-kind.ts";
import type { JobWatchers } from "./job-watchers.ts";
import type { JobRepository } from "./job.repository.ts";

registerProblemCodes({
  JOB_NOT_RETRYABLE:
    "Only a canceled job can be tried again, or a failed one whose failure says so by `canRetry`.",
});

/** Topic of the feed for jobs. */
export const JOB_TOPIC = "JOB";

/** The topic that is nudged when a job moved. */
export const jobTopic = (id: string): string => `job:${id}`;

export interface JobsDependencies {
  readonly unitOfWork: UnitOfWork;
  readonly repository: JobRepository;
  readonly feed: Feed;
  readonly nudges: Nudges;
  readonly sweep: Sweep;
  readonly events: DomainEvents;
  readonly watchers: JobWatchers;
  readonly ids: Ids;
  readonly kinds: ReadonlyMap<string, JobKind>;
}

/** Starts, moves, cancels and watches jobs. The domains own what a job does; this owns its states. */
export class Jobs {
  /** Merges the reads that one nudge causes in many watchers into one statement. */
  private readonly reads: DataLoader<string, Job | null>;

  constructor(private readonly dependencies: JobsDependencies) {
    this.reads = new DataLoader<string, Job | null>(
      async (ids) => {
        const rows = await dependencies.repository.byIds(ids);
        const byId = new Map(rows.map((job) => [job.id, job]));
        return ids.map((id) => byId.get(id) ?? null);
      },
      { cache: false, maxBatchSize: 1_000 },
    );
  }

  /** An id for a new job of a kind, and for the domain's own row: they share it (src/decisions/0002). */
  newId(kind: string): string {
    return this.dependencies.ids.next(this.kindOf(kind).idPrefix);
  }

  /**
   * Inserts the job, its place in the queue and its line in the feed in the caller's transaction.
   * In a lane it enters the queue once everything before it in the lane has ended.
   * @throws UNAUTHENTICATED when the user's feed was closed, because the account is gone.
   */
  async start(
    tx: Tx,
    job: {
      id: string;
      userId: string;
      kind: string;
      input: unknown;
      retryOf?: string | null;
      lane?: Lane | null;
    },
  ): Promise<Job> {
    const { repository } = this.dependencies;
    const lane = job.lane ?? null;
    const mustWait = lane !== null && (await repository.headOfLane(tx, lane.name)) !== null;
    const { perUser } = this.kindOf(job.kind);
    const retryOf = job.retryOf ?? null;
    const started = await repository.insert(tx, {
      ...job,
      retryOf,
      lane,
      perUser,
      isDue: !mustWait,
    });
    if ((await this.moved(tx, started)) === 0) throw unauthenticated("SESSION_ENDED");
    return started;
  }

  /** The job if it is this user's, else null. */
  async ownedBy(userId: string, id: string): Promise<Job | null> {
    const job = await this.reads.load(id);
    return job?.userId === userId ? job : null;
  }

  /**
   * Cancels: a waiting job at once, a running one as soon as its work notices. A finished job is left as it is.
   * @throws NOT_FOUND when it is absent or someone else's.
   */
  async cancel(userId: string, id: string): Promise<Job> {
    const { unitOfWork, repository } = this.dependencies;
    return unitOfWork.run(async (tx) => {
      const job = await repository.lockOwned(tx, userId, id);
      if (!job) throw notFound("The job");
      if (job.status === "QUEUED") {
        await repository.dequeue(tx, id);
        return (await this.end(tx, job, "CANCELED")) ?? job;
      }
      const requested = await repository.requestCancel(tx, id);
      if (!requested) return job;
      await this.moved(tx, requested);
      return requested;
    });
  }

  /** Ends a job without success and gives back what was charged; null when it had ended already. */
  async end(
    tx: Tx,
    job: Job,
    status: "FAILED" | "CANCELED",
    options: { failure?: Failure; attempt?: number } = {},
  ): Promise<Job | null> {
    const { repository } = this.dependencies;
    const ended = await repository.finish(tx, job.id, {
      status,
      from: ["QUEUED", "RUNNING"],
      ...options,
    });
    if (!ended) return null;
    await this.kindOf(job.kind).onUnsuccessful(tx, ended, status);
    await this.ended(tx, ended);
    return ended;
  }

  /** What follows the end of a job, in its transaction: the next of its lane, the feed, and whoever reacts to it. */
  async ended(tx: Tx, job: Job): Promise<void> {
    await this.passOn(tx, job);
    await this.moved(tx, job);
    // Nobody is left who could be told.
    if (this.kindOf(job.kind).outlivesItsUser) return;
    await this.dependencies.events.emit(tx, JOB_ENDED, job);
  }

  /** Lets the next job of the lane into the queue. */
  private async passOn(tx: Tx, ended: Job): Promise<void> {
    if (ended.lane === null) return;
    const { repository } = this.dependencies;
    const head = await repository.headOfLane(tx, ended.lane);
    // A job that ended while others were before it holds nobody up.
    if (head?.status !== "QUEUED" || head.laneSeq < (ended.laneSeq ?? 0)) return;
    await repository.enqueue(tx, head, head.slot);
  }

  /**
   * Appends a change of a job to its owner's feed, and nudges the watchers after the commit.
   * @returns its number in the feed, 0 when the feed is closed
   */
  async moved(tx: Tx, job: Job): Promise<number> {
    const { feed, nudges } = this.dependencies;
    const seq = await feed.append(tx, job.userId, {
      topic: JOB_TOPIC,
      refId: job.id,
      version: job.version,
    });
    tx.afterCommit(() => {
      nudges.send(jobTopic(job.id));
    });
    return seq;
  }

  /**
   * Follows a job: its present state, then each later one, up to the final one.
   * @param afterVersion The newest version that the client already has.
   * @throws NOT_FOUND when it is absent or someone else's.
   */
  async watch(
    userId: string,
    id: string,
    afterVersion: number | null,
  ): Promise<AsyncIterableIterator<Job>> {
    if (!(await this.ownedBy(userId, id))) throw notFound("The job");
    const { sweep, watchers } = this.dependencies;
    let place: SweptWatcher | null = null;
    let sawEnd = false;
    return watch<Job>({
      listen: async (onNudge) => {
        const stopWatching = watchers.add(id);
        const swept = (place = await sweep.listen(id, jobTopic(id), onNudge));
        return () => {
          stopWatching(sawEnd);
          swept.stop();
        };
      },
      read: async () => {
        const job = await this.ownedBy(userId, id);
        if (job) place?.saw(job.version);
        return job;
      },
      versionOf: (job) => job.version,
      isFinal: (job) => (sawEnd = isFinished(job)),
      afterVersion: afterVersion ?? 0,
    });
  }

  /**
   * Does the work of a canceled job, or of a failed one whose failure allows it, again as a new job with its own charge.
   * Refuses with JOB_NOT_RETRYABLE, and changes nothing then. @throws NOT_FOUND
   */
  async retry(userId: string, id: string, idempotencyKey: string | null): Promise<Job> {
    const job = await this.ownedBy(userId, id);
    if (!job) throw notFound("The job");
    const path = ["input", "id"];
    if (job.status !== "FAILED" && job.status !== "CANCELED") {
      const message = "Only a failed or canceled job can be tried again.";
      refuse(problem("JOB_NOT_RETRYABLE", message, path));
    }
    // The same input would fail for the same reason, and would be charged once more.
    if (job.status === "FAILED" && job.failureCanRetry !== true) {
      refuse(problem("JOB_NOT_RETRYABLE", "This would fail again in the same way.", path));
    }
    return this.kindOf(job.kind).startAgain(job, idempotencyKey);
  }

  kindOf(kind: string): JobKind {
    const definition = this.dependencies.kinds.get(kind);
    if (!definition) throw new Error(`No domain knows jobs of kind ${kind}.`);
    return definition;
  }
}
