import type { Clock } from "../../platform/clock/clock.ts";
import type { DynamicConfig } from "../../platform/config/dynamic/dynamic-config.ts";
import type { Database } from "../../platform/db/database.ts";
import type { DomainModule } from "../../platform/module.ts";
import type { AppStore, CreditStore, StoreWebhooks, SubscriptionStore } from "./billing.ports.ts";
import { AppConfigResolver } from "./plans/app-config.resolver.ts";
import type { PlanDocument } from "./plans/plan-document.ts";
import { PlanService } from "./plans/plan.service.ts";
import { QuotaRepository } from "./quota.repository.ts";
import { QuotaService } from "./quota.service.ts";
import { BillingReports } from "./reports/billing-reports.ts";
import { storeWebhookSource } from "./reports/store-webhooks.ts";
import { UsageResolver } from "./usage.resolver.ts";

/** Where this installation sells; null and empty where it does not. */
export interface BillingStores {
  readonly subscriptionStore: SubscriptionStore | null;
  readonly creditStore: CreditStore | null;
  readonly appStore: AppStore | null;
  readonly storeWebhooks: readonly StoreWebhooks[];
}

export interface BillingModuleDependencies {
  readonly database: Database;
  readonly clock: Clock;
  /** What is sold, as it is now. */
  readonly planDocument: Pick<DynamicConfig<PlanDocument>, "current">;
  readonly stores: BillingStores;
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
  const reports = new BillingReports();
  return {
    quotas,
    resolvers: [new UsageResolver(quotas), new AppConfigResolver(plans)],
    webhooks: dependencies.stores.storeWebhooks.map((each) => storeWebhookSource(each, reports)),
  };
}
