import { GraphQLDateTime, GraphQLLocalDate } from "graphql-scalars";
import { ArgsType, Field, Float, ID, InputType, Int, ObjectType } from "type-graphql";
import { ViewerEvent } from "../../../platform/events/feed.types.ts";
import { connectionTypes, PageArgs } from "../../../platform/graphql/connection.ts";
import { Node } from "../../../platform/graphql/node.ts";
import { Payload } from "../../../platform/graphql/problems.ts";
import { SkinMetricNames, type Metric } from "../../analyses/index.ts";
import { GoalStatuses, type GoalStatus } from "../goals.vocabulary.ts";
import type { Goal, GoalEntry } from "./goal.repository.ts";

@ObjectType({ description: "A step on the way to a goal." })
export class GoalMilestone {
  @Field(() => Int, { description: "Where it lies, 1 to 100 percent of the way." })
  percentage!: number;

  @Field(() => String, { description: "What it is called." })
  title!: string;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: "When it was reached, if it was; it stays reached.",
  })
  reachedAt!: Date | null;
}

@ObjectType("Goal", {
  implements: Node,
  description: "Something about the skin that the user wants to change until a day.",
})
export class GoalType extends Node {
  @Field(() => String, { description: "In a few words." })
  title!: string;

  @Field(() => String, { description: "What to do for it; may be empty." })
  description!: string;

  @Field(() => SkinMetricNames, { description: "What is measured." })
  targetMetric!: Metric;

  @Field(() => Float, { description: "Where it began, 0 to 100." })
  baseline!: number;

  @Field(() => Float, { description: "Where it shall lead, 0 to 100." })
  target!: number;

  @Field(() => Float, { description: "Where it is now, 0 to 100." })
  currentValue!: number;

  @Field(() => Float, { description: "The part of the way that is done, 0 to 1." })
  progress!: number;

  @Field(() => GraphQLLocalDate, { description: "The last day to reach it." })
  deadline!: string;

  @Field(() => GoalStatuses, { description: "Where it stands." })
  status!: GoalStatus;

  @Field(() => [GoalMilestone], { description: "Steps on the way, the nearest first." })
  milestones!: GoalMilestone[];

  @Field(() => Int, { description: "Rises with every change, from 1." })
  version!: number;

  @Field(() => GraphQLDateTime, { description: "When it was made." })
  createdAt!: Date;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: "When it was completed or given up.",
  })
  endedAt!: Date | null;
}

@ObjectType("GoalEntry", { description: "Where a goal was at some time." })
export class GoalEntryType {
  @Field(() => Float, { description: "The metric, 0 to 100." })
  value!: number;

  @Field(() => Float, { description: "The part of the way that was done then, 0 to 1." })
  progress!: number;

  @Field(() => String, { nullable: true, description: "What the user wrote about it." })
  note!: string | null;

  @Field(() => GraphQLDateTime, { description: "When it was measured or logged." })
  createdAt!: Date;
}

const goals = connectionTypes<Goal>("Goal", () => GoalType as never);
export const GoalConnection = goals.connection;
const entries = connectionTypes<GoalEntry>("GoalEntry", () => GoalEntryType as never);
export const GoalEntryConnection = entries.connection;

@ArgsType()
export class GoalsArgs extends PageArgs {
  @Field(() => GoalStatuses, { nullable: true, description: "Only those in this state." })
  status?: GoalStatus | null;
}

@ObjectType({ implements: ViewerEvent, description: "One of the user's goals moved." })
export class GoalEvent extends ViewerEvent {
  @Field(() => GoalType, {
    nullable: true,
    description: "The goal as it is now; null when it is gone.",
  })
  goal!: Goal | null;
}

@InputType({ description: "A step on the way to a goal." })
export class GoalMilestoneInput {
  @Field(() => Int, { description: "Where it lies, 1 to 100 percent of the way." })
  percentage!: number;

  @Field(() => String, { description: "What it is called; 1–120 characters." })
  title!: string;
}

@InputType({ description: "A goal to work for." })
export class CreateGoalInput {
  @Field(() => String, { description: "In a few words; 1–120 characters." })
  title!: string;

  @Field(() => String, {
    nullable: true,
    description: "What to do for it; up to 1,000 characters.",
  })
  description?: string | null;

  @Field(() => SkinMetricNames, { description: "What is measured." })
  targetMetric!: Metric;

  @Field(() => Float, { description: "Where it begins, 0 to 100." })
  baseline!: number;

  @Field(() => Float, { description: "Where it shall lead, 0 to 100; not the baseline." })
  target!: number;

  @Field(() => GraphQLLocalDate, { description: "From tomorrow on, at most two years away." })
  deadline!: string;

  @Field(() => [GoalMilestoneInput], {
    nullable: true,
    description: "Up to 10 steps; each quarter of the way when absent.",
  })
  milestones?: GoalMilestoneInput[] | null;

  @Field(() => String, {
    nullable: true,
    description: "The same key again answers the same goal; 1–128 characters.",
  })
  idempotencyKey?: string | null;
}

@InputType({ description: "What to change about an open goal; what is absent stays." })
export class UpdateGoalInput {
  @Field(() => ID, { description: "The goal." })
  goalId!: string;

  @Field(() => String, { nullable: true, description: "In a few words; 1–120 characters." })
  title?: string | null;

  @Field(() => String, { nullable: true, description: "Up to 1,000 characters; empty removes it." })
  description?: string | null;

  @Field(() => Float, { nullable: true, description: "Where it shall lead, 0 to 100." })
  target?: number | null;

  @Field(() => GraphQLLocalDate, {
    nullable: true,
    description: "From tomorrow on, at most two years away.",
  })
  deadline?: string | null;
}

@InputType({ description: "Which goal to give up." })
export class AbandonGoalInput {
  @Field(() => ID, { description: "The goal." })
  goalId!: string;
}

@InputType({ description: "Which goal has been reached." })
export class CompleteGoalInput {
  @Field(() => ID, { description: "The goal." })
  goalId!: string;
}

@InputType({ description: "Where a goal is now." })
export class LogGoalProgressInput {
  @Field(() => ID, { description: "The goal." })
  goalId!: string;

  @Field(() => Float, { description: "The metric, 0 to 100." })
  value!: number;

  @Field(() => String, { nullable: true, description: "A note; up to 500 characters." })
  note?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "The same key again logs nothing more; 1–128 characters.",
  })
  idempotencyKey?: string | null;
}

@ObjectType()
abstract class GoalPayload extends Payload {
  @Field(() => GoalType, { nullable: true, description: "The goal as it is now." })
  goal?: Goal | null;
}

@ObjectType({ description: "The outcome of `createGoal`." })
export class CreateGoalPayload extends GoalPayload {}

@ObjectType({ description: "The outcome of `updateGoal`." })
export class UpdateGoalPayload extends GoalPayload {}

@ObjectType({ description: "The outcome of `abandonGoal`." })
export class AbandonGoalPayload extends GoalPayload {}

@ObjectType({ description: "The outcome of `completeGoal`." })
export class CompleteGoalPayload extends GoalPayload {}

@ObjectType({ description: "The outcome of `logGoalProgress`." })
export class LogGoalProgressPayload extends GoalPayload {}
