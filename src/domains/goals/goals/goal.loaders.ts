import type DataLoader from "dataloader";
import { manyByKey, oneByKey } from "../../../platform/graphql/loaders.ts";
import type { Goal, GoalRepository, Milestone } from "./goal.repository.ts";

declare module "../../../platform/graphql/loaders.ts" {
  interface Loaders {
    /** A goal by its id. Does not judge ownership. */
    goal: DataLoader<string, Goal | null>;
    /** The milestones of a goal, by its id. */
    milestones: DataLoader<string, Milestone[]>;
    /** The goals that a plan proposed, by the plan's id. */
    plannedGoals: DataLoader<string, Goal[]>;
  }
}

/** The loaders of one operation. */
export const createGoalLoaders = (goals: GoalRepository) => ({
  goal: oneByKey<string, Goal>(
    (ids) => goals.byIds(ids),
    ({ id }) => id,
  ),
  milestones: manyByKey<string, Milestone>(
    (ids) => goals.milestonesOf(ids),
    ({ goalId }) => goalId,
  ),
  plannedGoals: manyByKey<string, Goal>(
    (ids) => goals.ofPlans(ids),
    ({ planId }) => planId ?? "",
  ),
});
