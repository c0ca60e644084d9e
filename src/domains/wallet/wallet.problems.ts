import { Field, Int, ObjectType } from "type-graphql";
import { Problem, registerProblemCodes } from "../../platform/graphql/problems.ts";
import type { WalletCurrency } from "./wallet.vocabulary.ts";

registerProblemCodes({
  INSUFFICIENT_POINTS: "The user has too few points.",
  INSUFFICIENT_CREDITS: "The user has too few credits.",
});

@ObjectType({ implements: Problem, description: "The user has too few points." })
export class NotEnoughPoints extends Problem {
  @Field(() => Int, { description: "Points that it takes." })
  needed!: number;

  @Field(() => Int, { description: "Points that the user has, those that are held included." })
  balance!: number;

  @Field(() => Int, { description: "Points that can be spent now." })
  available!: number;
}

@ObjectType({ implements: Problem, description: "The user has too few credits." })
export class NotEnoughCredits extends Problem {
  @Field(() => Int, { description: "Credits that it takes." })
  needed!: number;

  @Field(() => Int, { description: "Credits that the user has, those that are held included." })
  balance!: number;

  @Field(() => Int, { description: "Credits that can be spent now." })
  available!: number;
}

/** Refuses what the wallet cannot pay. */
export function notEnough(
  currency: WalletCurrency,
  facts: { needed: number; balance: number; available: number },
): NotEnoughPoints | NotEnoughCredits {
  const what = { ...facts, path: [] };
  return currency === "POINTS"
    ? Object.assign(new NotEnoughPoints(), {
        ...what,
        code: "INSUFFICIENT_POINTS",
        message: "You have too few points for this.",
      })
    : Object.assign(new NotEnoughCredits(), {
        ...what,
        code: "INSUFFICIENT_CREDITS",
        message: "You have too few credits for this.",
      });
}
