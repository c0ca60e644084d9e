import { GraphQLDateTime } from "graphql-scalars";
import { Ctx, Field, FieldResolver, Int, ObjectType, Resolver, Root } from "type-graphql";
import type { Context } from "../../platform/graphql/context.ts";
import { Viewer } from "../identity/index.ts";
import type { QuotaService, UsageState } from "./quota.service.ts";
import { UsageLimits, type UsageLimit } from "./quota.vocabulary.ts";

@ObjectType({ description: "How much of a limit the user has used in the present period." })
export class Usage {
  @Field(() => UsageLimits, { description: "Which limit." })
  name!: UsageLimit;

  @Field(() => Int, { description: "Uses so far." })
  used!: number;

  @Field(() => Int, {
    nullable: true,
    description: "Uses that the user's plans allow in a period; null is without a limit.",
  })
  limit!: number | null;

  @Field(() => GraphQLDateTime, { description: "When the next period begins." })
  resetsAt!: Date;
}

@Resolver(() => Viewer)
export class UsageResolver {
  constructor(private readonly quotas: QuotaService) {}

  @FieldResolver(() => [Usage], { description: "The limits of the user's plans." })
  async usage(@Root() viewer: Viewer, @Ctx() { loaders }: Context): Promise<UsageState[]> {
    return this.quotas.usageOf(viewer, await loaders.userPlans.load(viewer.id));
  }
}
