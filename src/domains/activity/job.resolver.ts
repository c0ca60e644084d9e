import { GraphQLDateTime } from "graphql-scalars";
import {
  Arg,
  Args,
  Authorized,
  Ctx,
  FieldResolver,
  Int,
  Mutation,
  Resolver,
  Root,
  Subscription,
} from "type-graphql";
import { connectionOf, pageRequest, type Connection } from "../../platform/graphql/connection.ts";
import { signedIn, type Context } from "../../platform/graphql/context.ts";
import { payload } from "../../platform/graphql/problems.ts";
import { isFinished, type Job } from "../../platform/jobs/job.ts";
import { JobFailure, JobInterface } from "../../platform/jobs/job.types.ts";
import type { Jobs } from "../../platform/jobs/jobs.ts";
import { Viewer } from "../identity/index.ts";
import type { ActivityService } from "./activity.service.ts";
import {
  CancelJobInput,
  CancelJobPayload,
  JobChanged,
  JobChangedArgs,
  JobConnection,
  JobsArgs,
  RetryJobInput,
  RetryJobPayload,
} from "./activity.types.ts";

const NEWEST_FIRST = "job.newest";

/** What every job shows, whatever it does. */
@Resolver(() => JobInterface)
export class JobFieldsResolver {
  constructor(private readonly activity: ActivityService) {}

  @FieldResolver(() => JobFailure, { nullable: true })
  failure(@Root() job: Job): JobFailure | null {
    if (job.failureCode === null) return null;
    return {
      code: job.failureCode,
      message: job.failureMessage ?? "",
      canRetry: job.failureCanRetry ?? false,
    };
  }

  @FieldResolver(() => GraphQLDateTime)
  queuedAt(@Root() job: Job): Date {
    return job.createdAt;
  }

  @FieldResolver(() => Int, { nullable: true })
  async queuePosition(@Root() job: Job, @Ctx() { loaders }: Context): Promise<number | null> {
    if (job.status !== "QUEUED") return null;
    return (await loaders.queueEstimate.load(job.id))?.position ?? null;
  }

  @FieldResolver(() => Int, { nullable: true })
  async estimatedSeconds(@Root() job: Job, @Ctx() { loaders }: Context): Promise<number | null> {
    if (isFinished(job)) return null;
    return this.activity.estimateSeconds(job, await loaders.queueEstimate.load(job.id));
  }
}

/** Watching, stopping and repeating jobs of any kind. */
@Resolver(() => Viewer)
export class JobResolver {
  constructor(
    private readonly jobService: Jobs,
    private readonly activity: ActivityService,
  ) {}

  @FieldResolver(() => JobConnection, { description: "The user's jobs, newest first." })
  async jobs(
    @Args(() => JobsArgs) args: JobsArgs,
    @Root() { id }: Viewer,
  ): Promise<Connection<Job>> {
    const page = pageRequest(args, NEWEST_FIRST);
    const rows = await this.activity.jobsOf(id, args, page);
    return connectionOf(rows, page, NEWEST_FIRST, (job) => [job.id]);
  }

  @Authorized()
  @Mutation(() => CancelJobPayload, {
    description: "Stops a job: at once while it waits, else as soon as its work notices.",
  })
  cancelJob(
    @Arg("input", () => CancelJobInput, { description: "Which job." }) input: CancelJobInput,
    @Ctx() context: Context,
  ): Promise<CancelJobPayload> {
    return payload(CancelJobPayload, async () => ({
      job: await this.jobService.cancel(signedIn(context).userId, input.id),
    }));
  }

  @Authorized()
  @Mutation(() => RetryJobPayload, {
    description:
      "Does the work of a failed or canceled job again, as a new job with its own charge.",
  })
  retryJob(
    @Arg("input", () => RetryJobInput, { description: "Which job." }) input: RetryJobInput,
    @Ctx() context: Context,
  ): Promise<RetryJobPayload> {
    return payload(RetryJobPayload, async () => ({
      job: await this.jobService.retry(
        signedIn(context).userId,
        input.id,
        input.idempotencyKey ?? null,
      ),
    }));
  }

  @Authorized()
  @Subscription(() => JobChanged, {
    description: "A job as it is now, then every change, until it has ended.",
    subscribe: ({ context, args }) =>
      (context as Context).streams.job(context as Context, args as JobChangedArgs),
  })
  jobChanged(@Args(() => JobChangedArgs) _args: JobChangedArgs, @Root() job: Job): JobChanged {
    return { job };
  }
}
