import { registerProblemCodes } from "../../platform/graphql/problems.ts";

registerProblemCodes({
  TEMPLATE_NOT_FOUND: "There is no such template.",
});
