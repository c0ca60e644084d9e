import { ArgsType, Field, ID, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import { connectionTypes, PageArgs } from "../../platform/graphql/connection.ts";
import { Payload } from "../../platform/graphql/problems.ts";
import { ViewerEvent } from "../../platform/events/feed.types.ts";
import type { Job } from "../../platform/jobs/job.ts";
import { JobInterface, JobStatuses } from "../../platform/jobs/job.types.ts";

/** The kinds of jobs, as the GraphQL enum `JobKind`. */
export const JobKinds = {
  SKIN_ANALYSIS: "SKIN_ANALYSIS",
  CHAT_REPLY: "CHAT_REPLY",
  GOAL_PLAN: "GOAL_PLAN",
  ROUTINE_PLAN: "ROUTINE_PLAN",
  DATA_EXPORT: "DATA_EXPORT",
  ACCOUNT_DELETION: "ACCOUNT_DELETION",
} as const;
registerEnumType(JobKinds, {
  name: "JobKind",
  description: "What a job does.",
  valuesConfig: {
    SKIN_ANALYSIS: { description: "Analyses a selfie." },
    CHAT_REPLY: { description: "Writes a reply in a chatroom." },
    GOAL_PLAN: { description: "Proposes goals for an analysis." },
    ROUTINE_PLAN: { description: "Puts a morning and an evening together." },
    DATA_EXPORT: { description: "Puts everything about a user into one file." },
    ACCOUNT_DELETION: { description: "Erases everything personal of a closed account." },
  },
});

const connection = connectionTypes<JobInterface>("Job", () => JobInterface);
export const JobConnection = connection.connection;

@ArgsType()
export class JobsArgs extends PageArgs {
  @Field(() => [JobKinds], { nullable: true, description: "Only these kinds." })
  kinds?: (keyof typeof JobKinds)[] | null;

  @Field(() => [JobStatuses], { nullable: true, description: "Only these states." })
  statuses?: (keyof typeof JobStatuses)[] | null;
}

@ArgsType()
export class JobChangedArgs {
  @Field(() => ID, { description: "The job." })
  id!: string;

  @Field(() => Int, {
    nullable: true,
    description: "The newest version that the client has; only later ones are sent.",
  })
  afterVersion?: number | null;
}

@ObjectType({ description: "A job moved." })
export class JobChanged {
  @Field(() => JobInterface, { description: "The job as it is now." })
  job!: Job;
}

@ObjectType({ implements: ViewerEvent, description: "One of the user's jobs moved." })
export class JobEvent extends ViewerEvent {
  @Field(() => JobInterface, {
    nullable: true,
    description: "The job as it is now; null when it was deleted since.",
  })
  job!: Job | null;
}

@InputType({ description: "Which job to stop." })
export class CancelJobInput {
  @Field(() => ID, { description: "The job." })
  id!: string;
}

@ObjectType({ description: "The outcome of `cancelJob`." })
export class CancelJobPayload extends Payload {
  @Field(() => JobInterface, {
    nullable: true,
    description: "The job; RUNNING until its work has noticed, unchanged when it had ended.",
  })
  job?: Job | null;
}

@InputType({ description: "Which job to do again." })
export class RetryJobInput {
  @Field(() => ID, { description: "A failed or canceled job." })
  id!: string;

  @Field(() => String, {
    nullable: true,
    description: "The same key again answers the same job; 1–128 characters.",
  })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "The outcome of `retryJob`." })
export class RetryJobPayload extends Payload {
  @Field(() => JobInterface, { nullable: true, description: "The new job." })
  job?: Job | null;
}
