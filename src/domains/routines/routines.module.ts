import type { Database } from "../../platform/db/database.ts";
import { registerOwnedNode } from "../../platform/graphql/node.ts";
import type { JobDeletions } from "../../platform/jobs/job-deletions.ts";
import type { JobKind } from "../../platform/jobs/job-kind.ts";
import type { DomainModule } from "../../platform/module.ts";
import {
  RoutinePlanResolver,
  RoutineResolver,
  RoutineStepResolver,
} from "./routine-fields.resolver.ts";
import { routineInputSchema, type RoutineInput } from "./routine.input.ts";
import { RoutinePipeline, type RoutinePipelineDependencies } from "./routine.pipeline.ts";
import { RoutineRepository } from "./routine.repository.ts";
import { createRoutineLoaders } from "./routines.loaders.ts";
import { createRoutinesPersonalData } from "./routines.personal-data.ts";
import { RoutinesResolver } from "./routines.resolver.ts";
import { ROUTINE_PLAN, RoutinesService, type RoutinesDependencies } from "./routines.service.ts";

const MAX_ATTEMPTS = 4;

export interface RoutinesModuleDependencies
  extends RoutinesDependencies, Omit<RoutinePipelineDependencies, "repository"> {
  readonly database: Database;
  readonly jobDeletions: JobDeletions;
  readonly deadlineMs: number;
}

/** Puts routine plans together. */
export function createRoutinesModule(dependencies: RoutinesModuleDependencies): DomainModule {
  const repository = new RoutineRepository(dependencies.database);
  const routines = new RoutinesService(dependencies);
  const pipeline = new RoutinePipeline({ ...dependencies, repository });
  registerRoutineNodes();
  return {
    resolvers: [
      new RoutinesResolver(routines, dependencies.jobDeletions),
      new RoutinePlanResolver(),
      new RoutineResolver(),
      new RoutineStepResolver(),
    ],
    loaders: () => createRoutineLoaders(repository),
    personalData: createRoutinesPersonalData(repository),
    jobKinds: [routineKind(dependencies.deadlineMs, routines, pipeline)],
  };
}

/** A plan's rows go with its job. */
const routineKind = (
  deadlineMs: number,
  routines: RoutinesService,
  pipeline: RoutinePipeline,
): JobKind<RoutineInput> => ({
  kind: ROUTINE_PLAN,
  idPrefix: "rtn",
  deadlineMs,
  maxAttempts: MAX_ATTEMPTS,
  parseInput: (input) => routineInputSchema.parse(input),
  run: (job) => pipeline.run(job),
  startAgain: (job, idempotencyKey) => routines.startAgain(job, idempotencyKey),
  onUnsuccessful: (tx, job, outcome) => routines.settle(tx, job, outcome),
});

function registerRoutineNodes(): void {
  registerOwnedNode("rtn", "RoutinePlan", (loaders) => loaders.job);
}
