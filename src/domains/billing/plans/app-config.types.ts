import { Field, Int, ObjectType } from "type-graphql";
import { Entitlements, PlanNames, type Entitlement, type PlanName } from "./plan.vocabulary.ts";

@ObjectType({ description: "How much a plan allows." })
export class PlanLimits {
  @Field(() => Int, { description: "Skin analyses in a calendar month." })
  skinAnalysesPerMonth!: number;

  @Field(() => Int, { description: "Questions about the skin in a day." })
  palQuestionsPerDay!: number;

  @Field(() => Int, {
    nullable: true,
    description: "Chat messages in a day; null is without a limit.",
  })
  chatMessagesPerDay!: number | null;

  @Field(() => Int, { description: "Plans of goals and of routines in a day, together." })
  carePlansPerDay!: number;
}

@ObjectType({ description: "A plan and what it gives." })
export class Plan {
  @Field(() => PlanNames, { description: "Which plan." })
  name!: PlanName;

  @Field(() => [Entitlements], { description: "What it gives besides its limits." })
  entitlements!: readonly Entitlement[];

  @Field(() => PlanLimits, { description: "How much it allows." })
  limits!: PlanLimits;
}

@ObjectType({ description: "Points that are sold together." })
export class PointPackage {
  @Field(() => String, { description: "Name of the package, the same in every language." })
  name!: string;

  @Field(() => Int, { description: "Points that it holds." })
  points!: number;
}

@ObjectType({ description: "What a package costs." })
export class PackagePrice {
  @Field(() => String, { description: 'Decimal text with two decimals, such as "12.50".' })
  amount!: string;

  @Field(() => String, { description: "ISO 4217 code." })
  currency!: string;
}

@ObjectType({ description: "Credits that are sold together." })
export class CreditPackage {
  @Field(() => String, { description: "Name of the package, the same in every language." })
  name!: string;

  @Field(() => Int, { description: "Credits that it holds." })
  credits!: number;

  @Field(() => PackagePrice, { description: "What it costs." })
  price!: PackagePrice;
}

@ObjectType({
  description: "What an app should know before anybody signs in. It may change at any time.",
})
export class AppConfig {
  @Field(() => String, { description: "Older apps must be updated; three numbers and dots." })
  minimumAppVersion!: string;

  @Field(() => [Plan], { description: "All plans, the free one first." })
  plans!: readonly Plan[];

  @Field(() => [PointPackage], { description: "Points that can be bought, in shop order." })
  pointPackages!: readonly PointPackage[];

  @Field(() => [CreditPackage], { description: "Credits that can be bought, in shop order." })
  creditPackages!: readonly CreditPackage[];

  @Field(() => Int, { description: "Points that one emoji costs." })
  emojiPricePoints!: number;

  @Field(() => Int, { description: "Points that a VIP is given each week." })
  vipWeeklyPoints!: number;
}
