import type { Clock } from "../../../platform/clock/clock.ts";
import type { Database } from "../../../platform/db/database.ts";
import type { UnitOfWork } from "../../../platform/db/unit-of-work.ts";
import type { DomainEvents } from "../../../platform/events/domain-events.ts";
import type { Cron } from "../../../platform/module.ts";
import type { WalletService } from "../../wallet/index.ts";
import type { PlanService } from "../plans/plan.service.ts";
import type { EntitlementService } from "../subscriptions/entitlement.service.ts";
import { RewardRepository } from "./reward.repository.ts";
import { RewardService } from "./reward.service.ts";

/** The weekly reward, put together: on time, and each hour in case that time was missed. */
export function createRewardRoom(dependencies: {
  readonly database: Database;
  readonly unitOfWork: UnitOfWork;
  readonly events: DomainEvents;
  readonly clock: Clock;
  readonly wallets: Pick<WalletService, "credit">;
  readonly plans: PlanService;
  readonly entitlements: EntitlementService;
}): { readonly rewards: RewardService; readonly crons: readonly Cron[] } {
  const rewards = new RewardService({
    ...dependencies,
    uow: dependencies.unitOfWork,
    rewards: new RewardRepository(dependencies.database),
  });
  const run = async () => void (await rewards.run());
  return {
    rewards,
    crons: [
      { name: "weekly_reward", pattern: "0 0 * * 0", run },
      { name: "weekly_reward_catch_up", pattern: "37 * * * *", run },
    ],
  };
}
