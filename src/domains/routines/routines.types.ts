import { Field, ID, InputType, ObjectType } from "type-graphql";
import { connectionTypes } from "../../platform/graphql/connection.ts";
import { Node } from "../../platform/graphql/node.ts";
import { Payload } from "../../platform/graphql/problems.ts";
import type { Job } from "../../platform/jobs/job.ts";
import { JobInterface } from "../../platform/jobs/job.types.ts";
import { SkinAnalysis } from "../analyses/index.ts";
import {
  Product,
  SkinConcerns,
  SkinTypes,
  type SkinConcern,
  type SkinType,
} from "../catalog/index.ts";
import { RoutineGaps, RoutineStepKinds, type RoutineStepKind } from "./routines.vocabulary.ts";

@ObjectType({ description: "One step of a routine." })
export class RoutineStep {
  @Field(() => RoutineStepKinds, { description: "What it is for." })
  kind!: RoutineStepKind;

  @Field(() => String, { description: "How it is done." })
  instruction!: string;

  @Field(() => Product, {
    nullable: true,
    description: "What to use; null when the shop has nothing for it: `gap` says why.",
  })
  product!: unknown;

  @Field(() => RoutineGaps, { nullable: true, description: "Why there is no product." })
  gap!: unknown;

  @Field(() => [SkinConcerns], {
    description: "Concerns of the user that the product helps with, most severe first.",
  })
  helpsWith!: SkinConcern[];
}

@ObjectType({ description: "A part of a routine that is not what it could be." })
export class RoutineWarning {
  @Field(() => String, { description: "Stable code, such as PROVIDER_UNAVAILABLE." })
  code!: string;

  @Field(() => String, { description: "A sentence that can be shown to the user." })
  message!: string;
}

@ObjectType({ description: "A routine for the morning and the evening." })
export class Routine {
  @Field(() => String, { description: "The routine in a few sentences." })
  summary!: string;

  @Field(() => [String], { description: "Good advice beside the steps." })
  tips!: string[];

  @Field(() => SkinTypes, { nullable: true, description: "The skin type that it was made for." })
  skinType!: SkinType | null;

  @Field(() => [SkinConcerns], { description: "The concerns that it was made for." })
  concerns!: SkinConcern[];

  @Field(() => [RoutineWarning], { description: "What is not as good as it could be." })
  warnings!: RoutineWarning[];
}

@ObjectType({
  implements: [Node, JobInterface],
  description: "A morning and an evening of skin care being put together from an analysis.",
})
export class RoutinePlan extends JobInterface {
  @Field(() => SkinAnalysis, {
    nullable: true,
    description: "The analysis that it is made from; null once that was deleted.",
  })
  analysis!: unknown;

  @Field(() => Routine, {
    nullable: true,
    description: "What was put together; null until it has succeeded.",
  })
  routine!: unknown;

  @Field(() => RoutinePlan, { nullable: true, description: "The failed plan that this repeats." })
  retryOf!: RoutinePlan | null;
}

const connection = connectionTypes<Job>("RoutinePlan", () => RoutinePlan as never);
export const RoutinePlanConnection = connection.connection;

@InputType({ description: "What a routine is to be made from." })
export class RecommendRoutineInput {
  @Field(() => ID, { description: "One of the user's analyses that has succeeded." })
  analysisId!: string;

  @Field(() => String, {
    nullable: true,
    description: "The same key again answers the same plan; 1–128 characters.",
  })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "The outcome of `recommendRoutine`." })
export class RecommendRoutinePayload extends Payload {
  @Field(() => RoutinePlan, { nullable: true, description: "The plan, QUEUED." })
  routinePlan?: unknown;
}

@InputType({ description: "Which plan to delete." })
export class DeleteRoutinePlanInput {
  @Field(() => ID, { description: "The plan." })
  id!: string;
}

@ObjectType({ description: "The outcome of `deleteRoutinePlan`." })
export class DeleteRoutinePlanPayload extends Payload {
  @Field(() => ID, { nullable: true, description: "What was deleted." })
  deletedId?: string | null;
}
