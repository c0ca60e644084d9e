import type { Tx, UnitOfWork } from "../../../platform/db/unit-of-work.ts";
import type { Language } from "../../../platform/graphql/context.ts";
import type { PageRequest } from "../../../platform/graphql/connection.ts";
import { notFound } from "../../../platform/graphql/errors.ts";
import { Idempotency, type IdempotentCall } from "../../../platform/jobs/idempotency.ts";
import type { Job } from "../../../platform/jobs/job.ts";
import type { JobRepository } from "../../../platform/jobs/job.repository.ts";
import type { Jobs } from "../../../platform/jobs/jobs.ts";
import { refuseAnalysis, type AnalysisReadings } from "../../analyses/index.ts";
import type { QuotaService } from "../../billing/index.ts";
import { refuseMany } from "../goals.problems.ts";
import { LIMITS } from "../goals.vocabulary.ts";
import type { GoalRepository } from "../goals/goal.repository.ts";
import { planInputSchema, type PlanInput } from "./plan.input.ts";

export const GOAL_PLAN = "GOAL_PLAN";

export interface PlanDependencies {
  readonly unitOfWork: UnitOfWork;
  readonly idempotency: Idempotency;
  readonly jobs: Jobs;
  readonly jobRepository: JobRepository;
  readonly quotas: QuotaService;
  readonly readings: AnalysisReadings;
  readonly goals: Pick<GoalRepository, "activeOf">;
}

/** Starts and lists plans of goals. */
export class PlanService {
  constructor(private readonly dependencies: PlanDependencies) {}

  /**
   * Counts the quota and queues the plan in one transaction. Refuses with ANALYSIS_NOT_READY, GOAL_LIMIT_REACHED and
   * QUOTA_EXCEEDED; a refusal changes nothing. @throws IDEMPOTENCY_MISMATCH
   */
  async start(
    { userId, language }: { readonly userId: string; readonly language: Language },
    wish: { readonly analysisId: string; readonly idempotencyKey: string | null },
  ): Promise<Job> {
    const { idempotencyKey: key, ...input } = wish;
    Idempotency.checkKey(key);
    const call = { userId, key, operation: "generateGoals", input };
    const earlier = await this.dependencies.idempotency.find<{ id: string }>(call);
    if (earlier) return this.owned(userId, earlier.id);
    if (!(await this.dependencies.readings.succeeded(userId, wish.analysisId))) refuseAnalysis();
    return this.insert(call, { ...input, language }, null);
  }

  /** Makes the plan of a failed or canceled job again, with a new count of the quota. */
  startAgain(job: Job, idempotencyKey: string | null): Promise<Job> {
    const { userId, id } = job;
    Idempotency.checkKey(idempotencyKey);
    const input = planInputSchema.omit({ quota: true }).parse(job.input);
    const call = { userId, key: idempotencyKey, operation: "retryJob", input: { id } };
    return this.insert(call, input, id);
  }

  /** Gives the count back, unless somebody cancels what was asked of the provider already. */
  async settle(tx: Tx, job: Job, outcome: "FAILED" | "CANCELED"): Promise<void> {
    if (outcome === "CANCELED" && job.providerSession !== null) return;
    const { quota } = planInputSchema.parse(job.input);
    await this.dependencies.quotas.giveBack(tx, job.userId, quota);
  }

  /** A page of the user's plans, newest first. */
  page(userId: string, page: PageRequest): Promise<Job[]> {
    return this.dependencies.jobRepository.pageOfUser(userId, { kinds: [GOAL_PLAN] }, page);
  }

  /** The plan if it is this user's, else null. */
  async find(userId: string, id: string): Promise<Job | null> {
    const job = await this.dependencies.jobs.ownedBy(userId, id);
    return job?.kind === GOAL_PLAN ? job : null;
  }

  private async insert(
    call: IdempotentCall,
    input: Omit<PlanInput, "quota">,
    retryOf: string | null,
  ): Promise<Job> {
    const { unitOfWork, idempotency, jobs, quotas, goals } = this.dependencies;
    const { userId } = call;
    const { id } = await unitOfWork.run((tx) =>
      idempotency.once(tx, call, async () => {
        const open = await goals.activeOf(tx, userId, null);
        if (open.length >= LIMITS.openGoals) refuseMany();
        const jobId = jobs.newId(GOAL_PLAN);
        const quota = await quotas.take(tx, userId, "CARE_PLANS");
        const job = { id: jobId, userId, kind: GOAL_PLAN, input: { ...input, quota }, retryOf };
        await jobs.start(tx, job);
        return { id: jobId };
      }),
    );
    return this.owned(userId, id);
  }

  private async owned(userId: string, id: string): Promise<Job> {
    const job = await this.dependencies.jobs.ownedBy(userId, id);
    if (!job) throw notFound("The plan");
    return job;
  }
}
