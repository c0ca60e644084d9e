import type { Db } from "mongodb";
import type { Clock } from "../../platform/clock/clock.ts";
import type { Database } from "../../platform/db/database.ts";
import type { UnitOfWork } from "../../platform/db/unit-of-work.ts";
import type { DomainEvents } from "../../platform/events/domain-events.ts";
import type { Feed } from "../../platform/events/feed.ts";
import { signedIn, type Context } from "../../platform/graphql/context.ts";
import { registerOwnedNode } from "../../platform/graphql/node.ts";
import type { Ids } from "../../platform/ids/ids.ts";
import type { Idempotency } from "../../platform/jobs/idempotency.ts";
import type { JobKind } from "../../platform/jobs/job-kind.ts";
import type { JobRepository } from "../../platform/jobs/job.repository.ts";
import type { Jobs } from "../../platform/jobs/jobs.ts";
import type { DomainModule, QueueTask } from "../../platform/module.ts";
import type { Logger } from "../../platform/observe/logger.ts";
import type { Nudges } from "../../platform/realtime/nudges.ts";
import { Sweep } from "../../platform/realtime/sweep.ts";
import { analysisFinished, type AnalysisReadings } from "../analyses/index.ts";
import type { QuotaService } from "../billing/index.ts";
import { reviewApproved } from "../catalog/index.ts";
import type { WalletService } from "../wallet/index.ts";
import { ACHIEVEMENTS } from "./achievements/achievement.catalogue.ts";
import {
  AchievementRepository,
  type NumberedUnlock,
} from "./achievements/achievement.repository.ts";
import {
  AchievementEventResolver,
  AchievementFieldsResolver,
  AchievementResolver,
} from "./achievements/achievement.resolver.ts";
import {
  AchievementService,
  type AchievementDependencies,
} from "./achievements/achievement.service.ts";
import { COPY_TASK, CopyRepository } from "./copies/copy.repository.ts";
import { CopyService } from "./copies/copy.service.ts";
import { createGoalsPersonalData } from "./goals.personal-data.ts";
import { GOAL_PREFIX } from "./goals.vocabulary.ts";
import { createGoalLoaders } from "./goals/goal.loaders.ts";
import { GoalRepository } from "./goals/goal.repository.ts";
import {
  GoalEntryResolver,
  GoalEventResolver,
  GoalFieldsResolver,
  GoalResolver,
} from "./goals/goal.resolver.ts";
import { GoalService } from "./goals/goal.service.ts";
import { planInputSchema, type PlanInput } from "./plans/plan.input.ts";
import { PlanPipeline } from "./plans/plan.pipeline.ts";
import type { GoalWriter } from "./plans/plan.ports.ts";
import { GoalPlanResolver, PlanResolver } from "./plans/plan.resolver.ts";
import { GOAL_PLAN, PlanService } from "./plans/plan.service.ts";
import { ProfileRepository } from "./profile.repository.ts";
import { ProfileService, type ProfileDependencies } from "./profile.service.ts";

const PLAN_PREFIX = "gpl";
const MAX_ATTEMPTS = 4;

declare module "../../platform/graphql/streams.ts" {
  interface Streams {
    achievements(
      context: Context,
      args: { after?: number | null },
    ): Promise<AsyncIterableIterator<NumberedUnlock>>;
  }
}

export interface GoalsModuleDependencies {
  readonly unitOfWork: UnitOfWork;
  readonly database: Database;
  readonly mongo: Db;
  readonly events: DomainEvents;
  readonly feed: Feed;
  readonly nudges: Nudges;
  readonly idempotency: Idempotency;
  readonly jobs: Jobs;
  readonly jobRepository: JobRepository;
  readonly quotas: QuotaService;
  readonly wallets: Pick<WalletService, "credit" | "takeBack">;
  readonly readings: AnalysisReadings;
  readonly goalWriter: GoalWriter;
  readonly hashUser: (userId: string) => string;
  readonly timeZoneOf?: NonNullable<ProfileDependencies["timeZoneOf"]>;
  readonly isRegistered: AchievementDependencies["isRegistered"];
  readonly ids: Ids;
  readonly clock: Clock;
  readonly log: Logger;
  readonly deadlineMs: number;
}

/** Goals and achievements, put together. */
export interface GoalsModule extends DomainModule {
  readonly goals: GoalService;
  ensureIndexes(): Promise<void>;
  /** Lets go of timers. */
  close(): void;
}

/** Puts goals and achievements together. */
export function createGoalsModule(dependencies: GoalsModuleDependencies): GoalsModule {
  const rows = rowsOf(dependencies);
  const { goals, achievements, profiles, plans, pipeline, copier, sweep } = servicesOf(
    dependencies,
    rows,
  );
  dependencies.events.on(analysisFinished, (tx, facts) => goals.measured(tx, facts));
  dependencies.events.on(reviewApproved, async (tx, { userId }) => {
    await profiles.change(tx, userId, (change) => Promise.resolve(change.add("reviewsApproved")));
  });
  registerGoalNodes();
  return {
    resolvers: [
      new GoalFieldsResolver(goals),
      new GoalEntryResolver(),
      new GoalEventResolver(),
      new GoalResolver(goals),
      new PlanResolver(plans),
      new GoalPlanResolver(),
      new AchievementFieldsResolver(),
      new AchievementEventResolver(achievements),
      new AchievementResolver(achievements),
    ],
    loaders: () => createGoalLoaders(rows.goals),
    streams: {
      achievements: (context, args) =>
        achievements.follow(signedIn(context).userId, args.after ?? null),
    },
    jobKinds: [planKind(dependencies.deadlineMs, plans, pipeline)],
    tasks: [copyTask(copier)],
    crons: [{ name: "copy_goals_behind", pattern: "* * * * *", run: () => copier.catchUp() }],
    personalData: createGoalsPersonalData({
      ...rows,
      unitOfWork: dependencies.unitOfWork,
      achievements,
      profiles,
    }),
    goals,
    ensureIndexes: () => rows.copies.ensureIndexes(),
    close: () => {
      sweep.close();
    },
  };
}

const rowsOf = ({ database, mongo }: GoalsModuleDependencies) => ({
  goals: new GoalRepository(database),
  unlocks: new AchievementRepository(
    database,
    ACHIEVEMENTS.map(({ name }) => name),
  ),
  profileRows: new ProfileRepository(database),
  copies: new CopyRepository(database, mongo),
});

type Rows = ReturnType<typeof rowsOf>;

function servicesOf(dependencies: GoalsModuleDependencies, rows: Rows) {
  const { nudges, log, goalWriter: writer } = dependencies;
  const { unlocks, profileRows, copies, goals: goalRows } = rows;
  const sweep = new Sweep((userIds) => unlocks.lastSeqs(userIds), nudges, log);
  const base = { ...dependencies, unlocks, copies, sweep, profiles: profileRows };
  const achievements = new AchievementService(base);
  const profiles = new ProfileService({ ...base, achievements });
  const goals = new GoalService({ ...dependencies, goals: goalRows, profiles });
  return {
    sweep,
    achievements,
    profiles,
    goals,
    plans: new PlanService({ ...dependencies, goals: goalRows }),
    pipeline: new PlanPipeline({ ...dependencies, writer, goals, openGoals: goalRows, profiles }),
    copier: new CopyService(base),
  };
}

const planKind = (
  deadlineMs: number,
  plans: PlanService,
  pipeline: PlanPipeline,
): JobKind<PlanInput> => ({
  kind: GOAL_PLAN,
  idPrefix: PLAN_PREFIX,
  deadlineMs,
  maxAttempts: MAX_ATTEMPTS,
  parseInput: (input) => planInputSchema.parse(input),
  run: (job) => pipeline.run(job),
  startAgain: (job, idempotencyKey) => plans.startAgain(job, idempotencyKey),
  onUnsuccessful: (tx, job, outcome) => plans.settle(tx, job, outcome),
});

const copyTask = (copier: CopyService): QueueTask => ({
  name: COPY_TASK,
  run: (payload) => copier.copy((payload as { userId: string }).userId),
});

function registerGoalNodes(): void {
  registerOwnedNode(GOAL_PREFIX, "Goal", (loaders) => loaders.goal);
  registerOwnedNode(PLAN_PREFIX, "GoalPlan", (loaders) => loaders.job);
}
