import type { Clock } from "../../platform/clock/clock.ts";
import type { DynamicConfig } from "../../platform/config/dynamic/dynamic-config.ts";
import type { Database } from "../../platform/db/database.ts";
import type { DomainModule } from "../../platform/module.ts";
import { AppConfigResolver } from "./plans/app-config.resolver.ts";
import type { PlanDocument } from "./plans/plan-document.ts";
import { PlanService } from "./plans/plan.service.ts";
import { QuotaRepository } from "./quota.repository.ts";
import { QuotaService } from "./quota.service.ts";
import { UsageResolver } from "./usage.resolver.ts";

export interface BillingModuleDependencies {
  readonly database: Database;
  readonly clock: Clock;
  /** What is sold, as it is now. */
  readonly planDocument: Pick<DynamicConfig<PlanDocument>, "current">;
}

/** Puts billing together. */
export function createBillingModule(
  dependencies: BillingModuleDependencies,
): DomainModule & { quotas: QuotaService } {
  const plans = new PlanService(dependencies.planDocument);
  const quotas = new QuotaService({
    repository: new QuotaRepository(dependencies.database),
    clock: dependencies.clock,
    plans,
  });
  return { quotas, resolvers: [new UsageResolver(quotas), new AppConfigResolver(plans)] };
}
