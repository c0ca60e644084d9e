export type JobStatus = "QUEUED" | "RUNNING" | "SUCCEEDED" | "FAILED" | "CANCELED";

/** A row of `ai_jobs`. */
export interface Job {
  readonly id: string;
  readonly userId: string;
  readonly kind: string;
  readonly status: JobStatus;
  readonly stage: string | null;
  /** 0–100. */
  readonly progress: number;
  /** Starts at 1 and rises with every change. */
  readonly version: number;
  readonly input: unknown;
  readonly failureCode: string | null;
  /** Safe to show to the user. */
  readonly failureMessage: string | null;
  /** Whether the same input may succeed another time. */
  readonly failureCanRetry: boolean | null;
  readonly attempts: number;
  /** How often a worker died while it ran this job. */
  readonly crashes: number;
  readonly retryOf: string | null;
  readonly providerSession: string | null;
  /** When it was asked for; a job that waits again, or is taken over, keeps it. */
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  readonly timeTakenMs: number | null;
  readonly deadlineAt: Date | null;
  readonly cancelRequestedAt: Date | null;
  /** Jobs of one lane run one after the other, by `laneSeq`; null for jobs that wait for none. */
  readonly lane: string | null;
  readonly laneSeq: number | null;
}

/** A place among jobs that must not overtake each other. */
export interface Lane {
  /** Names what they have in common, such as the id of a room. */
  readonly name: string;
  /** The order inside the lane. */
  readonly seq: number;
}

/** Whether nothing more will happen to the job. */
export const isFinished = (job: Pick<Job, "status">): boolean =>
  job.status === "SUCCEEDED" || job.status === "FAILED" || job.status === "CANCELED";
