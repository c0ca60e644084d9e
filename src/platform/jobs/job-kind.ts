import type { Tx } from "../db/unit-of-work.ts";
import type { Job } from "./job.ts";

/** A job while it runs. Every method throws JobLost once this run no longer owns the job. */
export interface RunningJob<Input = unknown> {
  readonly id: string;
  readonly userId: string;
  readonly input: Input;
  /** 1 for the first run. Results are fenced by it. */
  readonly attempt: number;
  /** Aborts on cancel, deadline, shutdown or when the job was taken over. */
  readonly signal: AbortSignal;
  /** The provider's own id of the work, as an earlier run stored it. */
  readonly providerSession: string | null;
  /** Stores the provider's id, so that a later run resumes instead of paying again. */
  saveProviderSession(session: string): Promise<void>;
  /** Moves to a stage. @param progress 0–100; never falls. */
  enterStage(stage: string, progress: number): Promise<void>;
  /** Reports progress inside a stage; small steps are dropped. @param progress 0–100. */
  reportProgress(progress: number): void;
  /**
   * Stores a part of the result that watchers are to see at once: `store` and the job's new version commit together.
   * @param progress 0–100, when the part is a step forward
   */
  changed(store: (tx: Tx) => Promise<void>, progress?: number): Promise<void>;
  /** Ends the job: `store` and the state change commit together. */
  succeed(store: (tx: Tx) => Promise<void>): Promise<void>;
}

/** What jobs of a kind leave in other stores. */
export interface JobRemains {
  /** Keys of the stored files of a finished job. */
  files(job: Job): Promise<readonly string[]>;
  /** Removes what is kept of it elsewhere, such as in MongoDB. May be called again. */
  forget?(jobId: string): Promise<void>;
}

/** What a kind of job does. Registered by the domain that owns it. */
export interface JobKind<Input = unknown> {
  /** SCREAMING_SNAKE, such as SKIN_ANALYSIS. */
  readonly kind: string;
  /** Prefix of the job's id, which is also the id of the domain's row. */
  readonly idPrefix: string;
  /** A run that takes longer fails with DEADLINE_EXCEEDED. */
  readonly deadlineMs: number;
  /** Runs including the first; 5 at most by convention. */
  readonly maxAttempts: number;
  /** Jobs of one user that may run at once; 3 unless told. */
  readonly perUser?: number;
  /** Checks the stored input: queued jobs may be older than the code. Throws when it is unusable. */
  parseInput(input: unknown): Input;
  /** Does the work and calls `job.succeed` at its end. */
  run(job: RunningJob<Input>): Promise<void>;
  /** Starts a new job of the same input, with its charge; `retryOf` names the old one. */
  startAgain(job: Job, idempotencyKey: string | null): Promise<Job>;
  /** What a job leaves besides its row; absent when nothing. */
  readonly remains?: JobRemains;
  /** Set when its jobs stay after everything else of their user was erased. */
  readonly outlivesItsUser?: boolean;
  /** In the transaction that ends the job without success: gives back what was charged. */
  onUnsuccessful(tx: Tx, job: Job, outcome: "FAILED" | "CANCELED"): Promise<void>;
}
