import type { Clock } from "../../../platform/clock/clock.ts";
import type { Tx, UnitOfWork } from "../../../platform/db/unit-of-work.ts";
import type { DomainEvents } from "../../../platform/events/domain-events.ts";
import type { WalletService } from "../../wallet/index.ts";
import { weeklyReward } from "../billing.events.ts";
import type { PlanService } from "../plans/plan.service.ts";
import type { EntitlementService } from "../subscriptions/entitlement.service.ts";
import { dueWeek } from "./reward-week.ts";
import type { RewardRepository } from "./reward.repository.ts";

const BATCH = 50;

/**
 * Gives points each week to whoever is entitled to them. A run notes how far it has come in the transaction that gives:
 * it goes on after a crash, and workers that run it at once take turns.
 */
export class RewardService {
  constructor(
    private readonly dependencies: {
      readonly uow: UnitOfWork;
      readonly rewards: RewardRepository;
      readonly entitlements: Pick<EntitlementService, "plansOf">;
      readonly plans: Pick<PlanService, "entitlementsOf" | "weeklyPoints">;
      readonly wallets: Pick<WalletService, "credit">;
      readonly events: DomainEvents;
      readonly clock: Clock;
    },
  ) {}

  /**
   * Gives what fell due last and was not given yet; does nothing once that is done. Of several weeks that were missed
   * only the last is made up for: who was entitled in the others is not known any more.
   * @returns how many were rewarded by this call
   */
  async run(): Promise<number> {
    const { uow, rewards, clock } = this.dependencies;
    const week = dueWeek(clock.now());
    let rewarded = 0;
    let more = await rewards.begin(week);
    while (more) {
      const batch = await uow.run((tx) => this.batch(tx, week));
      rewarded += batch.rewarded;
      ({ more } = batch);
    }
    return rewarded;
  }

  private async batch(tx: Tx, week: string): Promise<{ rewarded: number; more: boolean }> {
    const { rewards, entitlements, plans } = this.dependencies;
    const after = await rewards.lock(tx, week);
    if (after === null) return { rewarded: 0, more: false };
    const subscribers = await rewards.subscribersAfter(tx, after, BATCH);
    const held = await entitlements.plansOf(subscribers, tx);
    const entitled = new Set(
      held
        .filter(({ plan }) => plans.entitlementsOf(plan).includes("WEEKLY_POINTS"))
        .map(({ userId }) => userId),
    );
    let rewarded = 0;
    for (const userId of subscribers.filter((each) => entitled.has(each))) {
      if (await this.reward(tx, userId, week)) rewarded += 1;
    }
    const last = subscribers.length < BATCH ? null : (subscribers.at(-1) ?? null);
    await rewards.moveOn(tx, week, last);
    return { rewarded, more: last !== null };
  }

  private async reward(tx: Tx, userId: string, week: string): Promise<boolean> {
    const { plans, wallets, events } = this.dependencies;
    const points = plans.weeklyPoints();
    if (points === 0) return false;
    const { isNew } = await wallets.credit(tx, {
      userId,
      currency: "POINTS",
      amount: points,
      kind: "REWARD",
      rewardWeek: week,
      reference: { type: "weekly_reward", id: week },
      key: `weekly-reward:${userId}:${week}`,
    });
    if (isNew) await events.emit(tx, weeklyReward, { userId, points, week });
    return isNew;
  }
}
