import {
  Arg,
  Args,
  Authorized,
  Ctx,
  FieldResolver,
  Float,
  ID,
  Mutation,
  Query,
  Resolver,
  Root,
} from "type-graphql";
import type { FeedEntry } from "../../../platform/events/feed.ts";
import { registerFeedTopic } from "../../../platform/events/feed.types.ts";
import {
  connectionOf,
  PageArgs,
  pageRequest,
  type Connection,
} from "../../../platform/graphql/connection.ts";
import { signedIn, type Context } from "../../../platform/graphql/context.ts";
import { payload } from "../../../platform/graphql/problems.ts";
import type { Job } from "../../../platform/jobs/job.ts";
import { SkinAnalysis, SkinMetricNames } from "../../analyses/index.ts";
import { Viewer } from "../../identity/index.ts";
import { GOAL_TOPIC } from "../goals.vocabulary.ts";
import { progressOf } from "./goal.progress.ts";
import type { Goal, GoalEntry, Milestone } from "./goal.repository.ts";
import type { GoalService } from "./goal.service.ts";
import {
  AbandonGoalInput,
  AbandonGoalPayload,
  CompleteGoalInput,
  CompleteGoalPayload,
  CreateGoalInput,
  CreateGoalPayload,
  GoalConnection,
  GoalEntryConnection,
  GoalEntryType,
  GoalEvent,
  GoalMilestone,
  GoalsArgs,
  GoalType,
  LogGoalProgressInput,
  LogGoalProgressPayload,
  UpdateGoalInput,
  UpdateGoalPayload,
} from "./goal.types.ts";

const NEWEST_FIRST = "goal.newest";
const HISTORY = "goal.history";

registerFeedTopic(GOAL_TOPIC, GoalEvent.name);

/** The fields of a goal that are not columns of its row. */
@Resolver(() => GoalType)
export class GoalFieldsResolver {
  constructor(private readonly service: GoalService) {}

  @FieldResolver(() => SkinMetricNames)
  targetMetric(@Root() { metric }: Goal): string {
    return metric;
  }

  @FieldResolver(() => Float)
  currentValue(@Root() { value }: Goal): number {
    return value;
  }

  @FieldResolver(() => Float)
  progress(@Root() goal: Goal): number {
    return progressOf(goal);
  }

  @FieldResolver(() => [GoalMilestone])
  milestones(@Root() { id }: Goal, @Ctx() { loaders }: Context): Promise<Milestone[]> {
    return loaders.milestones.load(id);
  }

  @FieldResolver(() => GoalEntryConnection, {
    description: "What was measured and logged, newest first.",
  })
  async history(
    @Args(() => PageArgs) args: PageArgs,
    @Root() { id }: Goal,
  ): Promise<Connection<GoalEntry>> {
    const page = pageRequest(args, HISTORY);
    const rows = await this.service.history(id, page);
    return connectionOf(rows, page, HISTORY, (entry) => [entry.id]);
  }
}

@Resolver(() => GoalEntryType)
export class GoalEntryResolver {
  @FieldResolver(() => SkinAnalysis, {
    nullable: true,
    description: "The analysis that measured it; null when the user logged it.",
  })
  async analysis(
    @Root() { analysisId }: GoalEntry,
    @Ctx() { loaders, signedIn: caller }: Context,
  ): Promise<Job | null> {
    if (analysisId === null) return null;
    const job = await loaders.job.load(analysisId);
    return job?.userId === caller?.userId ? job : null;
  }
}

@Resolver(() => GoalEvent)
export class GoalEventResolver {
  @FieldResolver(() => GoalType, { nullable: true })
  async goal(
    @Root() { refId }: FeedEntry,
    @Ctx() { loaders, signedIn: caller }: Context,
  ): Promise<Goal | null> {
    const goal = await loaders.goal.load(refId);
    return goal?.userId === caller?.userId ? goal : null;
  }
}

/** Making, listing and changing goals. */
@Resolver(() => Viewer)
export class GoalResolver {
  constructor(private readonly service: GoalService) {}

  @FieldResolver(() => GoalConnection, { description: "The user's goals, newest first." })
  async goals(
    @Args(() => GoalsArgs) args: GoalsArgs,
    @Root() { id }: Viewer,
  ): Promise<Connection<Goal>> {
    const page = pageRequest(args, NEWEST_FIRST);
    const rows = await this.service.page(id, args.status ?? null, page);
    return connectionOf(rows, page, NEWEST_FIRST, (goal) => [goal.id]);
  }

  @Authorized()
  @Query(() => GoalType, {
    nullable: true,
    description: "One goal; null when it does not exist or is not yours.",
  })
  async goal(
    @Arg("id", () => ID, { description: "The goal." }) id: string,
    @Ctx() context: Context,
  ): Promise<Goal | null> {
    const goal = await context.loaders.goal.load(id);
    return goal?.userId === signedIn(context).userId ? goal : null;
  }

  @Authorized()
  @Mutation(() => CreateGoalPayload, {
    description: "Makes a goal; every analysis that measures its metric takes it on.",
  })
  createGoal(
    @Arg("input", () => CreateGoalInput, { description: "The goal." }) input: CreateGoalInput,
    @Ctx() context: Context,
  ): Promise<CreateGoalPayload> {
    const { userId } = signedIn(context);
    const { targetMetric: metric, description, milestones, idempotencyKey, ...rest } = input;
    return payload(CreateGoalPayload, async () => ({
      goal: await this.service.create(
        { userId, language: context.language },
        {
          ...rest,
          metric,
          description: description ?? "",
          milestones: milestones ?? null,
          idempotencyKey: idempotencyKey ?? null,
        },
      ),
    }));
  }

  @Authorized()
  @Mutation(() => UpdateGoalPayload, {
    description: "Changes an open goal; a target that has been reached already completes it.",
  })
  updateGoal(
    @Arg("input", () => UpdateGoalInput, { description: "The changes." }) input: UpdateGoalInput,
    @Ctx() context: Context,
  ): Promise<UpdateGoalPayload> {
    const { goalId, title, description, target, deadline } = input;
    return payload(UpdateGoalPayload, async () => ({
      goal: await this.service.update(signedIn(context).userId, goalId, {
        ...(title != null && { title }),
        ...(description != null && { description }),
        ...(target != null && { target }),
        ...(deadline != null && { deadline }),
      }),
    }));
  }

  @Authorized()
  @Mutation(() => AbandonGoalPayload, { description: "Gives an open goal up." })
  abandonGoal(
    @Arg("input", () => AbandonGoalInput, { description: "Which goal." }) input: AbandonGoalInput,
    @Ctx() context: Context,
  ): Promise<AbandonGoalPayload> {
    return payload(AbandonGoalPayload, async () => ({
      goal: await this.service.abandon(signedIn(context).userId, input.goalId),
    }));
  }

  @Authorized()
  @Mutation(() => CompleteGoalPayload, {
    description: "Declares an open goal reached, wherever its metric is.",
  })
  completeGoal(
    @Arg("input", () => CompleteGoalInput, { description: "Which goal." })
    input: CompleteGoalInput,
    @Ctx() context: Context,
  ): Promise<CompleteGoalPayload> {
    return payload(CompleteGoalPayload, async () => ({
      goal: await this.service.complete(signedIn(context).userId, input.goalId),
    }));
  }

  @Authorized()
  @Mutation(() => LogGoalProgressPayload, {
    description: "Logs where an open goal is; one that has arrived is completed.",
  })
  logGoalProgress(
    @Arg("input", () => LogGoalProgressInput, { description: "Where it is now." })
    input: LogGoalProgressInput,
    @Ctx() context: Context,
  ): Promise<LogGoalProgressPayload> {
    const { goalId, value, note = null, idempotencyKey = null } = input;
    return payload(LogGoalProgressPayload, async () => ({
      goal: await this.service.log(signedIn(context).userId, {
        goalId,
        value,
        note,
        idempotencyKey,
      }),
    }));
  }
}
