import type { Clock } from "../../platform/clock/clock.ts";
import type { Tx } from "../../platform/db/unit-of-work.ts";
import { refuse } from "../../platform/graphql/problems.ts";
import type { PlanService } from "./plans/plan.service.ts";
import { PlanNames, type PlanName } from "./plans/plan.vocabulary.ts";
import { dayOf, monthOf, type QuotaPeriod } from "./quota.period.ts";
import { quotaExceeded } from "./quota.problems.ts";
import type { QuotaRepository } from "./quota.repository.ts";
import { UsageLimits, type UsageLimit } from "./quota.vocabulary.ts";
import type { EntitlementService, UserPlan } from "./subscriptions/entitlement.service.ts";

/** A counted use; kept with the job, so that it can be given back to the period that it was taken from. */
export interface QuotaUse<L extends UsageLimit = UsageLimit> {
  readonly limit: L;
  /** First day of the period, YYYY-MM-DD. */
  readonly periodStart: string;
}

/** How much of a limit is used. */
export interface UsageState {
  readonly name: UsageLimit;
  readonly used: number;
  /** Null: without a limit. */
  readonly limit: number | null;
  readonly resetsAt: Date;
}

/** Counts what plans limit. A new period needs no reset: it has counters of its own. */
export class QuotaService {
  constructor(
    private readonly dependencies: {
      readonly repository: QuotaRepository;
      readonly clock: Clock;
      readonly plans: Pick<PlanService, "limitsOf" | "isSold">;
      readonly entitlements: Pick<EntitlementService, "plansOf">;
      /** The IANA time zone of a user, null when it is not known. */
      readonly timeZoneOf: (userId: string, tx: Tx) => Promise<string | null>;
    },
  ) {}

  /** Counts one use in the caller's transaction. Refuses with QUOTA_EXCEEDED when none is left. */
  async take<L extends UsageLimit>(tx: Tx, userId: string, limit: L): Promise<QuotaUse<L>> {
    const { repository, entitlements, timeZoneOf } = this.dependencies;
    const zone = SIZES[limit].per === "DAY" ? await timeZoneOf(userId, tx) : null;
    const period = this.periodOf(limit, zone);
    const allowed = this.allowed(await entitlements.plansOf([userId], tx), limit);
    const use = { userId, limitKey: limit, periodStart: period.start, limit: allowed };
    if ((await repository.take(tx, use)) === null && allowed !== null) {
      refuse(
        quotaExceeded({
          limitName: limit,
          limit: allowed,
          used: allowed,
          resetsAt: period.end,
          upgradePlan: this.upgradeFrom(allowed, limit),
        }),
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

  /** All limits of a user in the present periods. @param held The plans that the user has beside the free one */
  async usageOf(
    user: { readonly id: string; readonly timeZone: string | null },
    held: readonly UserPlan[],
  ): Promise<UsageState[]> {
    const limits = Object.values(UsageLimits);
    const periods = limits.map((name) => this.periodOf(name, user.timeZone));
    const counters = await this.dependencies.repository.ofUser(
      user.id,
      limits.map((limitKey, index) => ({ limitKey, periodStart: periods[index]?.start ?? "" })),
    );
    const used = new Map(counters.map((counter) => [counter.limitKey, counter.used]));
    return limits.map((name, index) => ({
      name,
      used: used.get(name) ?? 0,
      limit: this.allowed(held, name),
      resetsAt: periods[index]?.end ?? this.dependencies.clock.now(),
    }));
  }

  /** The best of what the user's plans allow now; null is without a limit. */
  private allowed(held: readonly UserPlan[], limit: UsageLimit): number | null {
    const plans = [PlanNames.FREE, ...held.map(({ plan }) => plan)];
    const sizes = plans.map((plan) => this.sizeOf(plan, limit));
    return sizes.reduce((best, size) =>
      best === null || size === null ? null : Math.max(best, size),
    );
  }

  /** The first plan on sale that allows more, in the order in which plans are listed: the cheaper ones first. */
  private upgradeFrom(allowed: number, limit: UsageLimit): PlanName | null {
    const { plans } = this.dependencies;
    const isMore = (plan: PlanName) => (this.sizeOf(plan, limit) ?? Infinity) > allowed;
    return Object.values(PlanNames).find((plan) => plans.isSold(plan) && isMore(plan)) ?? null;
  }

  private sizeOf(plan: PlanName, limit: UsageLimit): number | null {
    return this.dependencies.plans.limitsOf(plan)[SIZES[limit].field];
  }

  private periodOf(limit: UsageLimit, timeZone: string | null): QuotaPeriod {
    const now = this.dependencies.clock.now();
    return SIZES[limit].per === "MONTH" ? monthOf(now) : dayOf(now, timeZone);
  }
}

/** Where the plan document says how large a limit is. */
const SIZES = {
  SKIN_ANALYSES: { field: "skinAnalysesPerMonth", per: "MONTH" },
  PAL_QUESTIONS: { field: "palQuestionsPerDay", per: "DAY" },
  CHAT_MESSAGES: { field: "chatMessagesPerDay", per: "DAY" },
  CARE_PLANS: { field: "carePlansPerDay", per: "DAY" },
} as const satisfies Record<UsageLimit, object>;
