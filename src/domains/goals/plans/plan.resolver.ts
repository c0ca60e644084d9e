import {
  Arg,
  Args,
  Authorized,
  Ctx,
  FieldResolver,
  ID,
  Mutation,
  Query,
  Resolver,
  Root,
} from "type-graphql";
import {
  connectionOf,
  PageArgs,
  pageRequest,
  type Connection,
} from "../../../platform/graphql/connection.ts";
import { signedIn, type Context } from "../../../platform/graphql/context.ts";
import { payload } from "../../../platform/graphql/problems.ts";
import type { Job } from "../../../platform/jobs/job.ts";
import { SkinAnalysis } from "../../analyses/index.ts";
import { Viewer } from "../../identity/index.ts";
import type { Goal } from "../goals/goal.repository.ts";
import { GoalType } from "../goals/goal.types.ts";
import { planInputSchema } from "./plan.input.ts";
import type { PlanService } from "./plan.service.ts";
import {
  GenerateGoalsInput,
  GenerateGoalsPayload,
  GoalPlan,
  GoalPlanConnection,
} from "./plan.types.ts";

const NEWEST_FIRST = "goalPlan.newest";

/** Starting and listing plans. */
@Resolver(() => Viewer)
export class PlanResolver {
  constructor(private readonly plans: PlanService) {}

  @Authorized()
  @Mutation(() => GenerateGoalsPayload, {
    description: "Counts the quota and queues a plan of goals; watch it with `jobChanged`.",
  })
  generateGoals(
    @Arg("input", () => GenerateGoalsInput, { description: "The analysis." })
    input: GenerateGoalsInput,
    @Ctx() context: Context,
  ): Promise<GenerateGoalsPayload> {
    const { analysisId, idempotencyKey = null } = input;
    const caller = { userId: signedIn(context).userId, language: context.language };
    return payload(GenerateGoalsPayload, async () => ({
      goalPlan: await this.plans.start(caller, { analysisId, idempotencyKey }),
    }));
  }

  @Authorized()
  @Query(() => GoalPlan, {
    nullable: true,
    description: "One plan of goals; null when it does not exist or is not yours.",
  })
  goalPlan(
    @Arg("id", () => ID, { description: "The plan." }) id: string,
    @Ctx() context: Context,
  ): Promise<Job | null> {
    return this.plans.find(signedIn(context).userId, id);
  }

  @FieldResolver(() => GoalPlanConnection, {
    description: "The user's plans of goals, newest first.",
  })
  async goalPlans(
    @Args(() => PageArgs) args: PageArgs,
    @Root() { id }: Viewer,
  ): Promise<Connection<Job>> {
    const page = pageRequest(args, NEWEST_FIRST);
    const rows = await this.plans.page(id, page);
    return connectionOf(rows, page, NEWEST_FIRST, (job) => [job.id]);
  }
}

/** The fields of a plan that are not columns of its job. */
@Resolver(() => GoalPlan)
export class GoalPlanResolver {
  @FieldResolver(() => SkinAnalysis, { nullable: true })
  async analysis(@Root() job: Job, @Ctx() { loaders }: Context): Promise<Job | null> {
    const analysis = await loaders.job.load(planInputSchema.parse(job.input).analysisId);
    return analysis?.userId === job.userId ? analysis : null;
  }

  @FieldResolver(() => [GoalType])
  goals(@Root() job: Job, @Ctx() { loaders }: Context): Promise<Goal[]> | Goal[] {
    return job.status === "SUCCEEDED" ? loaders.plannedGoals.load(job.id) : [];
  }

  @FieldResolver(() => GoalPlan, { nullable: true })
  async retryOf(@Root() job: Job, @Ctx() { loaders }: Context): Promise<Job | null> {
    return job.retryOf === null ? null : loaders.job.load(job.retryOf);
  }
}
