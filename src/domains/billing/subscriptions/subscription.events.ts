import type { Tx } from "../../../platform/db/unit-of-work.ts";
import type { DomainEvents } from "../../../platform/events/domain-events.ts";
import type { Feed } from "../../../platform/events/feed.ts";
import { entitlementsChanged, paymentFailed } from "../billing.events.ts";
import type { PlanService } from "../plans/plan.service.ts";
import type { EntitlementService } from "./entitlement.service.ts";
import type { Subscription } from "./subscription.repository.ts";

/** Topic of the feed for plans and subscriptions. */
export const ENTITLEMENTS_TOPIC = "ENTITLEMENTS";

/** Brings changes of subscriptions to their owner's screens and to other domains. */
export class SubscriptionEvents {
  constructor(
    private readonly dependencies: {
      readonly feed: Feed;
      readonly events: DomainEvents;
      readonly plans: Pick<PlanService, "planOf">;
      readonly entitlements: Pick<EntitlementService, "planBy">;
    },
  ) {}

  /** Tells everybody concerned in the transaction of the change. @param after Null when it is gone */
  async changed(tx: Tx, before: Subscription, after: Subscription | null): Promise<void> {
    const owners = new Set([before.userId, after?.userId ?? null]);
    for (const userId of owners) {
      if (userId !== null) await this.tell(tx, userId, before, after);
    }
    if (after?.userId != null && failedNow(before, after)) {
      const { id, userId, store, productId } = after;
      const plan = productId === null ? null : this.dependencies.plans.planOf(store, productId);
      const { events } = this.dependencies;
      await events.emit(tx, paymentFailed, { userId, subscriptionId: id, plan });
    }
  }

  private async tell(
    tx: Tx,
    userId: string,
    before: Subscription,
    after: Subscription | null,
  ): Promise<void> {
    const { feed, events, entitlements } = this.dependencies;
    const planIn = (state: Subscription | null) =>
      state?.userId === userId ? entitlements.planBy(state) : null;
    const version = after?.version ?? before.version + 1;
    await feed.append(tx, userId, { topic: ENTITLEMENTS_TOPIC, refId: before.id, version });
    if (planIn(before) !== planIn(after)) await events.emit(tx, entitlementsChanged, { userId });
  }
}

const failedNow = (before: Subscription, after: Subscription): boolean =>
  after.status === "PAST_DUE" && (before.status !== "PAST_DUE" || before.userId === null);
