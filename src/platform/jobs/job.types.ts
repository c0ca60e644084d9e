import { GraphQLDateTime } from "graphql-scalars";
import { Field, ID, Int, InterfaceType, ObjectType, registerEnumType } from "type-graphql";
import { nodeTypeOf } from "../graphql/node.ts";

/** The states of a job, as the GraphQL enum `JobStatus`. */
export const JobStatuses = {
  QUEUED: "QUEUED",
  RUNNING: "RUNNING",
  SUCCEEDED: "SUCCEEDED",
  FAILED: "FAILED",
  CANCELED: "CANCELED",
} as const;
registerEnumType(JobStatuses, {
  name: "JobStatus",
  description: "The states of a job.",
  valuesConfig: {
    QUEUED: { description: "Waiting for its turn." },
    RUNNING: { description: "Being worked on." },
    SUCCEEDED: { description: "Done; the result is there." },
    FAILED: { description: "Ended without a result; `failure` says why." },
    CANCELED: { description: "Stopped by the user." },
  },
});

@ObjectType({ description: "Why a job failed." })
export class JobFailure {
  @Field(() => String, { description: "Stable code, such as NO_FACE or DEADLINE_EXCEEDED." })
  code!: string;

  @Field(() => String, { description: "A sentence that can be shown to the user." })
  message!: string;

  @Field(() => Boolean, { description: "Whether the same input may succeed another time." })
  canRetry!: boolean;
}

/** What all long-running work of a user looks like. The domain's own type implements it under the same id. */
@InterfaceType("Job", {
  description: "Long-running work of a user.",
  resolveType: (value: { id: string }) => nodeTypeOf(value.id),
})
export abstract class JobInterface {
  @Field(() => ID, { description: "Opaque, unique across all types." })
  id!: string;

  @Field(() => JobStatuses, { description: "Where the work is." })
  status!: keyof typeof JobStatuses;

  @Field(() => String, { nullable: true, description: "What is being done now; null before." })
  stage!: string | null;

  @Field(() => Int, { description: "0 to 100; never falls." })
  progress!: number;

  @Field(() => Int, { description: "Rises with every change, from 1." })
  version!: number;

  @Field(() => JobFailure, { nullable: true, description: "Why it failed, if it did." })
  failure!: JobFailure | null;

  @Field(() => GraphQLDateTime, {
    description: "When it was asked for; stays, however often the work begins anew.",
  })
  createdAt!: Date;

  @Field(() => GraphQLDateTime, {
    description: "When it was asked for.",
    deprecationReason: "The same as `createdAt`.",
  })
  queuedAt!: Date;

  @Field(() => GraphQLDateTime, { nullable: true, description: "When work began." })
  startedAt!: Date | null;

  @Field(() => GraphQLDateTime, { nullable: true, description: "When it ended." })
  finishedAt!: Date | null;

  @Field(() => Int, { nullable: true, description: "Milliseconds from begin to end." })
  timeTakenMs!: number | null;

  @Field(() => Int, {
    nullable: true,
    description: "Place in line, 1 is next; null unless QUEUED.",
  })
  queuePosition!: number | null;

  @Field(() => Int, {
    nullable: true,
    description:
      "Seconds until the end, from what such work took lately; null when unknown or ended.",
  })
  estimatedSeconds!: number | null;
}
