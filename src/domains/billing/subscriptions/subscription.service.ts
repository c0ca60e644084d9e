import { isDeepStrictEqual } from "node:util";
import type { Tx, UnitOfWork } from "../../../platform/db/unit-of-work.ts";
import type { Ids } from "../../../platform/ids/ids.ts";
import type {
  BillingReport,
  CustomerReport,
  InvoiceReport,
  Store,
  SubscriptionReport,
  SubscriptionStore,
} from "../billing.ports.ts";
import type { CustomerRepository } from "./customer.repository.ts";
import type { SubscriptionEvents } from "./subscription.events.ts";
import type {
  KnownSubscription,
  Subscription,
  SubscriptionRepository,
} from "./subscription.repository.ts";
import {
  foldInvoice,
  foldRead,
  foldSnapshot,
  isUnclear,
  standingOf,
  type Registers,
} from "./subscription.state.ts";

const MAX_READS = 5;
/** Where the store of the web keeps its subscriptions. */
export const WEB_STORE: Store = "STRIPE";

/**
 * Keeps subscriptions as their stores report them. Reports may come in any order and repeatedly; where they contradict
 * each other, the store is asked.
 */
export class SubscriptionService {
  constructor(
    private readonly dependencies: {
      readonly uow: UnitOfWork;
      readonly subscriptions: SubscriptionRepository;
      readonly customers: CustomerRepository;
      readonly events: SubscriptionEvents;
      readonly store: SubscriptionStore | null;
      readonly ids: Ids;
    },
  ) {}

  /** Learns whose a customer is: what the customer has is the user's from now on. */
  async linkCustomer(tx: Tx, report: CustomerReport): Promise<void> {
    const { store, customerId, userId } = report;
    if (customerId === null || userId === null) return;
    const { customers, subscriptions } = this.dependencies;
    const owner = await customers.link(tx, { store, customerId, userId });
    for (const unclaimed of await subscriptions.lockUnclaimed(tx, store, customerId)) {
      await this.write(tx, unclaimed, { ...unclaimed, ...owner });
    }
  }

  /** Takes all of a subscription as the store pushed it. */
  async record(tx: Tx, report: SubscriptionReport): Promise<void> {
    const before = await this.lock(tx, report);
    const { registers, contradicts } = foldSnapshot(before.registers, report);
    await this.move(tx, before, report, registers);
    if (contradicts) await this.readLater(tx, before);
  }

  /** Takes the outcome of a payment. */
  async recordInvoice(tx: Tx, report: InvoiceReport): Promise<void> {
    const before = await this.lock(tx, report);
    await this.move(tx, before, report, foldInvoice(before.registers, report));
  }

  /**
   * Takes what was read from the store, unless the subscription has changed since.
   * @param version The one before the read
   * @returns false when it has changed, and nothing was done
   */
  async recordRead(tx: Tx, report: SubscriptionReport, version: number): Promise<boolean> {
    const before = await this.lock(tx, report);
    if (before.version !== version) return false;
    await this.move(tx, before, report, foldRead(before.registers, report));
    return true;
  }

  /** Removes a subscription that belongs to nobody here any more. */
  async remove(tx: Tx, id: string): Promise<void> {
    const { subscriptions, events } = this.dependencies;
    const removed = await subscriptions.remove(tx, id);
    if (removed) await events.changed(tx, removed, null);
  }

  /** Makes everything of a guest an account's. @returns how many subscriptions */
  async merge(tx: Tx, move: { fromUserId: string; toUserId: string }): Promise<number> {
    const { subscriptions, customers } = this.dependencies;
    await customers.move(tx, move);
    const moved = await subscriptions.lockOfUser(tx, move.fromUserId);
    for (const before of moved) await this.write(tx, before, { ...before, userId: move.toUserId });
    return moved.length;
  }

  /** Reads a subscription anew from its store; for the queue. @throws ProviderError to be tried again */
  async refresh(id: string): Promise<void> {
    const { subscriptions, store, uow } = this.dependencies;
    for (let reads = 0; reads < MAX_READS; reads += 1) {
      const seen = (await subscriptions.byIds([id]))[0];
      if (!store || seen?.store !== WEB_STORE || seen.customerId === null) return;
      const reports = await store.subscriptionsOf(seen.customerId);
      const report = reports.find((each) => each.subscriptionId === seen.storeSubscriptionId);
      if (!report) return;
      if (await uow.run((tx) => this.recordRead(tx, report, seen.version))) return;
    }
    throw new Error("A subscription changes faster than it can be read.");
  }

  /** Reads everything that a user has on the web. Changes nothing without a store. @throws ProviderError */
  async refreshOf(userId: string): Promise<void> {
    const { subscriptions, customers, store, uow } = this.dependencies;
    const customerId = store && (await customers.currentOf(userId, WEB_STORE));
    if (!store || customerId === null) return;
    const seen = await subscriptions.byCustomer(WEB_STORE, customerId);
    for (const report of await store.subscriptionsOf(customerId)) {
      const known = seen.find((each) => each.storeSubscriptionId === report.subscriptionId);
      await uow.run(async (tx) => {
        if (!known) return this.record(tx, { ...report, userId: report.userId ?? userId });
        if (!(await this.recordRead(tx, report, known.version))) await this.readLater(tx, known);
      });
    }
  }

  private lock(tx: Tx, report: SubscriptionReport | InvoiceReport): Promise<KnownSubscription> {
    const { subscriptions, ids } = this.dependencies;
    const { store, subscriptionId: storeSubscriptionId } = report;
    return subscriptions.lockOrAdd(tx, { id: ids.next("sbn"), store, storeSubscriptionId });
  }

  private async move(
    tx: Tx,
    before: KnownSubscription,
    report: BillingReport,
    registers: Registers,
  ): Promise<void> {
    const customerId = before.customerId ?? report.customerId;
    const userId = before.userId ?? (await this.ownerOf(tx, report, customerId));
    const sandbox = before.sandbox || report.sandbox;
    await this.write(tx, before, { ...before, customerId, userId, sandbox, registers });
  }

  /** What we know of a customer counts more than what a report says: accounts may have been put together. */
  private async ownerOf(
    tx: Tx,
    { store, userId }: BillingReport,
    customerId: string | null,
  ): Promise<string | null> {
    const { customers } = this.dependencies;
    if (customerId === null) return userId;
    if (userId === null) return customers.userOf(tx, store, customerId);
    return (await customers.link(tx, { store, customerId, userId })).userId;
  }

  private async write(tx: Tx, before: KnownSubscription, after: KnownSubscription): Promise<void> {
    const { subscriptions, events } = this.dependencies;
    const { snapshot } = after.registers;
    const next = {
      ...after,
      ...standingOf(after.registers),
      productId: snapshot?.productId ?? null,
      periodEnd: snapshot?.periodEnd ?? null,
      graceUntil: snapshot?.graceUntil ?? null,
      cancelAtPeriodEnd: snapshot?.cancelAtPeriodEnd ?? false,
    };
    if (isDeepStrictEqual(before, next)) return;
    const version = await subscriptions.save(tx, next);
    const isVisible = !isDeepStrictEqual(shown(before), shown(next));
    if (isVisible) await events.changed(tx, before, { ...next, version });
    if (!isUnclear(before.registers) && isUnclear(next.registers)) await this.readLater(tx, next);
  }

  private async readLater(tx: Tx, { id, store: place }: Subscription): Promise<void> {
    const { subscriptions, store } = this.dependencies;
    if (store && place === WEB_STORE) await subscriptions.queueRefresh(tx, id);
  }
}

const shown = ({ registers: _registers, ...subscription }: KnownSubscription): object =>
  subscription;
