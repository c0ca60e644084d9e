import type { Clock } from "../../platform/clock/clock.ts";
import type { Tx } from "../../platform/db/unit-of-work.ts";
import { refuse } from "../../platform/graphql/problems.ts";
import type { PlanService } from "./plans/plan.service.ts";
import { quotaExceeded } from "./quota.problems.ts";
import type { QuotaRepository } from "./quota.repository.ts";
import { UsageLimits, type UsageLimit } from "./quota.vocabulary.ts";

/** A counted use; kept with the job, so that it can be given back to the period that it was taken from. */
export interface QuotaUse {
  readonly limit: UsageLimit;
  /** First day of the period, YYYY-MM-DD, UTC. */
  readonly periodStart: string;
}

/** How much of a limit is used. */
export interface UsageState {
  readonly name: UsageLimit;
  readonly used: number;
  readonly limit: number;
  readonly resetsAt: Date;
}

/** Counts what plans limit. A new period needs no reset: it has counters of its own. */
export class QuotaService {
  constructor(
    private readonly dependencies: {
      readonly repository: QuotaRepository;
      readonly clock: Clock;
      readonly plans: Pick<PlanService, "limitsOf">;
    },
  ) {}

  /** Counts one use in the caller's transaction. Refuses with QUOTA_EXCEEDED when none is left. */
  async take(tx: Tx, userId: string, limit: UsageLimit): Promise<QuotaUse> {
    const { repository } = this.dependencies;
    const period = this.month();
    const allowed = this.allowed()[limit];
    const use = { userId, limitKey: limit, periodStart: period.start, limit: allowed };
    if ((await repository.take(tx, use)) === null) {
      refuse(
        quotaExceeded({ limitName: limit, limit: allowed, used: allowed, resetsAt: period.end }),
      );
    }
    return { limit, periodStart: period.start };
  }

  /** Gives a use back in the caller's transaction. Call it once per use. */
  async giveBack(tx: Tx, userId: string, use: QuotaUse): Promise<void> {
    const { repository } = this.dependencies;
    await repository.giveBack(tx, {
      userId,
      limitKey: use.limit,
      periodStart: use.periodStart,
    });
  }

  /** All limits of a user in the present period. */
  async usageOf(userId: string): Promise<UsageState[]> {
    const { repository } = this.dependencies;
    const period = this.month();
    const allowed = this.allowed();
    const counters = await repository.ofUser(userId, period.start);
    const used = new Map(counters.map((counter) => [counter.limitKey, counter.used]));
    return Object.values(UsageLimits).map((name) => ({
      name,
      used: used.get(name) ?? 0,
      limit: allowed[name],
      resetsAt: period.end,
    }));
  }

  /** Uses per calendar month by the plan that everybody has, as it is now. */
  private allowed(): Record<UsageLimit, number> {
    const { skinAnalysesPerMonth } = this.dependencies.plans.limitsOf("FREE");
    return { SKIN_ANALYSES: skinAnalysesPerMonth };
  }

  private month(): { start: string; end: Date } {
    const now = this.dependencies.clock.now();
    const start = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1));
    const end = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1));
    return { start: start.toISOString().slice(0, 10), end };
  }
}
