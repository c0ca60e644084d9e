import { problem, refuse, registerProblemCodes } from "../../platform/graphql/problems.ts";
import { LIMITS } from "./goals.vocabulary.ts";

registerProblemCodes({
  GOAL_NOT_ACTIVE: "The goal was completed or given up before.",
  GOAL_LIMIT_REACHED: "Too many goals are open.",
  TARGET_EQUALS_BASELINE: "A goal must lead away from where it begins.",
  DEADLINE_OUT_OF_RANGE: "The deadline is not ahead, or too far ahead.",
});

/** Refuses a change of a goal that has ended. */
export const refuseEnded = (): never =>
  refuse(problem("GOAL_NOT_ACTIVE", "This goal has ended.", ["input", "goalId"]));

/** Refuses one goal too many. */
export const refuseMany = (): never =>
  refuse(
    problem(
      "GOAL_LIMIT_REACHED",
      `Up to ${LIMITS.openGoals} goals can be open. Complete one or give one up first.`,
    ),
  );
