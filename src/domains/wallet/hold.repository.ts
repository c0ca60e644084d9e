import type { Database } from "../../platform/db/database.ts";
import type { Tx } from "../../platform/db/unit-of-work.ts";
import type { Reference } from "./ledger.repository.ts";
import type { WalletKey } from "./wallet.id.ts";
import type { WalletCurrency } from "./wallet.vocabulary.ts";

/** An amount that is set aside for something: still part of the balance, but not available. */
export interface Hold {
  readonly id: string;
  readonly userId: string;
  readonly currency: WalletCurrency;
  readonly amount: number;
  readonly status: "PENDING" | "CAPTURED" | "RELEASED";
  /** What was spent of it in the end; 0 unless CAPTURED. */
  readonly captured: number;
  readonly referenceType: string;
  readonly referenceId: string;
  readonly key: string;
  readonly expiresAt: Date;
}

/** A hold to be made. */
export interface NewHold extends WalletKey {
  readonly id: string;
  readonly amount: number;
  readonly reference: Reference;
  readonly key: string;
  readonly expiresAt: Date;
}

const COLUMNS = `h.id, h.user_id as "userId", h.currency, h.amount, h.status, h.captured,
  h.reference_type as "referenceType", h.reference_id as "referenceId",
  h.idempotency_key as key, h.expires_at as "expiresAt"`;

/** Reads and writes `holds`, and what wallets know of them. Every change locks the wallet first and counts on from there. */
export class HoldRepository {
  constructor(private readonly database: Database) {}

  /** Null when nothing was set aside: no wallet, too little available, or the key or reference is taken. */
  async add(tx: Tx, hold: NewHold): Promise<(Hold & { version: number }) | null> {
    const rows = await tx.query<Hold & { version: number }>(
      `with wallet as materialized (
         select balance, held, version from wallets
         where user_id = $2 and currency = $3 for no key update),
       h as (
         insert into holds (id, user_id, currency, amount, reference_type, reference_id,
           idempotency_key, expires_at)
         select $1, $2, $3, $4, $5, $6, $7, $8 from wallet where balance - held >= $4::int
         on conflict do nothing returning *),
       moved as (
         update wallets w set balance = wallet.balance, held = wallet.held + h.amount,
           version = wallet.version + 1, updated_at = clock_timestamp()
         from h cross join wallet where w.user_id = $2 and w.currency = $3 returning w.version)
       select ${COLUMNS}, moved.version from h cross join moved`,
      [
        hold.id,
        hold.userId,
        hold.currency,
        hold.amount,
        hold.reference.type,
        hold.reference.id,
        hold.key,
        hold.expiresAt,
      ],
    );
    return rows[0] ?? null;
  }

  /**
   * Resolves a pending hold: spends `captured` of it and frees the rest. A capture gets an entry with the hold's key.
   * @param captured 0 frees all, null spends all.
   * @returns Null when it is absent, resolved already, smaller than `captured`, or was moved to another wallet meanwhile.
   */
  async resolve(
    tx: Tx,
    change: { reference: Reference; captured: number | null; entryId: string },
  ): Promise<(Hold & { version: number }) | null> {
    const rows = await tx.query<Hold & { version: number }>(
      `with wallet as materialized (
         select w.user_id, w.balance, w.held, w.last_seq, w.version from holds h
         join wallets w on w.user_id = h.user_id and w.currency = h.currency
         where h.reference_type = $1 and h.reference_id = $2 for no key update of w),
       h as (
         update holds h set captured = coalesce($3::int, h.amount), resolved_at = clock_timestamp(),
           status = case when $3::int = 0 then 'RELEASED' else 'CAPTURED' end
         from wallet
         where h.reference_type = $1 and h.reference_id = $2 and h.status = 'PENDING'
           and h.amount >= coalesce($3::int, 0)
           -- Moved to another wallet since: only the next statement sees that one.
           and h.user_id = wallet.user_id
         returning h.*),
       e as (
         insert into ledger_entries (id, user_id, currency, seq, delta, kind, reference_type,
           reference_id, idempotency_key, balance_after)
         select $4, h.user_id, h.currency, wallet.last_seq + 1, -h.captured, 'CAPTURE',
           h.reference_type, h.reference_id, h.idempotency_key, wallet.balance - h.captured
         from h cross join wallet where h.captured > 0),
       moved as (
         update wallets w set held = wallet.held - h.amount, balance = wallet.balance - h.captured,
           last_seq = wallet.last_seq + sign(h.captured)::int, version = wallet.version + 1,
           updated_at = clock_timestamp()
         from h cross join wallet where w.user_id = h.user_id and w.currency = h.currency returning w.version)
       select ${COLUMNS}, moved.version from h cross join moved`,
      [change.reference.type, change.reference.id, change.captured, change.entryId],
    );
    return rows[0] ?? null;
  }

  /** The hold for a thing. */
  async byReference(tx: Tx, reference: Reference): Promise<Hold | null> {
    const rows = await tx.query<Hold>(
      `select ${COLUMNS} from holds h where h.reference_type = $1 and h.reference_id = $2`,
      [reference.type, reference.id],
    );
    return rows[0] ?? null;
  }

  /** The hold that took a key or a reference. */
  async taken(tx: Tx, key: string, reference: Reference): Promise<Hold | null> {
    const rows = await tx.query<Hold>(
      `select ${COLUMNS} from holds h
       where h.idempotency_key = $1 or (h.reference_type = $2 and h.reference_id = $3)
       order by h.idempotency_key = $1 desc limit 1`,
      [key, reference.type, reference.id],
    );
    return rows[0] ?? null;
  }

  /** Makes a wallet's pending holds another user's, and counts them there. Lock both wallets first. */
  async moveAll(tx: Tx, from: WalletKey, toUserId: string): Promise<{ version: number }> {
    const rows = await tx.query<{ version: number }>(
      `with moved as (
         update holds set user_id = $3
         where user_id = $1 and currency = $2 and status = 'PENDING' returning amount)
       update wallets w set held = w.held + m.amount, version = w.version + 1,
         updated_at = clock_timestamp()
       from (select sum(amount)::int as amount from moved) m
       where w.user_id = $3 and w.currency = $2 returning w.version`,
      [from.userId, from.currency, toUserId],
    );
    if (!rows[0]) throw new Error(`Nobody can take over what is held for ${from.userId}.`);
    return rows[0];
  }

  /** What pending holds that expired before a moment are for, the oldest first. */
  expired(before: Date, limit: number): Promise<Reference[]> {
    return this.database.query<Reference>(
      `select reference_type as type, reference_id as id from holds
       where status = 'PENDING' and expires_at <= $1 order by expires_at limit $2`,
      [before, limit],
    );
  }
}
