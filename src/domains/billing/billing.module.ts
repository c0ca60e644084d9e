import type { Clock } from "../../platform/clock/clock.ts";
import type { Database } from "../../platform/db/database.ts";
import type { DomainModule } from "../../platform/module.ts";
import { QuotaRepository } from "./quota.repository.ts";
import { QuotaService } from "./quota.service.ts";
import { UsageResolver } from "./usage.resolver.ts";

export interface BillingModuleDependencies {
  readonly database: Database;
  readonly clock: Clock;
  readonly skinAnalysesPerMonth: number;
}

/** Puts billing together. */
export function createBillingModule(
  dependencies: BillingModuleDependencies,
): DomainModule & { quotas: QuotaService } {
  const quotas = new QuotaService({
    repository: new QuotaRepository(dependencies.database),
    clock: dependencies.clock,
    monthly: { SKIN_ANALYSES: dependencies.skinAnalysesPerMonth },
  });
  return { quotas, resolvers: [new UsageResolver(quotas)] };
}
