import type { Clock } from "../../platform/clock/clock.ts";
import type { DynamicConfig } from "../../platform/config/dynamic/dynamic-config.ts";
import type { Database } from "../../platform/db/database.ts";
import type { UnitOfWork } from "../../platform/db/unit-of-work.ts";
import type { Feed } from "../../platform/events/feed.ts";
import type { Ids } from "../../platform/ids/ids.ts";
import type { DomainModule } from "../../platform/module.ts";
import type { RateLimiter } from "../../platform/redis/rate-limiter.ts";
import type { UserService } from "../identity/index.ts";
import type { WalletService } from "../wallet/index.ts";
import type { AppStore, CreditStore, StoreWebhooks, SubscriptionStore } from "./billing.ports.ts";
import { createPaymentRoom, type PaymentRoom } from "./payments/payment.module.ts";
import { AppConfigResolver } from "./plans/app-config.resolver.ts";
import type { PlanDocument } from "./plans/plan-document.ts";
import { PlanService } from "./plans/plan.service.ts";
import { QuotaRepository } from "./quota.repository.ts";
import { QuotaService } from "./quota.service.ts";
import { BillingReports } from "./reports/billing-reports.ts";
import { storeWebhookSource } from "./reports/store-webhooks.ts";
import { ReturnUrls } from "./return-url.ts";
import { UsageResolver } from "./usage.resolver.ts";

/** Where this installation sells; null and empty where it does not. */
export interface BillingStores {
  readonly subscriptionStore: SubscriptionStore | null;
  readonly creditStore: CreditStore | null;
  readonly appStore: AppStore | null;
  readonly storeWebhooks: readonly StoreWebhooks[];
}

export interface BillingModuleDependencies {
  readonly unitOfWork: UnitOfWork;
  readonly database: Database;
  readonly ids: Ids;
  readonly feed: Feed;
  readonly rateLimiter: RateLimiter;
  readonly clock: Clock;
  readonly wallets: WalletService;
  readonly users: UserService;
  /** What is sold, as it is now. */
  readonly planDocument: Pick<DynamicConfig<PlanDocument>, "current">;
  readonly stores: BillingStores;
  /** Where stores may lead buyers back to. */
  readonly returnTo: ConstructorParameters<typeof ReturnUrls>[0];
}

/** Puts billing together. */
export function createBillingModule(
  dependencies: BillingModuleDependencies,
): DomainModule & { quotas: QuotaService; payments: PaymentRoom["payments"] } {
  const plans = new PlanService(dependencies.planDocument);
  const quotas = new QuotaService({
    repository: new QuotaRepository(dependencies.database),
    clock: dependencies.clock,
    plans,
  });
  const reports = new BillingReports();
  const purchases = createPaymentRoom({
    ...dependencies,
    plans,
    reports,
    creditStore: dependencies.stores.creditStore,
    returnUrls: new ReturnUrls(dependencies.returnTo),
  });
  return {
    quotas,
    payments: purchases.payments,
    resolvers: [new UsageResolver(quotas), new AppConfigResolver(plans), ...purchases.resolvers],
    loaders: purchases.loaders,
    reconcile: purchases.reconcile,
    webhooks: dependencies.stores.storeWebhooks.map((each) => storeWebhookSource(each, reports)),
  };
}
