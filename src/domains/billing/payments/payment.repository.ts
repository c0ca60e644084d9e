import type { Database } from "../../../platform/db/database.ts";
import type { Tx } from "../../../platform/db/unit-of-work.ts";
import { rowsToFetch, type PageRequest } from "../../../platform/graphql/connection.ts";
import type { WalletCurrency } from "../../wallet/index.ts";
import type { Store } from "../billing.ports.ts";
import type { PaymentStatus, RefundReason } from "./payment.vocabulary.ts";

/** What is known of a payment once its purchase was reported. */
export interface Purchase {
  readonly userId: string;
  readonly checkoutId: string | null;
  readonly productId: string;
  readonly packageName: string;
  /** What the package gives. */
  readonly currency: WalletCurrency;
  readonly amount: number;
  /** In the smallest unit of the currency; null when the store did not tell. */
  readonly moneyAmount: number | null;
  readonly moneyCurrency: string | null;
  readonly status: PaymentStatus;
  readonly sandbox: boolean;
  readonly occurredAt: Date;
}

interface PaymentFacts {
  readonly id: string;
  readonly store: Store;
  readonly storePaymentId: string;
  readonly dispute: "OPENED" | "LOST" | null;
  /** Money that went back, in the smallest unit. */
  readonly refundedAmount: number;
  /** How much of `amount` refunds have undone, with what had been spent already. */
  readonly undone: number;
  readonly version: number;
  readonly createdAt: Date;
}

/** A payment that somebody made. */
export type Payment = PaymentFacts & Purchase;

/** A payment as it stands; of one whose refund was reported first, nothing is known of the purchase. */
export type KnownPayment =
  | Payment
  | (PaymentFacts & { readonly [K in keyof Purchase]: K extends "status" ? "PENDING" : null });

/** Money that went back. */
export interface PaymentRefund {
  readonly id: string;
  readonly paymentId: string;
  readonly storeRefundId: string;
  readonly reason: RefundReason;
  /** As the store said it; null: all that is left. */
  readonly askedAmount: number | null;
  readonly status: "WAITING" | "SETTLED";
  /** Money in the smallest unit; null until the payment is known. */
  readonly amount: number | null;
  readonly takenBack: number;
  /** What should have been taken back, and had been spent already. */
  readonly debt: number;
  readonly occurredAt: Date;
  readonly createdAt: Date;
}

/** What settling a refund came to. */
export interface Settlement {
  readonly amount: number;
  readonly takenBack: number;
  readonly debt: number;
}

const PAYMENT = `p.id, p.store, p.store_payment_id as "storePaymentId", p.user_id as "userId",
  p.checkout_id as "checkoutId", p.product_id as "productId", p.package_name as "packageName",
  p.currency, p.amount, p.money_amount as "moneyAmount", p.money_currency as "moneyCurrency",
  p.status, p.dispute, p.refunded_amount as "refundedAmount", p.undone, p.sandbox, p.version,
  p.occurred_at as "occurredAt", p.created_at as "createdAt"`;

const REFUND = `r.id, r.payment_id as "paymentId", r.store_refund_id as "storeRefundId", r.reason,
  r.asked_amount as "askedAmount", r.status, r.amount, r.taken_back as "takenBack", r.debt,
  r.occurred_at as "occurredAt", r.created_at as "createdAt"`;

/** Every statement on `payments` and `payment_refunds`. */
export class PaymentRepository {
  constructor(private readonly database: Database) {}

  /** Locks a payment until the transaction ends, and begins it when nothing is known of it yet. */
  async lock(
    tx: Tx,
    key: { id: string; store: Store; storePaymentId: string },
  ): Promise<KnownPayment> {
    await tx.execute(
      `insert into payments (id, store, store_payment_id) values ($1, $2, $3)
       on conflict (store, store_payment_id) do nothing`,
      [key.id, key.store, key.storePaymentId],
    );
    const rows = await tx.query<KnownPayment>(
      `select ${PAYMENT} from payments p where p.store = $1 and p.store_payment_id = $2
       for no key update`,
      [key.store, key.storePaymentId],
    );
    if (!rows[0]) throw new Error("A payment was begun and is gone.");
    return rows[0];
  }

  /** Writes what was bought; the payment must be locked. */
  async setPurchase(tx: Tx, id: string, purchase: Purchase): Promise<Payment> {
    const rows = await tx.query<Payment>(
      `update payments p set user_id = $2, checkout_id = $3, product_id = $4, package_name = $5,
         currency = $6, amount = $7, money_amount = $8, money_currency = $9, status = $10,
         sandbox = $11, occurred_at = $12, version = version + 1, updated_at = clock_timestamp()
       where id = $1 returning ${PAYMENT}`,
      [
        id,
        purchase.userId,
        purchase.checkoutId,
        purchase.productId,
        purchase.packageName,
        purchase.currency,
        purchase.amount,
        purchase.moneyAmount,
        purchase.moneyCurrency,
        purchase.status,
        purchase.sandbox,
        purchase.occurredAt,
      ],
    );
    return one(rows);
  }

  /** Writes what settled refunds have come to together; the payment must be locked. */
  async setUndone(
    tx: Tx,
    id: string,
    sums: { refundedAmount: number; undone: number },
  ): Promise<Payment> {
    const rows = await tx.query<Payment>(
      `update payments p set refunded_amount = $2, undone = $3, version = version + 1,
         updated_at = clock_timestamp()
       where id = $1 returning ${PAYMENT}`,
      [id, sums.refundedAmount, sums.undone],
    );
    return one(rows);
  }

  /** Marks a dispute; one that is lost stays lost. @returns null when nothing changed */
  async setDispute(tx: Tx, id: string, dispute: "OPENED" | "LOST"): Promise<KnownPayment | null> {
    const rows = await tx.query<KnownPayment>(
      `update payments p set dispute = $2, version = version + 1, updated_at = clock_timestamp()
       where id = $1 and (dispute is null or (dispute = 'OPENED' and $2 = 'LOST'))
       returning ${PAYMENT}`,
      [id, dispute],
    );
    return rows[0] ?? null;
  }

  /** Notes a refund; false when it is noted already. @throws Error when it is one of another payment */
  async addRefund(
    tx: Tx,
    refund: Pick<
      PaymentRefund,
      "id" | "paymentId" | "storeRefundId" | "reason" | "askedAmount" | "occurredAt"
    > & { store: Store },
  ): Promise<boolean> {
    const rows = await tx.query<{ paymentId: string; isNew: boolean }>(
      `with added as (
         insert into payment_refunds
           (id, payment_id, store, store_refund_id, reason, asked_amount, occurred_at)
         values ($1, $2, $3, $4, $5, $6, $7) on conflict (store, store_refund_id) do nothing
         returning payment_id)
       select payment_id as "paymentId", true as "isNew" from added
       union all
       select payment_id, false from payment_refunds where store = $3 and store_refund_id = $4`,
      [
        refund.id,
        refund.paymentId,
        refund.store,
        refund.storeRefundId,
        refund.reason,
        refund.askedAmount,
        refund.occurredAt,
      ],
    );
    if (rows[0]?.paymentId !== refund.paymentId) {
      throw new Error(`The refund ${refund.storeRefundId} belongs to another payment.`);
    }
    return rows[0].isNew;
  }

  /** Refunds of a payment that nobody has settled, the oldest first. */
  waiting(tx: Tx, paymentId: string): Promise<PaymentRefund[]> {
    return tx.query<PaymentRefund>(
      `select ${REFUND} from payment_refunds r where r.payment_id = $1 and r.status = 'WAITING'
       order by r.occurred_at, r.store_refund_id`,
      [paymentId],
    );
  }

  async settle(tx: Tx, refundId: string, settlement: Settlement): Promise<void> {
    await tx.execute(
      `update payment_refunds set status = 'SETTLED', amount = $2, taken_back = $3, debt = $4,
         settled_at = clock_timestamp()
       where id = $1 and status = 'WAITING'`,
      [refundId, settlement.amount, settlement.takenBack, settlement.debt],
    );
  }

  /** Payments by id, without those of which nothing but a refund is known. */
  byIds(ids: readonly string[]): Promise<Payment[]> {
    return this.database.query<Payment>(
      `select ${PAYMENT} from payments p where p.id = any($1) and p.user_id is not null`,
      [ids],
      "billing.payments_by_id",
    );
  }

  /** Settled refunds of some payments, the oldest first. */
  refundsOf(paymentIds: readonly string[]): Promise<PaymentRefund[]> {
    return this.database.query<PaymentRefund>(
      `select ${REFUND} from payment_refunds r
       where r.payment_id = any($1) and r.status = 'SETTLED' order by r.id`,
      [paymentIds],
      "billing.refunds_of_payments",
    );
  }

  /** A page of a user's payments, the newest first. */
  pageOf(userId: string, page: PageRequest): Promise<Payment[]> {
    const [compare, order] = page.backward ? [">", "asc"] : ["<", "desc"];
    return this.database.query<Payment>(
      `select ${PAYMENT} from payments p
       where p.user_id = $1 and ($2::text is null or p.id ${compare} $2)
       order by p.id ${order} limit $3`,
      [userId, page.beyond?.[0] ?? null, rowsToFetch(page)],
      `billing.payments_page_${order}`,
    );
  }

  /** All payments of a user with what went back of them, as JSON, the oldest first. */
  allOf(userId: string): Promise<object[]> {
    return this.database.query(
      `select ${PAYMENT},
         (select coalesce(json_agg(json_build_object('reason', r.reason, 'amount', r.amount,
            'takenBack', r.taken_back, 'debt', r.debt, 'occurredAt', r.occurred_at) order by r.id), '[]')
          from payment_refunds r where r.payment_id = p.id) as refunds
       from payments p where p.user_id = $1 order by p.id`,
      [userId],
      "billing.payments_of_user",
    );
  }

  /** A page of the refunds that could not be taken back in full, the newest first. */
  debts(page: PageRequest): Promise<PaymentRefund[]> {
    const [compare, order] = page.backward ? [">", "asc"] : ["<", "desc"];
    return this.database.query<PaymentRefund>(
      `select ${REFUND} from payment_refunds r
       where r.debt > 0 and ($1::text is null or r.id ${compare} $1)
       order by r.id ${order} limit $2`,
      [page.beyond?.[0] ?? null, rowsToFetch(page)],
      `billing.debts_page_${order}`,
    );
  }

  /** Makes one user's payments another's. @returns how many */
  move(tx: Tx, fromUserId: string, toUserId: string): Promise<number> {
    return tx.execute(
      `update payments set user_id = $2, version = version + 1, updated_at = clock_timestamp()
       where user_id = $1`,
      [fromUserId, toUserId],
    );
  }
}

function one<T>(rows: readonly T[]): T {
  if (!rows[0]) throw new Error("A payment was locked and is gone.");
  return rows[0];
}
