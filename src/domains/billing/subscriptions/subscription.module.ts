import { z } from "zod";
import type { Clock } from "../../../platform/clock/clock.ts";
import type { Database } from "../../../platform/db/database.ts";
import type { Tx, UnitOfWork } from "../../../platform/db/unit-of-work.ts";
import type { DomainEvents } from "../../../platform/events/domain-events.ts";
import type { Feed } from "../../../platform/events/feed.ts";
import { signedIn } from "../../../platform/graphql/context.ts";
import { registerNodeSource } from "../../../platform/graphql/node.ts";
import type { Ids } from "../../../platform/ids/ids.ts";
import type { Idempotency } from "../../../platform/jobs/idempotency.ts";
import type { DomainModule } from "../../../platform/module.ts";
import type { RateLimiter } from "../../../platform/redis/rate-limiter.ts";
import type { UserService } from "../../identity/index.ts";
import type { SubscriptionStore } from "../billing.ports.ts";
import type { PlanService } from "../plans/plan.service.ts";
import type { BillingReports } from "../reports/billing-reports.ts";
import type { ReturnUrls } from "../return-url.ts";
import { CustomerRepository } from "./customer.repository.ts";
import { EntitlementService } from "./entitlement.service.ts";
import { SalesService } from "./sales.service.ts";
import { SubscriptionEvents } from "./subscription.events.ts";
import { createSubscriptionLoaders } from "./subscription.loaders.ts";
import { REFRESH_TASK, SubscriptionRepository } from "./subscription.repository.ts";
import {
  EntitlementsEventResolver,
  PlanSubscriptionResolver,
  SubscriptionSalesResolver,
  ViewerSubscriptionsResolver,
} from "./subscription.resolver.ts";
import { SubscriptionService } from "./subscription.service.ts";
import { SubscriptionView } from "./subscription-view.service.ts";

export interface SubscriptionDependencies {
  readonly unitOfWork: UnitOfWork;
  readonly database: Database;
  readonly ids: Ids;
  readonly feed: Feed;
  readonly events: DomainEvents;
  readonly idempotency: Idempotency;
  readonly rateLimiter: Pick<RateLimiter, "consume">;
  readonly clock: Clock;
  readonly users: Pick<UserService, "find">;
  readonly plans: PlanService;
  readonly returnUrls: ReturnUrls;
  readonly subscriptionStore: SubscriptionStore | null;
  readonly reports: BillingReports;
  /** How long a plan stays after a failed payment, when its store does not say. */
  readonly graceDays: number;
  /** Whether test purchases count. */
  readonly acceptSandbox: boolean;
}

/** The room of plans that users have, put together. */
export interface SubscriptionRoom extends Required<
  Pick<DomainModule, "resolvers" | "loaders" | "tasks">
> {
  readonly subscriptions: SubscriptionService;
  readonly entitlements: EntitlementService;
  /** Everything that a user has and had. */
  export(userId: string): Promise<unknown>;
  /** Makes a guest's subscriptions an account's. @returns how many */
  merge(
    tx: Tx,
    move: { readonly fromUserId: string; readonly toUserId: string },
  ): Promise<{ subscriptions: number }>;
  /** Ends what would go on being paid, and cuts the rest off from the person. */
  erase(userId: string): Promise<void>;
}

/** Subscriptions, and what they give. */
export function createSubscriptionRoom(dependencies: SubscriptionDependencies): SubscriptionRoom {
  const { database, unitOfWork: uow, reports, subscriptionStore: store } = dependencies;
  const repository = new SubscriptionRepository(database);
  const customers = new CustomerRepository(database);
  const entitlements = new EntitlementService({ ...dependencies, subscriptions: repository });
  const subscriptions = new SubscriptionService({
    ...dependencies,
    uow,
    store,
    customers,
    subscriptions: repository,
    events: new SubscriptionEvents({ ...dependencies, entitlements }),
  });
  const parts = { ...dependencies, uow, store, customers, subscriptions, repository, entitlements };
  const sales = new SalesService(parts);
  const view = new SubscriptionView(parts);
  reports.on("CUSTOMER", (tx, report) => subscriptions.linkCustomer(tx, report));
  reports.on("SUBSCRIPTION", (tx, report) => subscriptions.record(tx, report));
  reports.on("INVOICE", (tx, report) => subscriptions.recordInvoice(tx, report));
  registerSubscriptionNodes();
  return {
    subscriptions,
    entitlements,
    resolvers: [
      new PlanSubscriptionResolver(view),
      new EntitlementsEventResolver(),
      new ViewerSubscriptionsResolver(view),
      new SubscriptionSalesResolver(sales),
    ],
    loaders: () => createSubscriptionLoaders(entitlements, repository),
    tasks: [
      { name: REFRESH_TASK, run: (payload) => subscriptions.refresh(subscriptionIn(payload)) },
    ],
    export: (userId) => repository.allOf(userId),
    merge: async (tx, move) => ({ subscriptions: await subscriptions.merge(tx, move) }),
    erase: (userId) => sales.erase(userId),
  };
}

const subscriptionIn = (payload: unknown): string => z.object({ id: z.string() }).parse(payload).id;

/** A subscription can be fetched again by its owner alone. */
function registerSubscriptionNodes(): void {
  registerNodeSource({
    prefix: "sbn",
    typeName: "PlanSubscription",
    load: async (context, ids) => {
      const { userId } = signedIn(context);
      const found = await context.loaders.subscription.loadMany(ids);
      return found.map((each) => (each instanceof Error || each?.userId !== userId ? null : each));
    },
  });
}
