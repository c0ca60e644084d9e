import type DataLoader from "dataloader";
import { manyByKey, oneByKey, type Loaders } from "../../../platform/graphql/loaders.ts";
import type { EntitlementService, UserPlan } from "./entitlement.service.ts";
import type { Subscription, SubscriptionRepository } from "./subscription.repository.ts";

declare module "../../../platform/graphql/loaders.ts" {
  interface Loaders {
    /** The plans that a user has now, beside the free one. */
    userPlans: DataLoader<string, UserPlan[]>;
    /** A subscription by id. */
    subscription: DataLoader<string, Subscription | null>;
  }
}

/** Plans of users, and subscriptions by id. They do not judge ownership. */
export const createSubscriptionLoaders = (
  entitlements: EntitlementService,
  subscriptions: SubscriptionRepository,
): Pick<Loaders, "userPlans" | "subscription"> => ({
  userPlans: manyByKey(
    (userIds) => entitlements.plansOf(userIds),
    ({ userId }) => userId,
  ),
  subscription: oneByKey(
    (ids) => subscriptions.byIds(ids),
    ({ id }) => id,
  ),
});
