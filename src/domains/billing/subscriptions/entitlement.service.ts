import type { Clock } from "../../../platform/clock/clock.ts";
import type { Tx } from "../../../platform/db/unit-of-work.ts";
import type { PlanService } from "../plans/plan.service.ts";
import { PlanNames, type PlanName } from "../plans/plan.vocabulary.ts";
import type { Subscription, SubscriptionRepository } from "./subscription.repository.ts";

const DAY_MS = 86_400_000;

/** A plan that a user has, beside the free one. */
export interface UserPlan {
  readonly userId: string;
  readonly plan: PlanName;
}

/** What a judgement needs to know of a subscription. */
export type Judged = Pick<
  Subscription,
  | "store"
  | "productId"
  | "status"
  | "periodEnd"
  | "graceUntil"
  | "pastDueSince"
  | "sandbox"
  | "userId"
>;

/** Says which plans users have. */
export class EntitlementService {
  constructor(
    private readonly dependencies: {
      readonly subscriptions: Pick<SubscriptionRepository, "runningOf">;
      readonly plans: Pick<PlanService, "planOf">;
      readonly clock: Clock;
      /** How long a plan stays after a failed payment, when its store does not say. */
      readonly graceDays: number;
      /** Whether test purchases count. */
      readonly acceptSandbox: boolean;
    },
  ) {}

  /** The plan that a subscription gives now; null when it gives none. */
  planBy(subscription: Judged): PlanName | null {
    const { plans } = this.dependencies;
    const { store, productId } = subscription;
    if (productId === null || !this.isEntitled(subscription)) return null;
    return plans.planOf(store, productId);
  }

  /** All plans that some users have now, in one statement. @param tx to read in a transaction */
  async plansOf(userIds: readonly string[], tx?: Tx): Promise<UserPlan[]> {
    const running = await this.dependencies.subscriptions.runningOf(userIds, tx);
    const held = new Map<string, Set<PlanName>>();
    for (const subscription of running) {
      const plan = this.planBy(subscription);
      const { userId } = subscription;
      if (plan === null || userId === null) continue;
      held.set(userId, (held.get(userId) ?? new Set()).add(plan));
    }
    return [...held].flatMap(([userId, plans]) =>
      Object.values(PlanNames)
        .filter((plan) => plans.has(plan))
        .map((plan) => ({ userId, plan })),
    );
  }

  /** Whether a user has a plan by a subscription that goes on, or whose payment failed and is tried again. */
  async isSubscribed(userId: string, plan: PlanName): Promise<boolean> {
    const { subscriptions, plans, acceptSandbox } = this.dependencies;
    const running = await subscriptions.runningOf([userId]);
    return running.some((subscription) => {
      const { store, productId, status, sandbox } = subscription;
      if (productId === null || plans.planOf(store, productId) !== plan) return false;
      const isRetried = status === "PAST_DUE" && (acceptSandbox || !sandbox);
      return isRetried || this.isEntitled(subscription);
    });
  }

  /** Until when a subscription whose payment failed still gives its plan; null when none did. */
  graceEndOf({ status, graceUntil, pastDueSince }: Judged): Date | null {
    if (status !== "PAST_DUE" || pastDueSince === null) return null;
    return graceUntil ?? new Date(pastDueSince.getTime() + this.dependencies.graceDays * DAY_MS);
  }

  private isEntitled(subscription: Judged): boolean {
    const { acceptSandbox, clock } = this.dependencies;
    const { status, periodEnd, graceUntil, sandbox } = subscription;
    if (sandbox && !acceptSandbox) return false;
    const now = clock.now();
    const isOpen = periodEnd === null || periodEnd > now;
    if (status === "ACTIVE" || status === "TRIALING") return isOpen;
    const graceEnd = this.graceEndOf(subscription);
    // A store's own grace goes on after the period that was paid for.
    return graceEnd !== null && graceEnd > now && (isOpen || graceUntil !== null);
  }
}
