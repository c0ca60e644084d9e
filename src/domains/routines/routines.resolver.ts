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
} from "../../platform/graphql/connection.ts";
import { signedIn, type Context } from "../../platform/graphql/context.ts";
import { payload } from "../../platform/graphql/problems.ts";
import type { Job } from "../../platform/jobs/job.ts";
import type { JobDeletions } from "../../platform/jobs/job-deletions.ts";
import { Viewer } from "../identity/index.ts";
import { ROUTINE_PLAN, type RoutinesService } from "./routines.service.ts";
import {
  DeleteRoutinePlanInput,
  DeleteRoutinePlanPayload,
  RecommendRoutineInput,
  RecommendRoutinePayload,
  RoutinePlan,
  RoutinePlanConnection,
} from "./routines.types.ts";

const NEWEST_FIRST = "routines.newest";

/** Starting, listing and deleting plans. */
@Resolver(() => Viewer)
export class RoutinesResolver {
  constructor(
    private readonly routines: RoutinesService,
    private readonly deletions: JobDeletions,
  ) {}

  @Authorized()
  @Mutation(() => RecommendRoutinePayload, {
    description:
      "Counts the quota and queues a morning and an evening made of the shop's products; watch it with `jobChanged`.",
  })
  recommendRoutine(
    @Arg("input", () => RecommendRoutineInput, { description: "The analysis." })
    input: RecommendRoutineInput,
    @Ctx() context: Context,
  ): Promise<RecommendRoutinePayload> {
    const { userId } = signedIn(context);
    const { analysisId, idempotencyKey = null } = input;
    const { language } = context;
    return payload(RecommendRoutinePayload, async () => ({
      routinePlan: await this.routines.start(userId, { analysisId, language, idempotencyKey }),
    }));
  }

  @Authorized()
  @Mutation(() => DeleteRoutinePlanPayload, { description: "Deletes a finished plan." })
  deleteRoutinePlan(
    @Arg("input", () => DeleteRoutinePlanInput, { description: "Which plan." })
    input: DeleteRoutinePlanInput,
    @Ctx() context: Context,
  ): Promise<DeleteRoutinePlanPayload> {
    return payload(DeleteRoutinePlanPayload, async () => ({
      deletedId: await this.deletions.delete(signedIn(context).userId, ROUTINE_PLAN, input.id),
    }));
  }

  @Authorized()
  @Query(() => RoutinePlan, {
    nullable: true,
    description: "One plan; null when it does not exist or is not yours.",
  })
  routinePlan(
    @Arg("id", () => ID, { description: "The plan." }) id: string,
    @Ctx() context: Context,
  ): Promise<Job | null> {
    return this.routines.find(signedIn(context).userId, id);
  }

  @FieldResolver(() => RoutinePlanConnection, {
    description: "The user's routine plans, newest first.",
  })
  async routinePlans(
    @Args(() => PageArgs) args: PageArgs,
    @Root() { id }: Viewer,
  ): Promise<Connection<Job>> {
    const page = pageRequest(args, NEWEST_FIRST);
    const rows = await this.routines.page(id, page);
    return connectionOf(rows, page, NEWEST_FIRST, (job) => [job.id]);
  }
}
