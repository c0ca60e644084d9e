import type { Tx, UnitOfWork } from "../../platform/db/unit-of-work.ts";
import type { PageRequest } from "../../platform/graphql/connection.ts";
import type { Language } from "../../platform/graphql/context.ts";
import { notFound } from "../../platform/graphql/errors.ts";
import { Idempotency, type IdempotentCall } from "../../platform/jobs/idempotency.ts";
import type { Job } from "../../platform/jobs/job.ts";
import type { JobRepository } from "../../platform/jobs/job.repository.ts";
import type { Jobs } from "../../platform/jobs/jobs.ts";
import { refuseAnalysis, type AnalysisReadings } from "../analyses/index.ts";
import type { QuotaService } from "../billing/index.ts";
import { routineInputSchema, type RoutineInput } from "./routine.input.ts";

export const ROUTINE_PLAN = "ROUTINE_PLAN";

/** What a user asks for. */
export interface RoutineWish {
  readonly analysisId: string;
  readonly language: Language;
  readonly idempotencyKey: string | null;
}

export interface RoutinesDependencies {
  readonly unitOfWork: UnitOfWork;
  readonly jobs: Jobs;
  readonly jobRepository: JobRepository;
  readonly idempotency: Idempotency;
  readonly quotas: Pick<QuotaService, "take" | "giveBack">;
  readonly readings: Pick<AnalysisReadings, "succeeded">;
}

/** Starts and lists routine plans. */
export class RoutinesService {
  constructor(private readonly dependencies: RoutinesDependencies) {}

  /**
   * Counts the quota and queues a plan for one of the user's finished analyses, in one transaction. Refuses with
   * ANALYSIS_NOT_READY and QUOTA_EXCEEDED; a refusal changes nothing. @throws IDEMPOTENCY_MISMATCH, BAD_USER_INPUT
   */
  start(userId: string, { analysisId, language, idempotencyKey: key }: RoutineWish): Promise<Job> {
    const call = { userId, key, operation: "recommendRoutine", input: { analysisId } };
    return this.queue(call, { analysisId, language }, null);
  }

  /** Makes a failed or canceled plan again, with a new count of the quota. */
  startAgain(job: Job, idempotencyKey: string | null): Promise<Job> {
    const { userId, id } = job;
    const call = { userId, key: idempotencyKey, operation: "retryJob", input: { id } };
    return this.queue(call, routineInputSchema.omit({ quota: true }).parse(job.input), id);
  }

  /** Gives the count back, unless somebody cancels what was asked of the provider already. */
  async settle(tx: Tx, job: Job, outcome: "FAILED" | "CANCELED"): Promise<void> {
    if (outcome === "CANCELED" && job.providerSession !== null) return;
    const { quota } = routineInputSchema.parse(job.input);
    if (quota) await this.dependencies.quotas.giveBack(tx, job.userId, quota);
  }

  /** A page of the user's plans, newest first. */
  page(userId: string, page: PageRequest): Promise<Job[]> {
    return this.dependencies.jobRepository.pageOfUser(userId, { kinds: [ROUTINE_PLAN] }, page);
  }

  /** The plan if it is this user's, else null. */
  async find(userId: string, id: string): Promise<Job | null> {
    const job = await this.dependencies.jobs.ownedBy(userId, id);
    return job?.kind === ROUTINE_PLAN ? job : null;
  }

  private async queue(
    call: IdempotentCall,
    input: Omit<RoutineInput, "quota">,
    retryOf: string | null,
  ): Promise<Job> {
    const { idempotency, readings, quotas, unitOfWork, jobs } = this.dependencies;
    const { userId } = call;
    Idempotency.checkKey(call.key);
    const earlier = await idempotency.find<{ id: string }>(call);
    if (earlier) return this.owned(userId, earlier.id);
    if (!(await readings.succeeded(userId, input.analysisId))) refuseAnalysis();
    const { id } = await unitOfWork.run((tx) =>
      idempotency.once(tx, call, async () => {
        const jobId = jobs.newId(ROUTINE_PLAN);
        const quota = await quotas.take(tx, userId, "CARE_PLANS");
        const job = { id: jobId, userId, kind: ROUTINE_PLAN, input: { ...input, quota }, retryOf };
        await jobs.start(tx, job);
        return { id: jobId };
      }),
    );
    return this.owned(userId, id);
  }

  private async owned(userId: string, id: string): Promise<Job> {
    const job = await this.dependencies.jobs.ownedBy(userId, id);
    if (!job) throw notFound("The job");
    return job;
  }
}
