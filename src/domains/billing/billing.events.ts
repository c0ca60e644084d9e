import { domainEventType } from "../../platform/events/domain-events.ts";
import type { PlanName } from "./plans/plan.vocabulary.ts";

/** The payment of a subscription failed: unless it is repaired, its plan ends with the grace. */
export const paymentFailed = domainEventType<{
  readonly userId: string;
  readonly subscriptionId: string;
  /** Null when nothing is sold any more under what was subscribed to. */
  readonly plan: PlanName | null;
}>("billing.payment_failed");

/** The plans of a user are others now. That one has run out by the clock is not told. */
export const entitlementsChanged = domainEventType<{ readonly userId: string }>(
  "billing.entitlements_changed",
);

/** Points were given for a week. */
export const weeklyReward = domainEventType<{
  readonly userId: string;
  readonly points: number;
  /** The Monday of the week, YYYY-MM-DD, UTC. */
  readonly week: string;
}>("billing.weekly_reward");
