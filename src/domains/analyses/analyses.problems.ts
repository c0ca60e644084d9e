import { registerProblemCodes } from "../../platform/graphql/problems.ts";

registerProblemCodes({
  ANALYSIS_NOT_FINISHED: "The analysis is still being worked on; cancel it first.",
});
