import { problem, refuse, registerProblemCodes } from "../../platform/graphql/problems.ts";

registerProblemCodes({
  ANALYSIS_NOT_READY: "The analysis has no result.",
});

/** Refuses an analysis that is absent, somebody else's, or has no result, for work that needs one. */
export const refuseAnalysis = (): never =>
  refuse(
    problem("ANALYSIS_NOT_READY", "Choose an analysis that succeeded.", ["input", "analysisId"]),
  );
