import type { UnitOfWork } from "../../../platform/db/unit-of-work.ts";
import { problem, type Problem } from "../../../platform/graphql/problems.ts";
import type { Logger } from "../../../platform/observe/logger.ts";
import type { RateLimiter } from "../../../platform/redis/rate-limiter.ts";
import { ProviderError } from "../../../platform/resilience/provider-error.ts";
import type { AppStoreReports } from "../app-store/app-store-reports.ts";
import type { AppStoreRepository } from "../app-store/app-store.repository.ts";
import type { AppStore, BillingReport } from "../billing.ports.ts";
import type { CheckoutService } from "../payments/checkout.service.ts";
import type { SubscriptionService } from "../subscriptions/subscription.service.ts";

const SYNCS = { name: "purchase-syncs", points: 10, windowSeconds: 60 };

/** Asks the stores what a user has bought, for who has paid and does not want to wait for the store to tell. */
export class SyncService {
  private readonly running = new Map<string, Promise<Problem[]>>();

  constructor(
    private readonly dependencies: {
      readonly uow: UnitOfWork;
      readonly subscriptions: Pick<SubscriptionService, "refreshOf">;
      readonly checkouts: Pick<CheckoutService, "reportsOf">;
      /** Null when it cannot be asked. */
      readonly appStore: AppStore | null;
      readonly history: Pick<AppStoreRepository, "namesOf">;
      readonly reports: AppStoreReports;
      readonly rateLimiter: RateLimiter;
      readonly log: Logger;
    },
  ) {}

  /**
   * Takes what the stores say as if they had told it themselves: whatever comes first counts, and once. Calls for one
   * user at one time are one call. @returns a STORE_UNAVAILABLE for each store that did not answer
   * @throws RATE_LIMITED
   */
  async sync(userId: string): Promise<Problem[]> {
    const { rateLimiter } = this.dependencies;
    await rateLimiter.consume(SYNCS, userId);
    const present = this.running.get(userId);
    if (present) return present;
    const work = this.askAll(userId).finally(() => this.running.delete(userId));
    this.running.set(userId, work);
    return work;
  }

  private async askAll(userId: string): Promise<Problem[]> {
    const { subscriptions, checkouts } = this.dependencies;
    const asked = await Promise.all([
      this.ask("Subscriptions of the web", () => subscriptions.refreshOf(userId)),
      this.ask("Credits", async () => {
        await this.applyAll(await checkouts.reportsOf(userId));
      }),
      this.ask("Purchases on phones", async () => {
        await this.applyAll(await this.appStoreReportsOf(userId));
      }),
    ]);
    return asked.filter((each) => each !== null);
  }

  /** What another store says still counts when one is away. */
  private async ask(what: string, work: () => Promise<void>): Promise<Problem | null> {
    try {
      await work();
      return null;
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      this.dependencies.log.warn({ err: error }, "a store could not be asked for purchases");
      return problem("STORE_UNAVAILABLE", `${what} cannot be checked now. Try again later.`);
    }
  }

  private async appStoreReportsOf(userId: string): Promise<BillingReport[]> {
    const { appStore, history, reports } = this.dependencies;
    if (!appStore) return [];
    const names = await history.namesOf(userId);
    const all = await Promise.all(names.map((name) => appStore.reportsOf(name)));
    return all
      .flat()
      .filter((report) => !("productId" in report) || reports.isSold(report.productId ?? ""));
  }

  private async applyAll(all: readonly BillingReport[]): Promise<void> {
    const { uow, reports } = this.dependencies;
    for (const report of all) await uow.run((tx) => reports.apply(tx, report));
  }
}
