import type { PlanService } from "../plans/plan.service.ts";
import { PlanNames, type Entitlement, type PlanName } from "../plans/plan.vocabulary.ts";
import type { EntitlementService, UserPlan } from "./entitlement.service.ts";
import type { Subscription, SubscriptionRepository } from "./subscription.repository.ts";

const MAX_SHOWN = 20;

/** What users are shown of plans and subscriptions. */
export class SubscriptionView {
  constructor(
    private readonly dependencies: {
      readonly repository: Pick<SubscriptionRepository, "newestOf">;
      readonly plans: Pick<PlanService, "planOf" | "entitlementsOf">;
      readonly entitlements: EntitlementService;
    },
  ) {}

  /** What a user has and had, the newest first. */
  newestOf(userId: string): Promise<Subscription[]> {
    return this.dependencies.repository.newestOf(userId, MAX_SHOWN);
  }

  /** The plan that was subscribed to, whether or not it is given now. */
  planOf({ store, productId }: Subscription): PlanName | null {
    return productId === null ? null : this.dependencies.plans.planOf(store, productId);
  }

  /** Whether a subscription gives its plan now. */
  isEntitled(subscription: Subscription): boolean {
    return this.dependencies.entitlements.planBy(subscription) !== null;
  }

  /** Until when a subscription whose payment failed gives its plan. */
  graceEndOf(subscription: Subscription): Date | null {
    return this.dependencies.entitlements.graceEndOf(subscription);
  }

  /** What plans give together, with the one that everybody has. */
  entitlementsBy(held: readonly UserPlan[]): {
    plans: PlanName[];
    entitlements: Entitlement[];
  } {
    const plans = [PlanNames.FREE, ...held.map(({ plan }) => plan)];
    const given = plans.flatMap((plan) => this.dependencies.plans.entitlementsOf(plan));
    return { plans, entitlements: [...new Set(given)] };
  }
}
