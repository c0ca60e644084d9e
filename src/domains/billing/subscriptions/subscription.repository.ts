import type { Database } from "../../../platform/db/database.ts";
import type { Tx } from "../../../platform/db/unit-of-work.ts";
import type { Store, SubscriptionStatus } from "../billing.ports.ts";
import type { Registers } from "./subscription.state.ts";

/** A subscription as it stands. */
export interface Subscription {
  readonly id: string;
  readonly store: Store;
  readonly storeSubscriptionId: string;
  readonly customerId: string | null;
  /** Null until a report names the user. */
  readonly userId: string | null;
  /** The store's id of what was subscribed to; null until the store said it. */
  readonly productId: string | null;
  readonly status: SubscriptionStatus;
  /** Null: it never ends. */
  readonly periodEnd: Date | null;
  readonly graceUntil: Date | null;
  readonly pastDueSince: Date | null;
  readonly cancelAtPeriodEnd: boolean;
  /** Whether it was a test purchase. */
  readonly sandbox: boolean;
  /** Rises with each change. */
  readonly version: number;
}

/** A subscription with all that it follows from. */
export interface KnownSubscription extends Subscription {
  readonly registers: Registers;
}

const COLUMNS = `id, store, store_subscription_id as "storeSubscriptionId", customer_id as "customerId",
  user_id as "userId", product_id as "productId", status, current_period_end as "periodEnd",
  grace_until as "graceUntil", past_due_since as "pastDueSince",
  cancel_at_period_end as "cancelAtPeriodEnd", sandbox, version`;

const REGISTERS = `snapshot_at as "snapshotAt", snapshot_rank as "snapshotRank",
  snapshot_status as "snapshotStatus", paid_at as "paidAt", failed_at as "failedAt"`;

interface RegisterColumns {
  readonly snapshotAt: Date | null;
  readonly snapshotRank: number | null;
  readonly snapshotStatus: SubscriptionStatus | null;
  readonly paidAt: Date | null;
  readonly failedAt: Date[];
}

/** The task of the queue that reads a subscription from its store. */
export const REFRESH_TASK = "refresh_subscription";

/** Every statement on `subscriptions`. */
export class SubscriptionRepository {
  constructor(private readonly database: Database) {}

  /** Locks a subscription for the rest of the transaction, and adds it as INCOMPLETE when it is not known. */
  async lockOrAdd(
    tx: Tx,
    key: { id: string; store: Store; storeSubscriptionId: string },
  ): Promise<KnownSubscription> {
    const values = [key.store, key.storeSubscriptionId];
    const find = `select ${COLUMNS}, ${REGISTERS} from subscriptions
      where store = $1 and store_subscription_id = $2 for update`;
    let rows = await tx.query<Subscription & RegisterColumns>(find, values);
    if (rows.length === 0) {
      await tx.execute(
        `insert into subscriptions (id, store, store_subscription_id) values ($3, $1, $2)
         on conflict on constraint subscriptions_of_store do nothing`,
        [...values, key.id],
      );
      rows = await tx.query<Subscription & RegisterColumns>(find, values);
    }
    const row = rows[0];
    if (!row) throw new Error("A subscription was added and is gone.");
    return known(row);
  }

  /** Writes a locked subscription. @returns its new version */
  async save(tx: Tx, subscription: KnownSubscription): Promise<number> {
    const { registers, ...row } = subscription;
    const rows = await tx.query<{ version: number }>(
      `update subscriptions set customer_id = $2, user_id = $3, product_id = $4, status = $5,
         current_period_end = $6, grace_until = $7, past_due_since = $8,
         cancel_at_period_end = $9, sandbox = $10, snapshot_at = $11, snapshot_rank = $12,
         snapshot_status = $13, paid_at = $14, failed_at = $15, version = version + 1,
         updated_at = now()
       where id = $1 returning version`,
      [
        ...[row.id, row.customerId, row.userId, row.productId, row.status, row.periodEnd],
        ...[row.graceUntil, row.pastDueSince, row.cancelAtPeriodEnd, row.sandbox],
        ...[registers.snapshot?.at, registers.snapshot?.rank, registers.snapshot?.status],
        ...[registers.paidAt, registers.failedAt],
      ],
    );
    return rows[0]?.version ?? subscription.version;
  }

  /** Locks what a customer has and nobody is named for; in one order for all. */
  async lockUnclaimed(tx: Tx, store: Store, customerId: string): Promise<KnownSubscription[]> {
    const rows = await tx.query<Subscription & RegisterColumns>(
      `select ${COLUMNS}, ${REGISTERS} from subscriptions
       where store = $1 and customer_id = $2 and user_id is null order by id for update`,
      [store, customerId],
    );
    return rows.map(known);
  }

  /** Locks what a user has. */
  async lockOfUser(tx: Tx, userId: string): Promise<KnownSubscription[]> {
    const rows = await tx.query<Subscription & RegisterColumns>(
      `select ${COLUMNS}, ${REGISTERS} from subscriptions
       where user_id = $1 order by id for update`,
      [userId],
    );
    return rows.map(known);
  }

  /** Deletes a subscription. @returns what it was, null when there was none */
  async remove(tx: Tx, id: string): Promise<Subscription | null> {
    const rows = await tx.query<Subscription>(
      `delete from subscriptions where id = $1 returning ${COLUMNS}`,
      [id],
    );
    return rows[0] ?? null;
  }

  /** Has the queue read a subscription from its store, once for all who ask meanwhile. */
  async queueRefresh(tx: Tx, id: string): Promise<void> {
    await tx.query(
      `select graphile_worker.add_job($1, json_build_object('id', $2::text), job_key := $3)`,
      [REFRESH_TASK, id, `${REFRESH_TASK}:${id}`],
    );
  }

  /** What a customer has and had. */
  async byCustomer(store: Store, customerId: string): Promise<Subscription[]> {
    return this.database.query<Subscription>(
      `select ${COLUMNS} from subscriptions where store = $1 and customer_id = $2`,
      [store, customerId],
      "subscriptions_by_customer",
    );
  }

  /** Subscriptions by our ids. */
  async byIds(ids: readonly string[]): Promise<Subscription[]> {
    return this.database.query<Subscription>(
      `select ${COLUMNS} from subscriptions where id = any($1)`,
      [ids],
      "subscriptions_by_ids",
    );
  }

  /** What a user has and had, the newest first, at most `limit`. */
  async newestOf(userId: string, limit: number): Promise<Subscription[]> {
    return this.database.query<Subscription>(
      `select ${COLUMNS} from subscriptions where user_id = $1
       order by created_at desc, id desc limit $2`,
      [userId, limit],
      "subscriptions_of_user",
    );
  }

  /** All that a user has and had, for an export. */
  async allOf(userId: string): Promise<Subscription[]> {
    return this.database.query<Subscription>(
      `select ${COLUMNS} from subscriptions where user_id = $1 order by created_at`,
      [userId],
    );
  }

  /** Cuts a user's subscriptions off from the user. */
  async forget(tx: Tx, userId: string): Promise<void> {
    await tx.execute("update subscriptions set user_id = null where user_id = $1", [userId]);
  }

  /** What may give a plan to one of some users now. @param tx to read in a transaction */
  async runningOf(userIds: readonly string[], tx?: Tx): Promise<Subscription[]> {
    const text = `select ${COLUMNS} from subscriptions
      where user_id = any($1) and status in ('TRIALING', 'ACTIVE', 'PAST_DUE')`;
    return (tx ?? this.database).query<Subscription>(text, [userIds], "subscriptions_running");
  }
}

function known(row: Subscription & RegisterColumns): KnownSubscription {
  const { snapshotAt, snapshotRank, snapshotStatus, paidAt, failedAt, ...rest } = row;
  const { productId, periodEnd, graceUntil, cancelAtPeriodEnd } = rest;
  const isKnown = snapshotAt && snapshotRank !== null && snapshotStatus && productId !== null;
  const snapshot = isKnown
    ? {
        at: snapshotAt,
        rank: snapshotRank,
        status: snapshotStatus,
        ...{ productId, periodEnd, graceUntil, cancelAtPeriodEnd },
      }
    : null;
  return { ...rest, registers: { snapshot, paidAt, failedAt } };
}
