import type { Clock } from "../../platform/clock/clock.ts";
import type { DynamicConfig } from "../../platform/config/dynamic/dynamic-config.ts";
import type { Database } from "../../platform/db/database.ts";
import type { UnitOfWork } from "../../platform/db/unit-of-work.ts";
import type { DomainEvents } from "../../platform/events/domain-events.ts";
import type { Feed } from "../../platform/events/feed.ts";
import type { Ids } from "../../platform/ids/ids.ts";
import type { Idempotency } from "../../platform/jobs/idempotency.ts";
import type { DomainModule, PersonalData } from "../../platform/module.ts";
import type { Logger } from "../../platform/observe/logger.ts";
import type { RateLimiter } from "../../platform/redis/rate-limiter.ts";
import type { UserService } from "../identity/index.ts";
import type { WalletService } from "../wallet/index.ts";
import type { AppStore, CreditStore, StoreWebhooks, SubscriptionStore } from "./billing.ports.ts";
import { createPaymentRoom, type PaymentRoom } from "./payments/payment.module.ts";
import { createAppStoreRoom, type AppStoreRoom } from "./app-store/app-store.module.ts";
import { AppConfigResolver } from "./plans/app-config.resolver.ts";
import type { PlanDocument } from "./plans/plan-document.ts";
import { PlanService } from "./plans/plan.service.ts";
import { QuotaRepository } from "./quota.repository.ts";
import { QuotaService } from "./quota.service.ts";
import { BillingReports } from "./reports/billing-reports.ts";
import { storeWebhookSource } from "./reports/store-webhooks.ts";
import { ReturnUrls } from "./return-url.ts";
import { createRewardRoom } from "./rewards/reward.module.ts";
import {
  createSubscriptionRoom,
  type SubscriptionRoom,
} from "./subscriptions/subscription.module.ts";
import { SyncResolver } from "./sync/sync.resolver.ts";
import { SyncService } from "./sync/sync.service.ts";
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
  readonly events: DomainEvents;
  readonly idempotency: Idempotency;
  readonly rateLimiter: RateLimiter;
  readonly clock: Clock;
  readonly log: Logger;
  readonly wallets: WalletService;
  readonly users: UserService;
  /** What is sold, as it is now. */
  readonly planDocument: Pick<DynamicConfig<PlanDocument>, "current">;
  readonly stores: BillingStores;
  /** Where stores may lead buyers back to. */
  readonly returnTo: ConstructorParameters<typeof ReturnUrls>[0];
  /** How long a plan stays after a failed payment, when its store does not say. */
  readonly graceDays: number;
  /** Whether test purchases of subscriptions count. */
  readonly acceptSandbox: boolean;
}

export interface BillingModule extends DomainModule {
  readonly quotas: QuotaService;
  readonly payments: PaymentRoom["payments"];
  readonly entitlements: SubscriptionRoom["entitlements"];
}

/** Puts billing together. */
export function createBillingModule(dependencies: BillingModuleDependencies): BillingModule {
  const { stores } = dependencies;
  const plans = new PlanService(dependencies.planDocument);
  const reports = new BillingReports();
  const returnUrls = new ReturnUrls(dependencies.returnTo);
  const parts = { ...dependencies, ...stores, plans, reports, returnUrls };
  const subscribed = createSubscriptionRoom(parts);
  const purchases = createPaymentRoom(parts);
  const phones = createAppStoreRoom({ ...parts, subscriptions: subscribed.subscriptions });
  const syncs = new SyncService({
    ...parts,
    ...phones,
    uow: dependencies.unitOfWork,
    subscriptions: subscribed.subscriptions,
    checkouts: purchases.checkouts,
  });
  const counters = new QuotaRepository(dependencies.database);
  const quotas = new QuotaService({
    repository: counters,
    clock: dependencies.clock,
    plans,
    entitlements: subscribed.entitlements,
    timeZoneOf: (userId, tx) => dependencies.users.timeZoneOf(userId, tx),
  });
  return {
    quotas,
    payments: purchases.payments,
    entitlements: subscribed.entitlements,
    resolvers: [
      new UsageResolver(quotas),
      new AppConfigResolver(plans),
      ...purchases.resolvers,
      ...subscribed.resolvers,
      new SyncResolver(syncs),
    ],
    loaders: () => ({ ...purchases.loaders(), ...subscribed.loaders() }),
    tasks: subscribed.tasks,
    crons: [
      ...purchases.crons,
      ...createRewardRoom({ ...parts, entitlements: subscribed.entitlements }).crons,
    ],
    reconcile: purchases.reconcile,
    personalData: personalDataOf({ purchases, subscribed, phones, counters }),
    webhooks: stores.storeWebhooks.map((each) => storeWebhookSource(each, phones.reports)),
  };
}

function personalDataOf({
  purchases,
  subscribed,
  phones,
  counters,
}: {
  readonly purchases: PaymentRoom;
  readonly subscribed: SubscriptionRoom;
  readonly phones: AppStoreRoom;
  readonly counters: QuotaRepository;
}): PersonalData {
  return {
    name: "billing",
    tables: [
      "usage_counters",
      "credit_checkouts",
      "payments",
      "store_customers",
      "subscriptions",
      "app_store_aliases",
      "app_store_states",
      "app_store_purchases",
    ],
    lock: (tx, userId) => counters.lock(tx, userId),
    export: async (userId) => ({
      usage: await counters.all(userId),
      payments: await purchases.export(userId),
      subscriptions: await subscribed.export(userId),
    }),
    merge: async (tx, move) => {
      const merged = {
        ...(await purchases.merge(tx, move)),
        ...(await subscribed.merge(tx, move)),
      };
      await phones.merge(tx, move);
      // Summed: who merges can use no more than before.
      await counters.merge(tx, move);
      return merged;
    },
    erase: async (userId) => {
      await subscribed.erase(userId);
      await phones.erase(userId);
      await counters.forget(userId);
    },
  };
}
