import { problem, refuse, registerProblemCodes } from "../../../platform/graphql/problems.ts";

/** Most reviews of one person that may wait for a decision. */
export const MOST_WAITING = 20;

const MESSAGES = {
  REVIEW_EXISTS: "You have reviewed this product already. Change that review instead.",
  TOO_MANY_REVIEWS_WAITING: `${MOST_WAITING} of your reviews wait to be approved. Try again later.`,
  OWN_REVIEW: "This review is your own.",
  REVIEW_CHANGED: "The review was changed meanwhile. Read it again.",
} as const;

registerProblemCodes(MESSAGES);

/** Refuses with one of the codes of reviews. @param field Where in the input */
export const refuseReview = (code: keyof typeof MESSAGES, field: string): never =>
  refuse(problem(code, MESSAGES[code], ["input", field]));
