import { registerProblemCodes } from "../../../platform/graphql/problems.ts";

registerProblemCodes({
  ALREADY_SUBSCRIBED: "The user has a subscription to this plan already.",
  PLAN_NOT_SOLD: "The plan cannot be bought here.",
  NOTHING_BOUGHT_YET: "The user has never bought anything on the web.",
  MANAGED_ELSEWHERE: "The subscription can only be changed in the store where it was bought.",
  SUBSCRIPTION_ENDED: "The subscription has ended; only a new one helps.",
});
