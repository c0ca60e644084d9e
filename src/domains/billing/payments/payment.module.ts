import type { Clock } from "../../../platform/clock/clock.ts";
import type { Database } from "../../../platform/db/database.ts";
import type { Tx, UnitOfWork } from "../../../platform/db/unit-of-work.ts";
import type { Feed } from "../../../platform/events/feed.ts";
import { signedIn } from "../../../platform/graphql/context.ts";
import { registerNodeSource } from "../../../platform/graphql/node.ts";
import type { Ids } from "../../../platform/ids/ids.ts";
import type { DomainModule } from "../../../platform/module.ts";
import type { Logger } from "../../../platform/observe/logger.ts";
import type { RateLimiter } from "../../../platform/redis/rate-limiter.ts";
import type { UserService } from "../../identity/index.ts";
import type { WalletService } from "../../wallet/index.ts";
import type { CreditStore } from "../billing.ports.ts";
import type { PlanService } from "../plans/plan.service.ts";
import type { BillingReports } from "../reports/billing-reports.ts";
import type { ReturnUrls } from "../return-url.ts";
import { CheckoutRepository } from "./checkout.repository.ts";
import { CheckoutService } from "./checkout.service.ts";
import { PaymentAuditRepository } from "./payment-audit.repository.ts";
import { PaymentEvents } from "./payment.events.ts";
import { createPaymentLoaders } from "./payment.loaders.ts";
import { PaymentRepository } from "./payment.repository.ts";
import {
  PaymentEventResolver,
  PaymentRefundResolver,
  PaymentResolver,
  ViewerPaymentsResolver,
} from "./payment.resolver.ts";
import { PaymentService } from "./payment.service.ts";

export interface PaymentDependencies {
  readonly unitOfWork: UnitOfWork;
  readonly database: Database;
  readonly ids: Ids;
  readonly feed: Feed;
  readonly clock: Clock;
  readonly log: Logger;
  readonly rateLimiter: RateLimiter;
  readonly wallets: Pick<WalletService, "credit" | "takeBack">;
  readonly users: Pick<UserService, "find">;
  readonly plans: PlanService;
  readonly returnUrls: ReturnUrls;
  readonly creditStore: CreditStore | null;
  readonly reports: BillingReports;
}

/** The room of single purchases, put together. */
export interface PaymentRoom extends Required<
  Pick<DomainModule, "resolvers" | "loaders" | "crons" | "reconcile">
> {
  readonly payments: PaymentService;
  readonly checkouts: CheckoutService;
  /** Everything that a user has bought once. */
  export(userId: string): Promise<unknown>;
  /** Makes a guest's purchases an account's. @returns how many */
  merge(
    tx: Tx,
    move: { readonly fromUserId: string; readonly toUserId: string },
  ): Promise<{ payments: number }>;
}

/** Single purchases, and taking them back. */
export function createPaymentRoom(dependencies: PaymentDependencies): PaymentRoom {
  const { database, unitOfWork: uow, reports } = dependencies;
  const repository = new PaymentRepository(database);
  const checkoutRepository = new CheckoutRepository(database);
  const audit = new PaymentAuditRepository(database);
  const payments = new PaymentService({
    ...dependencies,
    payments: repository,
    checkouts: checkoutRepository,
    events: new PaymentEvents(dependencies.feed),
  });
  const checkouts = new CheckoutService({
    ...dependencies,
    uow,
    checkouts: checkoutRepository,
    store: dependencies.creditStore,
  });
  reports.on("PURCHASE", async (tx, report) => void (await payments.record(tx, report)));
  reports.on("REFUND", async (tx, report) => void (await payments.refund(tx, report)));
  reports.on("DISPUTE", async (tx, report) => void (await payments.dispute(tx, report)));
  registerPaymentNodes();
  return {
    payments,
    checkouts,
    resolvers: [
      new PaymentResolver(),
      new PaymentRefundResolver(),
      new PaymentEventResolver(),
      new ViewerPaymentsResolver(payments, checkouts),
    ],
    loaders: () => createPaymentLoaders(repository),
    crons: [
      {
        name: "reconcile_payments",
        pattern: "12 2 * * *",
        run: async () => {
          const { log } = dependencies;
          for (const finding of await audit.findings()) log.error(finding, "the books disagree");
        },
      },
    ],
    reconcile: () => audit.findings(),
    export: (userId) => repository.allOf(userId),
    merge: async (tx, { fromUserId, toUserId }) => {
      await checkoutRepository.move(tx, fromUserId, toUserId);
      return { payments: await repository.move(tx, fromUserId, toUserId) };
    },
  };
}

/** A payment can be fetched again by its buyer alone. */
function registerPaymentNodes(): void {
  registerNodeSource({
    prefix: "pay",
    typeName: "Payment",
    load: async (context, ids) => {
      const { userId } = signedIn(context);
      const found = await Promise.all(ids.map((id) => context.loaders.payment.load(id)));
      return found.map((payment) => (payment?.userId === userId ? payment : null));
    },
  });
}
