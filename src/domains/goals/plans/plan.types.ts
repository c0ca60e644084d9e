import { Field, ID, InputType, ObjectType } from "type-graphql";
import { connectionTypes } from "../../../platform/graphql/connection.ts";
import { Node } from "../../../platform/graphql/node.ts";
import { Payload } from "../../../platform/graphql/problems.ts";
import type { Job } from "../../../platform/jobs/job.ts";
import { JobInterface } from "../../../platform/jobs/job.types.ts";
import { SkinAnalysis } from "../../analyses/index.ts";
import { GoalType } from "../goals/goal.types.ts";

@ObjectType({
  implements: [Node, JobInterface],
  description: "Goals being proposed for what an analysis found.",
})
export class GoalPlan extends JobInterface {
  @Field(() => SkinAnalysis, {
    nullable: true,
    description: "The analysis that it is made from; null when that was deleted.",
  })
  analysis!: unknown;

  @Field(() => [GoalType], {
    description: "What it proposed, open at once; empty until it has succeeded.",
  })
  goals!: unknown[];

  @Field(() => GoalPlan, { nullable: true, description: "The failed plan that this repeats." })
  retryOf!: GoalPlan | null;
}

const connection = connectionTypes<Job>("GoalPlan", () => GoalPlan as never);
export const GoalPlanConnection = connection.connection;

@InputType({ description: "What to make goals from." })
export class GenerateGoalsInput {
  @Field(() => ID, { description: "An analysis that has succeeded." })
  analysisId!: string;

  @Field(() => String, {
    nullable: true,
    description: "The same key again answers the same plan; 1–128 characters.",
  })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "The outcome of `generateGoals`." })
export class GenerateGoalsPayload extends Payload {
  @Field(() => GoalPlan, { nullable: true, description: "The plan, QUEUED." })
  goalPlan?: unknown;
}
