import type { Tx, UnitOfWork } from "../db/unit-of-work.ts";
import type { Job } from "./job.ts";
import type { RunningJob } from "./job-kind.ts";
import type { JobRepository } from "./job.repository.ts";
import type { Jobs } from "./jobs.ts";

const MIN_PROGRESS_STEP = 3;
const MIN_PROGRESS_INTERVAL_MS = 200;

/** This run no longer owns its job: it was canceled, taken over or ended elsewhere. */
export class JobLost extends Error {
  constructor(id: string) {
    super(`Job ${id} is no longer ours.`);
    this.name = "JobLost";
  }
}

/** Why a run is told to stop. */
export type StopReason = "CANCELED" | "DEADLINE" | "SHUTDOWN" | "LOST";

/** The reason of the abort signal of a running job. */
export class StopRun extends Error {
  constructor(readonly reason: StopReason) {
    super(`The run was told to stop: ${reason}.`);
    this.name = "StopRun";
  }
}

/** Whether a signal that follows a run's tells that the job has ended, canceled or too late, and not only this run of it. */
export const isJobOver = ({ aborted, reason }: AbortSignal): boolean =>
  aborted &&
  reason instanceof StopRun &&
  (reason.reason === "CANCELED" || reason.reason === "DEADLINE");

export interface RunDependencies {
  readonly unitOfWork: UnitOfWork;
  readonly repository: JobRepository;
  readonly jobs: Jobs;
}

/** One attempt at a job. Every write is fenced by the attempt's number. */
export class Run implements RunningJob {
  readonly id: string;
  readonly userId: string;
  readonly attempt: number;
  readonly signal: AbortSignal;
  providerSession: string | null;
  /** Whether `succeed` has committed; set before anybody is told. */
  succeeded = false;
  private readonly stopper = new AbortController();
  private progress: number;
  private reportedAtMs = 0;
  private writing: Promise<void> = Promise.resolve();

  constructor(
    readonly job: Job,
    readonly input: unknown,
    private readonly dependencies: RunDependencies,
    /** How often a worker had died over this job when this process first took it. */
    readonly earlierCrashes = job.crashes,
  ) {
    this.id = job.id;
    this.userId = job.userId;
    this.attempt = job.attempts;
    this.providerSession = job.providerSession;
    this.progress = job.progress;
    this.signal = this.stopper.signal;
  }

  stop(reason: StopReason): void {
    if (!this.signal.aborted) this.stopper.abort(new StopRun(reason));
  }

  get stopReason(): StopReason | null {
    const reason: unknown = this.signal.reason;
    return this.signal.aborted && reason instanceof StopRun ? reason.reason : null;
  }

  async saveProviderSession(session: string): Promise<void> {
    const { repository } = this.dependencies;
    if (!(await repository.saveProviderSession(this.id, this.attempt, session))) this.lose();
    this.providerSession = session;
  }

  async enterStage(stage: string, progress: number): Promise<void> {
    this.signal.throwIfAborted();
    await this.write({ stage, progress });
    this.signal.throwIfAborted();
  }

  reportProgress(progress: number): void {
    const step = progress - this.progress;
    const waitedMs = Date.now() - this.reportedAtMs;
    if (step < MIN_PROGRESS_STEP || waitedMs < MIN_PROGRESS_INTERVAL_MS) return;
    // A progress report that cannot be written costs nothing; the next stage finds out.
    void this.write({ progress }).catch(() => undefined);
  }

  async changed(store: (tx: Tx) => Promise<void>, progress = this.progress): Promise<void> {
    this.signal.throwIfAborted();
    await this.write({ progress }, store);
  }

  async succeed(store: (tx: Tx) => Promise<void>): Promise<void> {
    const { unitOfWork, repository, jobs } = this.dependencies;
    this.signal.throwIfAborted();
    await this.writing;
    await unitOfWork.run(async (tx) => {
      tx.afterCommit(() => {
        this.succeeded = true;
      });
      const ended = await repository.finish(tx, this.id, {
        status: "SUCCEEDED",
        from: ["RUNNING"],
        attempt: this.attempt,
      });
      if (!ended) this.lose();
      await store(tx);
      await jobs.ended(tx, ended);
    });
  }

  /** Writes one after the other, so that a late progress report never overtakes a stage. */
  private write(
    change: { stage?: string; progress: number },
    store?: (tx: Tx) => Promise<void>,
  ): Promise<void> {
    this.progress = Math.max(this.progress, change.progress);
    this.reportedAtMs = Date.now();
    const written = this.writing.then(() => this.advance(change, store));
    this.writing = written.catch(() => undefined);
    return written;
  }

  private async advance(
    change: { stage?: string; progress: number },
    store?: (tx: Tx) => Promise<void>,
  ): Promise<void> {
    const { unitOfWork, repository, jobs } = this.dependencies;
    await unitOfWork.run(async (tx) => {
      const job = await repository.advance(tx, this.id, this.attempt, change);
      if (!job) this.lose();
      await store?.(tx);
      await jobs.moved(tx, job);
    });
  }

  private lose(): never {
    this.stop("LOST");
    throw new JobLost(this.id);
  }
}
