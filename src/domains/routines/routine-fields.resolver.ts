import type { GraphQLResolveInfo } from "graphql";
import { Ctx, FieldResolver, Info, Resolver, Root } from "type-graphql";
import type { Context } from "../../platform/graphql/context.ts";
import type { Job } from "../../platform/jobs/job.ts";
import { SkinAnalysis } from "../analyses/index.ts";
import {
  Money,
  money,
  Product,
  PRODUCT_CARD,
  productColumnsFor,
  type ProductRow,
} from "../catalog/index.ts";
import { routineInputSchema } from "./routine.input.ts";
import type { PlanRow, StepRow } from "./routine.repository.ts";
import { Routine, RoutinePlan, RoutineStep } from "./routines.types.ts";
import { RoutineGaps, type DayHalf, type RoutineGap } from "./routines.vocabulary.ts";

/** The fields of one plan that are not columns of its job. */
@Resolver(() => RoutinePlan)
export class RoutinePlanResolver {
  @FieldResolver(() => SkinAnalysis, { nullable: true })
  async analysis(@Root() job: Job, @Ctx() { loaders }: Context): Promise<Job | null> {
    const analysis = await loaders.job.load(routineInputSchema.parse(job.input).analysisId);
    return analysis?.userId === job.userId ? analysis : null;
  }

  @FieldResolver(() => Routine, { nullable: true })
  routine(@Root() job: Job, @Ctx() { loaders }: Context): Promise<PlanRow | null> | null {
    return job.status === "SUCCEEDED" ? loaders.routine.load(job.id) : null;
  }

  @FieldResolver(() => RoutinePlan, { nullable: true })
  async retryOf(@Root() job: Job, @Ctx() { loaders }: Context): Promise<Job | null> {
    return job.retryOf === null ? null : loaders.job.load(job.retryOf);
  }
}

/** What was put together. */
@Resolver(() => Routine)
export class RoutineResolver {
  @FieldResolver(() => [RoutineStep], { description: "The morning, in order." })
  morning(@Root() plan: PlanRow): StepRow[] {
    return stepsOf(plan, "MORNING");
  }

  @FieldResolver(() => [RoutineStep], { description: "The evening, in order." })
  evening(@Root() plan: PlanRow): StepRow[] {
    return stepsOf(plan, "EVENING");
  }

  @FieldResolver(() => Money, {
    description: "What all of it costs now, each product once; without those no longer sold.",
  })
  async total(@Root() { steps }: PlanRow, @Ctx() { loaders }: Context): Promise<Money> {
    const ids = new Set(steps.flatMap(({ productId }) => (productId === null ? [] : [productId])));
    const products = await Promise.all(
      [...ids].map((id) => loaders.product.load(id, PRODUCT_CARD)),
    );
    return money(products.reduce((sum, product) => sum + (product?.priceMinor ?? 0), 0));
  }
}

@Resolver(() => RoutineStep)
export class RoutineStepResolver {
  @FieldResolver(() => Product, { nullable: true })
  product(
    @Root() { productId }: StepRow,
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
  ): Promise<ProductRow | null> | null {
    if (productId === null) return null;
    return context.loaders.product.load(productId, productColumnsFor(info, context));
  }

  @FieldResolver(() => RoutineGaps, { nullable: true })
  async gap(@Root() step: StepRow, @Ctx() { loaders }: Context): Promise<RoutineGap | null> {
    if (step.productId === null) return step.gap;
    const product = await loaders.product.load(step.productId, PRODUCT_CARD);
    return product === null ? "NO_LONGER_SOLD" : null;
  }
}

const stepsOf = ({ steps }: PlanRow, half: DayHalf): StepRow[] =>
  steps.filter((step) => step.half === half);
