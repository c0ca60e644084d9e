import type { Database } from "../../../platform/db/database.ts";
import type { Tx, UnitOfWork } from "../../../platform/db/unit-of-work.ts";
import type { PlanService } from "../plans/plan.service.ts";
import type { BillingReports } from "../reports/billing-reports.ts";
import { SubscriptionRepository } from "../subscriptions/subscription.repository.ts";
import type { SubscriptionService } from "../subscriptions/subscription.service.ts";
import { AppStoreReports } from "./app-store-reports.ts";
import { AppStoreRepository } from "./app-store.repository.ts";

/** The room of purchases in the stores of phones, put together. */
export interface AppStoreRoom {
  /** Takes the reports of all stores. */
  readonly reports: AppStoreReports;
  readonly history: AppStoreRepository;
  /** Makes what a guest has bought an account's. */
  merge(tx: Tx, move: { readonly fromUserId: string; readonly toUserId: string }): Promise<void>;
  /** Forgets what the stores said of a user. */
  erase(userId: string): Promise<void>;
}

/** Finds the owners of what is bought in the stores of phones. */
export function createAppStoreRoom(dependencies: {
  readonly database: Database;
  readonly unitOfWork: UnitOfWork;
  readonly plans: PlanService;
  readonly reports: BillingReports;
  readonly subscriptions: SubscriptionService;
  /** Whether test purchases count. */
  readonly acceptSandbox: boolean;
}): AppStoreRoom {
  const { database, unitOfWork } = dependencies;
  const history = new AppStoreRepository(database);
  const held = new SubscriptionRepository(database);
  const reports = new AppStoreReports({ ...dependencies, history, held });
  return {
    reports,
    history,
    merge: (tx, move) => reports.merge(tx, move),
    erase: (userId) => unitOfWork.run((tx) => history.erase(tx, userId)),
  };
}
