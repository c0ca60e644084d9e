import type { Tx } from "../../../platform/db/unit-of-work.ts";
import type { PageRequest } from "../../../platform/graphql/connection.ts";
import type { Ids } from "../../../platform/ids/ids.ts";
import type { User, UserService } from "../../identity/index.ts";
import type { WalletService } from "../../wallet/index.ts";
import type { DisputeReport, PurchaseReport, RefundReport, Store } from "../billing.ports.ts";
import type { PlanService } from "../plans/plan.service.ts";
import type { CheckoutRepository } from "./checkout.repository.ts";
import type { PaymentEvents } from "./payment.events.ts";
import type {
  KnownPayment,
  Payment,
  PaymentRefund,
  PaymentRepository,
  Purchase,
} from "./payment.repository.ts";
import type { PaymentStatus } from "./payment.vocabulary.ts";
import { settlementOf } from "./settlement.ts";

/** A payment's state never goes back to an earlier one of these, in whichever order reports come. */
const ORDER: readonly PaymentStatus[] = ["PENDING", "CANCELED", "FAILED", "SUCCEEDED"];

/**
 * Keeps what was bought once, and gives and takes back what it stands for. Reports may come in any order and repeatedly:
 * a payment is granted once, a refund is settled once, and a refund that comes before its payment waits for it.
 */
export class PaymentService {
  constructor(
    private readonly dependencies: {
      readonly payments: PaymentRepository;
      readonly checkouts: Pick<CheckoutRepository, "byId">;
      readonly wallets: Pick<WalletService, "credit" | "takeBack">;
      readonly users: Pick<UserService, "find">;
      readonly plans: Pick<PlanService, "packageOf">;
      readonly events: PaymentEvents;
      readonly ids: Ids;
    },
  ) {}

  /**
   * Takes a purchase as a store reports it.
   * @returns whether anything changed
   * @throws Error when its product, its checkout or its buyer is not known, or they contradict each other
   */
  async record(tx: Tx, report: PurchaseReport): Promise<boolean> {
    const payment = await this.lock(tx, report.store, report.paymentId);
    if (payment.productId !== null && payment.productId !== report.productId) {
      throw new Error(`The payment ${payment.id} is for ${payment.productId}.`);
    }
    const known = payment.userId !== null;
    if (known && rankOf(report.status) <= rankOf(payment.status)) return false;
    const purchase = await this.purchaseOf(tx, report, payment);
    let state = await this.dependencies.payments.setPurchase(tx, payment.id, purchase);
    if (state.status === "SUCCEEDED") {
      await this.grant(tx, state);
      state = await this.settleRefunds(tx, state);
    }
    await this.dependencies.events.changed(tx, state);
    return true;
  }

  /** Takes a refund as a store reports it. @returns whether anything changed */
  async refund(tx: Tx, report: RefundReport): Promise<boolean> {
    const payment = await this.lock(tx, report.store, report.paymentId);
    const isNew = await this.dependencies.payments.addRefund(tx, {
      id: this.dependencies.ids.next("prf"),
      paymentId: payment.id,
      store: report.store,
      storeRefundId: report.refundId,
      reason: "REFUND",
      askedAmount: report.amount,
      occurredAt: report.occurredAt,
    });
    if (isNew) await this.refundsChanged(tx, payment);
    return isNew;
  }

  /** Takes a dispute as a store reports it: a lost one gives all money back. @returns whether anything changed */
  async dispute(tx: Tx, report: DisputeReport): Promise<boolean> {
    const { payments, ids } = this.dependencies;
    const payment = await this.lock(tx, report.store, report.paymentId);
    const marked = await payments.setDispute(tx, payment.id, report.state);
    const added =
      report.state === "LOST" &&
      (await payments.addRefund(tx, {
        id: ids.next("prf"),
        paymentId: payment.id,
        store: report.store,
        storeRefundId: report.disputeId,
        reason: "DISPUTE",
        askedAmount: null,
        occurredAt: report.occurredAt,
      }));
    if (marked ?? added) await this.refundsChanged(tx, marked ?? payment);
    return marked !== null || added;
  }

  /** A page of a user's payments, newest first. */
  pageOf(userId: string, page: PageRequest): Promise<Payment[]> {
    return this.dependencies.payments.pageOf(userId, page);
  }

  /** A page of refunds that could not be taken back in full, newest first. */
  debts(page: PageRequest): Promise<PaymentRefund[]> {
    return this.dependencies.payments.debts(page);
  }

  private lock(tx: Tx, store: Store, storePaymentId: string): Promise<KnownPayment> {
    const { payments, ids } = this.dependencies;
    return payments.lock(tx, { id: ids.next("pay"), store, storePaymentId });
  }

  private async purchaseOf(
    tx: Tx,
    report: PurchaseReport,
    payment: KnownPayment,
  ): Promise<Purchase> {
    const facts = {
      moneyAmount: report.amount ?? payment.moneyAmount,
      moneyCurrency: report.currency ?? payment.moneyCurrency,
      status: report.status,
      sandbox: report.sandbox,
      occurredAt: report.occurredAt,
    };
    // What it gives stays what it was when it was first heard of, though packages may change.
    if (payment.userId !== null) return { ...payment, ...facts };
    const content =
      report.store === "STRIPE"
        ? null
        : this.dependencies.plans.packageOf(report.store, report.productId);
    if (!content) throw new Error(`No package is sold as ${report.productId}.`);
    return {
      ...facts,
      ...(await this.buyerOf(tx, report)),
      productId: report.productId,
      packageName: content.name,
      currency: content.currency,
      amount: content.amount * report.quantity,
    };
  }

  /** Our own note of the checkout says who buys. What else the report says must not contradict it. */
  private async buyerOf(
    tx: Tx,
    { reference, userId }: PurchaseReport,
  ): Promise<Pick<Purchase, "userId" | "checkoutId">> {
    const { checkouts, users } = this.dependencies;
    if (reference !== null) {
      const checkout = await checkouts.byId(tx, reference);
      if (!checkout) throw new Error(`There is no checkout ${reference}.`);
      if (userId !== null && userId !== checkout.openedBy) {
        throw new Error(`The checkout ${reference} was opened by somebody else.`);
      }
      return { userId: checkout.userId, checkoutId: checkout.id };
    }
    const user: User | null = userId === null ? null : await users.find(userId, tx);
    if (!user) throw new Error("Nobody knows whose payment this is.");
    return { userId: user.id, checkoutId: null };
  }

  private async grant(tx: Tx, payment: Payment): Promise<void> {
    await this.dependencies.wallets.credit(tx, {
      userId: payment.userId,
      currency: payment.currency,
      amount: payment.amount,
      kind: "PURCHASE",
      reference: { type: "payment", id: payment.id },
      key: grantKey(payment.id),
    });
  }

  private async refundsChanged(tx: Tx, payment: KnownPayment): Promise<void> {
    if (payment.userId === null) return;
    const settled =
      payment.status === "SUCCEEDED" ? await this.settleRefunds(tx, payment) : payment;
    await this.dependencies.events.changed(tx, settled);
  }

  private async settleRefunds(tx: Tx, payment: Payment): Promise<Payment> {
    const { payments, wallets } = this.dependencies;
    let sums = { refundedAmount: payment.refundedAmount, undone: payment.undone };
    const waiting = await payments.waiting(tx, payment.id);
    for (const refund of waiting) {
      const { money, share } = settlementOf({ ...payment, ...sums }, refund.askedAmount);
      const taken =
        share === 0
          ? null
          : await wallets.takeBack(tx, {
              entryKey: grantKey(payment.id),
              amount: share,
              key: `${refund.id}:take-back`,
            });
      const debt = taken?.entry.shortfall ?? 0;
      await payments.settle(tx, refund.id, { amount: money, takenBack: share - debt, debt });
      sums = { refundedAmount: sums.refundedAmount + money, undone: sums.undone + share };
    }
    return waiting.length === 0 ? payment : payments.setUndone(tx, payment.id, sums);
  }
}

const grantKey = (paymentId: string): string => `${paymentId}:grant`;

const rankOf = (status: PaymentStatus): number => ORDER.indexOf(status);
