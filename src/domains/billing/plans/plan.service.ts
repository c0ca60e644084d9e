import type { DynamicConfig } from "../../../platform/config/dynamic/dynamic-config.ts";
import type { AppConfig } from "./app-config.types.ts";
import type { PlanDocument } from "./plan-document.ts";
import { PlanNames } from "./plan.vocabulary.ts";

/** What is sold at this moment. Every answer is read anew, so that a change counts from the next request on. */
export class PlanService {
  constructor(private readonly document: Pick<DynamicConfig<PlanDocument>, "current">) {}

  /** How much a plan allows. */
  limitsOf(name: keyof PlanDocument["plans"]): PlanDocument["plans"]["FREE"]["limits"] {
    return this.document.current().plans[name].limits;
  }

  /** The part that everybody may see. */
  appConfig(): AppConfig {
    const { minimumAppVersion, plans, pointPackages, creditPackages, emoji, vip } =
      this.document.current();
    return {
      minimumAppVersion,
      plans: Object.values(PlanNames).map((name) => ({ name, ...plans[name] })),
      pointPackages,
      creditPackages,
      emojiPricePoints: emoji.pricePoints,
      vipWeeklyPoints: vip.weeklyPoints,
    };
  }
}
