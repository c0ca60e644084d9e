import { GraphQLDateTime } from "graphql-scalars";
import { Field, Float, Int, ObjectType, registerEnumType } from "type-graphql";
import { ViewerEvent } from "../../../platform/events/feed.types.ts";
import { ACHIEVEMENTS } from "./achievement.catalogue.ts";

/** The names of all achievements, as the GraphQL enum `AchievementName`. */
export const AchievementNames: Readonly<Record<string, string>> = Object.fromEntries(
  ACHIEVEMENTS.map(({ name }) => [name, name]),
);
registerEnumType(AchievementNames, {
  name: "AchievementName",
  description: "What can be achieved.",
  valuesConfig: Object.fromEntries(
    ACHIEVEMENTS.map(({ name, description }) => [name, { description: description.EN }]),
  ),
});

@ObjectType({ description: "Something that can be achieved once, and how far the user has come." })
export class Achievement {
  @Field(() => AchievementNames, { description: "Which one." })
  name!: string;

  @Field(() => String, { description: "What it is called, in the language asked for." })
  title!: string;

  @Field(() => String, { description: "What it takes, in the language asked for." })
  description!: string;

  @Field(() => Int, {
    description:
      "Points that it gives; 0 for none. What gives points is unlocked for registered users: what a guest has done counts, and unlocks it at the first step after.",
  })
  rewardPoints!: number;

  @Field(() => Int, { description: "How much it takes, such as 10 analyses." })
  target!: number;

  @Field(() => Float, { description: "How much of that the user has, at most the target." })
  count!: number;

  @Field(() => Float, { description: "The part that is done, 0 to 1." })
  progress!: number;

  @Field(() => Boolean, { description: "Whether the user has it." })
  isUnlocked!: boolean;

  @Field(() => GraphQLDateTime, { nullable: true, description: "Since when the user has it." })
  unlockedAt!: Date | null;
}

@ObjectType({ description: "The user has unlocked an achievement." })
export class AchievementUnlocked {
  @Field(() => Int, { description: "Number of the event; give the last one as `after` to resume." })
  seq!: number;

  @Field(() => Achievement, { description: "What was unlocked." })
  achievement!: unknown;
}

@ObjectType({ implements: ViewerEvent, description: "The user has unlocked an achievement." })
export class AchievementEvent extends ViewerEvent {
  @Field(() => Achievement, {
    nullable: true,
    description: "What was unlocked; null when it is not awarded any more.",
  })
  achievement!: unknown;
}
