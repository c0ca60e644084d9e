import { GraphQLDateTime } from "graphql-scalars";
import { Field, FieldResolver, Int, ObjectType, Resolver, Root } from "type-graphql";
import { Viewer } from "../identity/index.ts";
import type { QuotaService, UsageState } from "./quota.service.ts";
import { UsageLimits, type UsageLimit } from "./quota.vocabulary.ts";

@ObjectType({ description: "How much of a limit the user has used in the present period." })
export class Usage {
  @Field(() => UsageLimits, { description: "Which limit." })
  name!: UsageLimit;

  @Field(() => Int, { description: "Uses so far." })
  used!: number;

  @Field(() => Int, { description: "Uses that the plan allows in a period." })
  limit!: number;

  @Field(() => GraphQLDateTime, { description: "When the next period begins." })
  resetsAt!: Date;
}

@Resolver(() => Viewer)
export class UsageResolver {
  constructor(private readonly quotas: QuotaService) {}

  @FieldResolver(() => [Usage], { description: "The limits of the user's plan." })
  usage(@Root() { id }: Viewer): Promise<UsageState[]> {
    return this.quotas.usageOf(id);
  }
}
