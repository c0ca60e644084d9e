import type { Tx } from "../../../platform/db/unit-of-work.ts";
import type {
  BillingReport,
  PurchaseReport,
  RefundReport,
  SubscriptionReport,
  TransferReport,
} from "../billing.ports.ts";
import type { PlanService } from "../plans/plan.service.ts";
import type { BillingReports } from "../reports/billing-reports.ts";
import type {
  KnownSubscription,
  SubscriptionRepository,
} from "../subscriptions/subscription.repository.ts";
import type { SubscriptionService } from "../subscriptions/subscription.service.ts";
import type { AppStoreRepository } from "./app-store.repository.ts";
import { isOurs, ownerOf, possessionsOf, type BoughtState, type Possession } from "./ownership.ts";

export interface AppStoreReportsDependencies {
  readonly history: AppStoreRepository;
  readonly held: Pick<SubscriptionRepository, "lockOfUser">;
  readonly subscriptions: Pick<SubscriptionService, "remove">;
  /** Takes what has its owner. */
  readonly reports: Pick<BillingReports, "apply">;
  readonly plans: Pick<PlanService, "planOf" | "packageOf">;
  /** Whether test purchases count. */
  readonly acceptSandbox: boolean;
}

const STORE = "REVENUECAT";

/**
 * Finds out whose a purchase in the store of a phone is before others take the report. Purchases there belong to the
 * account of the phone's owner, and follow whoever signs in next: what was said of whom is kept as it was said, and who
 * has what follows from all of it, in whatever order it came.
 */
export class AppStoreReports {
  constructor(private readonly dependencies: AppStoreReportsDependencies) {}

  /**
   * Applies a report in the caller's transaction, as `BillingReports.apply` does. A report of a product that another
   * one speaks for, such as a subscription to a package of points, changes nothing.
   * @returns false when it changes nothing, whatever else was said
   * @throws Error when nothing is sold under its product id
   */
  async apply(tx: Tx, report: BillingReport): Promise<boolean> {
    const { reports, acceptSandbox } = this.dependencies;
    if (report.store !== STORE) return reports.apply(tx, report);
    if (report.sandbox && !acceptSandbox) return false;
    switch (report.kind) {
      case "SUBSCRIPTION":
        return this.givesPlan(report.productId) && this.state(tx, report);
      case "PURCHASE":
        return !this.givesPlan(report.productId) && this.purchase(tx, report);
      case "REFUND":
        return this.refund(tx, report);
      case "TRANSFER":
        return this.transfer(tx, report);
      default:
        return reports.apply(tx, report);
    }
  }

  /** Whether anything is sold under a product id. */
  isSold(productId: string): boolean {
    const { plans } = this.dependencies;
    return [plans.planOf(STORE, productId), plans.packageOf(STORE, productId)].some(
      (found) => found !== null,
    );
  }

  /** Makes everything that a guest bought, and will be said to have bought, an account's. May be called again. */
  async merge(tx: Tx, move: { fromUserId: string; toUserId: string }): Promise<void> {
    const { history } = this.dependencies;
    await this.lockedCircle(tx, [move.fromUserId, move.toUserId]);
    await history.merge(tx, move);
    await this.settle(tx, await this.lockedCircle(tx, [move.fromUserId, move.toUserId]));
  }

  private givesPlan(productId: string): boolean {
    if (!this.isSold(productId)) throw new Error(`Nothing is sold as ${productId}.`);
    return this.dependencies.plans.planOf(STORE, productId) !== null;
  }

  private async state(tx: Tx, report: SubscriptionReport): Promise<boolean> {
    const appUserId = await this.buyerOf(tx, report);
    const circle = await this.lockedCircle(tx, [appUserId]);
    if (!(await this.dependencies.history.addState(tx, { ...report, appUserId }))) return false;
    await this.settle(tx, circle);
    return true;
  }

  /** What is used up stays with who bought it; only who had not signed in yet hands it on. */
  private async purchase(tx: Tx, report: PurchaseReport): Promise<boolean> {
    const { history, reports } = this.dependencies;
    const appUserId = await this.buyerOf(tx, report);
    if (isOurs(appUserId)) return reports.apply(tx, { ...report, userId: appUserId });
    const circle = await this.lockedCircle(tx, [appUserId]);
    await history.addPurchase(tx, { ...report, appUserId });
    await this.claim(tx, circle);
    return true;
  }

  private async refund(tx: Tx, report: RefundReport): Promise<boolean> {
    const { productId } = report;
    if (productId !== undefined && this.givesPlan(productId)) return false;
    return this.dependencies.reports.apply(tx, report);
  }

  private async transfer(tx: Tx, report: TransferReport): Promise<boolean> {
    const { history } = this.dependencies;
    const ids = await history.accountsOf(tx, [report.toUserId, ...report.fromUserIds]);
    const [toId = report.toUserId, ...fromIds] = ids;
    await this.lockedCircle(tx, ids);
    let isNew = false;
    for (const fromId of fromIds) {
      const added = await history.addTransfer(tx, { fromId, toId, occurredAt: report.occurredAt });
      isNew ||= added;
    }
    if (!isNew) return false;
    const circle = await this.lockedCircle(tx, ids);
    await this.settle(tx, circle);
    await this.claim(tx, circle);
    return true;
  }

  private async buyerOf(tx: Tx, report: BillingReport): Promise<string> {
    const named = report.userId ?? report.customerId;
    if (named === null) throw new Error("A report of a purchase names no buyer.");
    const [account = named] = await this.dependencies.history.accountsOf(tx, [named]);
    return account;
  }

  /** Locks everybody whom transfers connect with these: nothing they have changes hands meanwhile. */
  private async lockedCircle(tx: Tx, appUserIds: readonly string[]): Promise<string[]> {
    const { history } = this.dependencies;
    const circle = await history.circleOf(tx, appUserIds);
    await history.lock(tx, circle);
    // Whoever held the lock may have made the circle larger.
    const now = await history.circleOf(tx, appUserIds);
    if (now.length > circle.length) await history.lock(tx, now);
    return now;
  }

  /** Gives what these have to whom it belongs, and takes it from everybody else. */
  private async settle(tx: Tx, circle: readonly string[]): Promise<void> {
    const { history, subscriptions, reports } = this.dependencies;
    const states = await history.statesOf(tx, circle);
    const transfers = await history.transfersFrom(tx, circle);
    const due = new Map(
      possessionsOf(states, transfers)
        .filter(({ ownerId }) => isOurs(ownerId))
        .map((each): [string, Possession] => [`${each.ownerId}/${each.state.productId}`, each]),
    );
    for (const held of await this.heldBy(tx, circle)) {
      const state = due.get(held.storeSubscriptionId)?.state;
      if (state && isSame(held, state)) due.delete(held.storeSubscriptionId);
      else if (!state || !isNewer(state, held)) await subscriptions.remove(tx, held.id);
    }
    for (const [subscriptionId, possession] of due) {
      await reports.apply(tx, reportOf(subscriptionId, possession));
    }
  }

  private async heldBy(tx: Tx, circle: readonly string[]): Promise<KnownSubscription[]> {
    const all: KnownSubscription[] = [];
    for (const userId of circle.filter(isOurs)) {
      all.push(...(await this.dependencies.held.lockOfUser(tx, userId)));
    }
    return all.filter(({ store }) => store === STORE);
  }

  /** Hands single purchases of who had not signed in to the first of our users who took them over. */
  private async claim(tx: Tx, circle: readonly string[]): Promise<void> {
    const { history, reports } = this.dependencies;
    const unclaimed = await history.unclaimedOf(tx, circle);
    if (unclaimed.length === 0) return;
    const transfers = await history.transfersFrom(tx, circle);
    for (const { appUserId, ...purchase } of unclaimed) {
      const userId = ownerOf(appUserId, purchase.occurredAt, transfers, isOurs);
      if (!isOurs(userId)) continue;
      await reports.apply(tx, {
        kind: "PURCHASE",
        store: STORE,
        customerId: appUserId,
        userId,
        reference: null,
        status: "SUCCEEDED",
        ...purchase,
      });
    }
  }
}

function reportOf(subscriptionId: string, { ownerId, state }: Possession): SubscriptionReport {
  const { productId, occurredAt, rank, status, sandbox } = state;
  const { periodEnd, graceUntil, cancelAtPeriodEnd } = state;
  return {
    kind: "SUBSCRIPTION",
    store: STORE,
    customerId: null,
    userId: ownerId,
    subscriptionId,
    ...{ productId, occurredAt, rank, status, sandbox, periodEnd, graceUntil, cancelAtPeriodEnd },
  };
}

const isNewer = (state: BoughtState, { registers: { snapshot } }: KnownSubscription): boolean =>
  snapshot === null ||
  state.occurredAt > snapshot.at ||
  (state.occurredAt.getTime() === snapshot.at.getTime() && state.rank > snapshot.rank);

const isSame = (held: KnownSubscription, state: BoughtState): boolean => {
  const { snapshot } = held.registers;
  return (
    snapshot !== null &&
    snapshot.at.getTime() === state.occurredAt.getTime() &&
    snapshot.rank === state.rank &&
    snapshot.status === state.status &&
    snapshot.periodEnd?.getTime() === state.periodEnd?.getTime() &&
    snapshot.graceUntil?.getTime() === state.graceUntil?.getTime() &&
    snapshot.cancelAtPeriodEnd === state.cancelAtPeriodEnd
  );
};
