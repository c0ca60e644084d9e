import type { Database } from "../../../platform/db/database.ts";
import type { Tx } from "../../../platform/db/unit-of-work.ts";
import type { PurchaseReport } from "../billing.ports.ts";
import type { BoughtState, Transfer } from "./ownership.ts";

const LOCK_CLASS = 4_711_017;

/** A purchase whose buyer had not signed in. */
export type UnclaimedPurchase = Pick<
  PurchaseReport,
  "paymentId" | "productId" | "quantity" | "amount" | "currency" | "occurredAt" | "sandbox"
> & { readonly appUserId: string };

/** Every statement on what the stores of phones have said: it is only added to. */
export class AppStoreRepository {
  constructor(private readonly database: Database) {}

  /** The accounts that guests have become part of; others stay who they are. In the order of the question. */
  async accountsOf(tx: Tx, appUserIds: readonly string[]): Promise<string[]> {
    const rows = await tx.query<{ appUserId: string; userId: string }>(
      `select app_user_id as "appUserId", user_id as "userId" from app_store_aliases
       where app_user_id = any($1)`,
      [appUserIds],
    );
    const accounts = new Map(rows.map(({ appUserId, userId }) => [appUserId, userId]));
    return appUserIds.map((id) => accounts.get(id) ?? id);
  }

  /** Under which ids an account has bought: its own, and those of guests that are part of it. */
  async namesOf(userId: string): Promise<string[]> {
    const rows = await this.database.query<{ appUserId: string }>(
      `select app_user_id as "appUserId" from app_store_aliases where user_id = $1
       order by app_user_id limit 10`,
      [userId],
      "app_store_names",
    );
    return [userId, ...rows.map(({ appUserId }) => appUserId)];
  }

  /** Everybody whom transfers connect with these, and these. */
  async circleOf(tx: Tx, appUserIds: readonly string[]): Promise<string[]> {
    const rows = await tx.query<{ id: string }>(
      `with recursive circle as (
         select unnest($1::text[]) as id
         union
         select case when t.from_id = c.id then t.to_id else t.from_id end
         from circle c join app_store_transfers t on t.from_id = c.id or t.to_id = c.id)
       select id from circle order by id`,
      [appUserIds],
    );
    return rows.map(({ id }) => id);
  }

  /** Lets nobody else settle what these have until the transaction ends. Always in one order. */
  async lock(tx: Tx, appUserIds: readonly string[]): Promise<void> {
    await tx.query(
      `select pg_advisory_xact_lock($1, key)
       from (select distinct hashtext(id) as key from unnest($2::text[]) as id order by 1) as keys`,
      [LOCK_CLASS, appUserIds],
    );
  }

  /** @returns Whether it was not known yet. */
  async addState(tx: Tx, state: BoughtState): Promise<boolean> {
    const added = await tx.execute(
      `insert into app_store_states (app_user_id, product_id, occurred_at, rank, status,
         period_end, grace_until, cancel_at_period_end, sandbox)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing`,
      [
        state.appUserId,
        state.productId,
        state.occurredAt,
        state.rank,
        state.status,
        state.periodEnd,
        state.graceUntil,
        state.cancelAtPeriodEnd,
        state.sandbox,
      ],
    );
    return added === 1;
  }

  /** @returns Whether it was not known yet. */
  async addTransfer(tx: Tx, { fromId, toId, occurredAt }: Transfer): Promise<boolean> {
    const added = await tx.execute(
      `insert into app_store_transfers (from_id, to_id, occurred_at)
       select $1, $2, $3 where $1 <> $2 on conflict do nothing`,
      [fromId, toId, occurredAt],
    );
    return added === 1;
  }

  async addPurchase(tx: Tx, purchase: UnclaimedPurchase): Promise<void> {
    await tx.execute(
      `insert into app_store_purchases (app_user_id, payment_id, product_id, quantity, amount,
         currency, occurred_at, sandbox)
       values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing`,
      [
        purchase.appUserId,
        purchase.paymentId,
        purchase.productId,
        purchase.quantity,
        purchase.amount,
        purchase.currency,
        purchase.occurredAt,
        purchase.sandbox,
      ],
    );
  }

  /** All that was said of what these bought, newest first. */
  statesOf(tx: Tx, appUserIds: readonly string[]): Promise<BoughtState[]> {
    return tx.query<BoughtState>(
      `select app_user_id as "appUserId", product_id as "productId", occurred_at as "occurredAt",
         rank, status, period_end as "periodEnd", grace_until as "graceUntil",
         cancel_at_period_end as "cancelAtPeriodEnd", sandbox
       from app_store_states where app_user_id = any($1)
       order by occurred_at desc, rank desc, period_end desc nulls first, status,
         grace_until desc nulls last, cancel_at_period_end desc, app_user_id, sandbox`,
      [appUserIds],
    );
  }

  /** What was taken from these, oldest first. */
  transfersFrom(tx: Tx, appUserIds: readonly string[]): Promise<Transfer[]> {
    return tx.query<Transfer>(
      `select from_id as "fromId", to_id as "toId", occurred_at as "occurredAt"
       from app_store_transfers where from_id = any($1) order by occurred_at, to_id`,
      [appUserIds],
    );
  }

  /** Single purchases of these that had not signed in. */
  unclaimedOf(tx: Tx, appUserIds: readonly string[]): Promise<UnclaimedPurchase[]> {
    return tx.query<UnclaimedPurchase>(
      `select app_user_id as "appUserId", payment_id as "paymentId", product_id as "productId",
         quantity, amount, currency, occurred_at as "occurredAt", sandbox
       from app_store_purchases where app_user_id = any($1) order by occurred_at, payment_id`,
      [appUserIds],
    );
  }

  /** Makes what was said of a guest, and what will be, an account's. */
  async merge(
    tx: Tx,
    { fromUserId, toUserId }: { fromUserId: string; toUserId: string },
  ): Promise<void> {
    for (const statement of MERGE) await tx.execute(statement, [fromUserId, toUserId]);
  }

  /** Forgets what was said of a user. */
  async erase(tx: Tx, userId: string): Promise<void> {
    for (const statement of ERASE) await tx.execute(statement, [userId]);
  }
}

const MERGE = [
  `insert into app_store_aliases (app_user_id, user_id) values ($1, $2)
   on conflict (app_user_id) do update set user_id = excluded.user_id`,
  "update app_store_aliases set user_id = $2 where user_id = $1",
  `with moved as (delete from app_store_states where app_user_id = $1 returning *)
   insert into app_store_states (app_user_id, product_id, occurred_at, rank, status, period_end,
     grace_until, cancel_at_period_end, sandbox)
   select $2, product_id, occurred_at, rank, status, period_end, grace_until,
     cancel_at_period_end, sandbox
   from moved on conflict do nothing`,
  `with moved as (delete from app_store_transfers where $1 in (from_id, to_id) returning *),
   renamed as (
     select case from_id when $1 then $2 else from_id end as from_id,
       case to_id when $1 then $2 else to_id end as to_id, occurred_at
     from moved)
   insert into app_store_transfers (from_id, to_id, occurred_at)
   select * from renamed where from_id <> to_id on conflict do nothing`,
];

const ERASE = [
  "delete from app_store_states where app_user_id = $1",
  "delete from app_store_purchases where app_user_id = $1",
  "delete from app_store_transfers where $1 in (from_id, to_id)",
  "delete from app_store_aliases where $1 in (app_user_id, user_id)",
];
