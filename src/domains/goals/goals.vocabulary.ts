import { registerEnumType } from "type-graphql";

/** Prefix of the ids of goals. */
export const GOAL_PREFIX = "gol";

/** Topics of the feed. */
export const GOAL_TOPIC = "GOAL";
export const ACHIEVEMENT_TOPIC = "ACHIEVEMENT";

/** The states of a goal, as the GraphQL enum `GoalStatus`. */
export const GoalStatuses = {
  ACTIVE: "ACTIVE",
  COMPLETED: "COMPLETED",
  ABANDONED: "ABANDONED",
} as const;
export type GoalStatus = keyof typeof GoalStatuses;
registerEnumType(GoalStatuses, {
  name: "GoalStatus",
  description: "The states of a goal.",
  valuesConfig: {
    ACTIVE: { description: "Being worked on; analyses advance it." },
    COMPLETED: { description: "Reached, or declared reached." },
    ABANDONED: { description: "Given up." },
  },
});

/** How much one user may have, and how long texts may be, in characters. */
export const LIMITS = {
  openGoals: 20,
  title: 120,
  description: 1_000,
  note: 500,
  milestones: 10,
  milestoneTitle: 120,
  /** The furthest deadline, in days from today. */
  days: 730,
} as const;
