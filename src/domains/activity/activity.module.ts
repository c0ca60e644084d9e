import type { Clock } from "../../platform/clock/clock.ts";
import type { Database } from "../../platform/db/database.ts";
import type { UnitOfWork } from "../../platform/db/unit-of-work.ts";
import type { Feed } from "../../platform/events/feed.ts";
import type { FeedUpdate } from "../../platform/events/follow-feed.ts";
import { signedIn, type Context } from "../../platform/graphql/context.ts";
import type { Idempotency } from "../../platform/jobs/idempotency.ts";
import type { Job } from "../../platform/jobs/job.ts";
import type { JobDeletions } from "../../platform/jobs/job-deletions.ts";
import { JobErasure } from "../../platform/jobs/job-erasure.ts";
import type { JobKind } from "../../platform/jobs/job-kind.ts";
import { JobOwnerRepository } from "../../platform/jobs/job-owner.repository.ts";
import type { JobRepository } from "../../platform/jobs/job.repository.ts";
import type { Jobs } from "../../platform/jobs/jobs.ts";
import type { DomainModule } from "../../platform/module.ts";
import type { Nudges } from "../../platform/realtime/nudges.ts";
import type { Sweep } from "../../platform/realtime/sweep.ts";
import { createActivityLoaders } from "./activity.loaders.ts";
import { createActivityPersonalData } from "./activity.personal-data.ts";
import { ActivityService } from "./activity.service.ts";
import type { JobChangedArgs } from "./activity.types.ts";
import { FeedResolver, JobEventResolver, ViewerEventResolver } from "./feed.resolver.ts";
import { JobFieldsResolver, JobResolver } from "./job.resolver.ts";

declare module "../../platform/graphql/streams.ts" {
  interface Streams {
    job(context: Context, args: JobChangedArgs): Promise<AsyncIterableIterator<Job>>;
    feed(context: Context, args: { after?: number | null }): AsyncIterableIterator<FeedUpdate>;
  }
}

export interface ActivityModuleDependencies {
  readonly database: Database;
  readonly unitOfWork: UnitOfWork;
  readonly kinds: ReadonlyMap<string, JobKind>;
  readonly jobs: Jobs;
  readonly repository: JobRepository;
  readonly feed: Feed;
  readonly idempotency: Idempotency;
  readonly jobDeletions: JobDeletions;
  readonly nudges: Nudges;
  readonly feedSweep: Sweep;
  readonly clock: Clock;
  readonly workerConcurrency: number;
}

/** Puts together what a user sees of their own work. */
export function createActivityModule(dependencies: ActivityModuleDependencies): DomainModule {
  const { jobs, repository, feed, idempotency, jobDeletions } = dependencies;
  const owners = new JobOwnerRepository(dependencies.database);
  const activity = new ActivityService({
    ...dependencies,
    concurrency: dependencies.workerConcurrency,
  });
  return {
    resolvers: [
      new JobFieldsResolver(activity),
      new JobResolver(jobs, activity),
      new ViewerEventResolver(activity),
      new JobEventResolver(),
      new FeedResolver(activity),
    ],
    personalData: createActivityPersonalData({
      ...dependencies,
      owners,
      erasure: new JobErasure({ ...dependencies, owners }),
    }),
    loaders: () => createActivityLoaders(repository),
    streams: {
      job: (context, args) =>
        jobs.watch(signedIn(context).userId, args.id, args.afterVersion ?? null),
      feed: (context, args) => activity.follow(signedIn(context).userId, args.after ?? null),
    },
    crons: [
      {
        name: "complete_job_deletions",
        pattern: "* * * * *",
        run: () => jobDeletions.complete(),
      },
      { name: "prune_feed", pattern: "17 3 * * *", run: async () => void (await feed.prune()) },
      { name: "prune_idempotency", pattern: "27 3 * * *", run: () => idempotency.prune() },
    ],
  };
}
