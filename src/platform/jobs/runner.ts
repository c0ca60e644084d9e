import type { UnitOfWork } from "../db/unit-of-work.ts";
import type { Logger } from "../observe/logger.ts";
import { onBehalfOf } from "../resilience/on-behalf.ts";
import { ProviderError } from "../resilience/provider-error.ts";
import { isStoreAway } from "../resilience/store-away.ts";
import { failure, failureOf, type Failure } from "./failures.ts";
import type { Job } from "./job.ts";
import type { JobRepository } from "./job.repository.ts";
import { JobLost, Run } from "./run.ts";
import type { Jobs } from "./jobs.ts";

const BACKOFF_BASE_MS = 1_000;
const BACKOFF_MAX_MS = 60_000;
const STORE_RETRY_MS = 1_000;
const SHED_MIN_MS = 1_000;
const SHED_MAX_MS = 10_000;

/** How one run of a job went, for metrics. */
export interface RunReport {
  readonly kind: string;
  readonly outcome: "SUCCEEDED" | "FAILED" | "CANCELED" | "RETRIED" | "LOST";
  readonly durationMs: number;
}

export interface RunnerDependencies {
  readonly unitOfWork: UnitOfWork;
  readonly repository: JobRepository;
  readonly jobs: Jobs;
  readonly log: Logger;
  readonly onRun: (report: RunReport) => void;
}

/** Runs single jobs: claims them, watches deadline and cancellation, and decides what a fault means. */
export class JobRunner {
  private readonly runs = new Map<string, Run>();

  constructor(private readonly dependencies: RunnerDependencies) {}

  /** The jobs that run in this process now. */
  running(): ReadonlyMap<string, Run> {
    return this.runs;
  }

  /**
   * Runs a job of a kind if it is still QUEUED. Rejects when the outcome could not be stored, and with JobLost when the
   * job was taken away meanwhile: its entry in the queue is then not ours to complete.
   */
  async run(kind: string, jobId: string, workerId: string): Promise<void> {
    const job = await this.claim(kind, jobId, workerId);
    if (!job) return;
    const started = performance.now();
    const outcome = await this.attempt(job);
    this.dependencies.onRun({ kind: job.kind, outcome, durationMs: performance.now() - started });
    if (outcome === "LOST") throw new JobLost(job.id);
  }

  /** Lets a job that was taken from the queue wait in it again. */
  async putBack(jobId: string): Promise<void> {
    const { unitOfWork, repository } = this.dependencies;
    await unitOfWork.run((tx) => repository.enqueueAgain(tx, jobId));
  }

  /** Makes the job RUNNING and tells its watchers; null when it is not QUEUED. */
  private async claim(kind: string, jobId: string, workerId: string): Promise<Job | null> {
    const { unitOfWork, repository, jobs } = this.dependencies;
    const { deadlineMs } = jobs.kindOf(kind);
    return unitOfWork.run(async (tx) => {
      const job = await repository.claim(tx, { id: jobId, workerId, deadlineMs });
      if (job) await jobs.moved(tx, job);
      return job;
    });
  }

  private async attempt(job: Job): Promise<RunReport["outcome"]> {
    const kind = this.dependencies.jobs.kindOf(job.kind);
    let run: Run;
    try {
      const former = this.runs.get(job.id);
      // Taken from this process and back while it lives: the old run must not go on beside the new one.
      former?.stop("LOST");
      run = new Run(job, kind.parseInput(job.input), this.dependencies, former?.earlierCrashes);
    } catch (error) {
      this.dependencies.log.error({ err: error, jobId: job.id }, "a job has unusable input");
      return this.fail(job, failure("INVALID_JOB", false));
    }
    const deadline = setTimeout(
      () => {
        run.stop("DEADLINE");
      },
      Math.max(0, leftMs(job)),
    );
    this.runs.set(job.id, run);
    try {
      if (job.cancelRequestedAt) run.stop("CANCELED");
      if (leftMs(job) <= 0) run.stop("DEADLINE");
      run.signal.throwIfAborted();
      const work = onBehalfOf(job.id, () => kind.run(run));
      await Promise.race([work, whenAborted(run.signal)]);
      if (!run.succeeded) throw new Error(`Jobs of kind ${job.kind} end without a result.`);
      return "SUCCEEDED";
    } catch (error) {
      if (run.succeeded) return "SUCCEEDED";
      return await this.settle(run, error);
    } finally {
      clearTimeout(deadline);
      if (this.runs.get(job.id) === run) this.runs.delete(job.id);
    }
  }

  private async settle(run: Run, error: unknown): Promise<RunReport["outcome"]> {
    const { job, stopReason } = run;
    if (error instanceof JobLost || stopReason === "LOST") return "LOST";
    if (stopReason === "CANCELED") return this.cancel(job);
    if (stopReason === "SHUTDOWN") return this.retry(job, 0, false);
    if (stopReason === "DEADLINE") return this.fail(job, failure("DEADLINE_EXCEEDED", true));
    // Nobody's fault: it waits for the store as long as its deadline allows.
    if (isStoreAway(error)) return this.retry(job, STORE_RETRY_MS, false);
    // Refused by ourselves: the provider has seen nothing, so it was no try. Waits while there is time for another one.
    if (error instanceof ProviderError && error.shed) {
      const delayMs = shedDelayMs(error, job);
      if (leftMs(job) > delayMs) return this.retry(job, delayMs, false);
      return this.giveUp(job, error);
    }
    const { maxAttempts } = this.dependencies.jobs.kindOf(job.kind);
    if (mayRetry(error) && job.attempts < maxAttempts) {
      return this.retry(job, retryDelayMs(error, job.attempts), true);
    }
    return this.giveUp(job, error);
  }

  /** Users are told a plain sentence; the log has the exact text. */
  private giveUp(job: Job, error: unknown): Promise<RunReport["outcome"]> {
    const { log } = this.dependencies;
    const facts = { err: error, jobId: job.id, kind: job.kind };
    if (!(error instanceof ProviderError)) log.error(facts, "a job failed unexpectedly");
    else if (error.outcome === "misconfigured") log.error(facts, "an operator has to act");
    else if (error.outcome === "refused_input") log.info(facts, "the input of a job was refused");
    else log.warn(facts, "a job failed at its provider");
    return this.fail(job, failureOf(error));
  }

  private async cancel(job: Job): Promise<RunReport["outcome"]> {
    const { unitOfWork, jobs } = this.dependencies;
    const ended = await unitOfWork.run((tx) =>
      jobs.end(tx, job, "CANCELED", { attempt: job.attempts }),
    );
    return ended ? "CANCELED" : "LOST";
  }

  private async fail(job: Job, failure: Failure): Promise<RunReport["outcome"]> {
    const { unitOfWork, jobs } = this.dependencies;
    const ended = await unitOfWork.run((tx) =>
      jobs.end(tx, job, "FAILED", { attempt: job.attempts, failure }),
    );
    return ended ? "FAILED" : "LOST";
  }

  private async retry(job: Job, delayMs: number, count: boolean): Promise<RunReport["outcome"]> {
    const { unitOfWork, repository, jobs } = this.dependencies;
    return unitOfWork.run(async (tx) => {
      const waiting = await repository.requeue(tx, job.id, job.attempts, count);
      if (!waiting) return "LOST";
      await repository.enqueue(tx, job, waiting.slot, { delayMs });
      await jobs.moved(tx, waiting);
      return "RETRIED";
    });
  }
}

/** Time until the deadline of a job; negative after it. */
const leftMs = (job: Job): number => (job.deadlineAt?.getTime() ?? Infinity) - Date.now();

/** A provider that may answer later and a store that was away are worth another try; so is what nobody foresaw. */
function mayRetry(error: unknown): boolean {
  return error instanceof ProviderError ? error.outcome === "retryable" : true;
}

/** Exponential backoff with full jitter, never sooner than the provider asked for. */
function retryDelayMs(error: unknown, attempt: number): number {
  const ceiling = Math.min(BACKOFF_MAX_MS, BACKOFF_BASE_MS * 2 ** attempt);
  const asked = error instanceof ProviderError ? (error.retryAfterMs ?? 0) : 0;
  return Math.max(asked, Math.random() * ceiling);
}

/** Never sooner than asked. No run is counted here, so the pauses grow with the time that the job has waited. */
function shedDelayMs({ retryAfterMs = 0 }: ProviderError, { startedAt }: Job): number {
  const waitedMs = startedAt ? Date.now() - startedAt.getTime() : 0;
  const ceiling = Math.min(SHED_MAX_MS, Math.max(SHED_MIN_MS, waitedMs));
  // Spread, so that those who were refused together do not come back together.
  return Math.max(retryAfterMs, ceiling / 2) + (Math.random() * ceiling) / 2;
}

/** Rejects with the abort reason, so that a run ends even when its work ignores the signal. */
function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const abort = () => {
      reject(signal.reason as Error);
    };
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
  });
}
