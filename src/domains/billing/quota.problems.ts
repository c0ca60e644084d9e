import { GraphQLDateTime } from "graphql-scalars";
import { Field, Int, ObjectType } from "type-graphql";
import { Problem, registerProblemCodes } from "../../platform/graphql/problems.ts";
import { PlanNames, type PlanName } from "./plans/plan.vocabulary.ts";
import { UsageLimits, type UsageLimit } from "./quota.vocabulary.ts";

registerProblemCodes({ QUOTA_EXCEEDED: "Nothing is left of a limit of the user's plan." });

@ObjectType({
  implements: Problem,
  description: "Nothing is left of a limit of the user's plan in this period.",
})
export class QuotaExceeded extends Problem {
  @Field(() => UsageLimits, { description: "Which limit." })
  limitName!: UsageLimit;

  @Field(() => Int, { description: "Uses that the plan allows in a period." })
  limit!: number;

  @Field(() => Int, { description: "Uses so far." })
  used!: number;

  @Field(() => GraphQLDateTime, { description: "When the next period begins." })
  resetsAt!: Date;

  @Field(() => PlanNames, {
    nullable: true,
    description: "The cheapest plan that allows more; null when none does.",
  })
  upgradePlan!: PlanName | null;
}

/** Refuses a use because the limit is reached. */
export function quotaExceeded(facts: {
  limitName: UsageLimit;
  limit: number;
  used: number;
  resetsAt: Date;
  upgradePlan: PlanName | null;
}): QuotaExceeded {
  return Object.assign(new QuotaExceeded(), {
    ...facts,
    code: "QUOTA_EXCEEDED",
    message: "You have used up what your plan allows in this period.",
    path: [],
  });
}
