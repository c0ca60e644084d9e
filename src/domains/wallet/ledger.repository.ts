import type { Database } from "../../platform/db/database.ts";
import type { Tx } from "../../platform/db/unit-of-work.ts";
import { rowsToFetch, type PageRequest } from "../../platform/graphql/connection.ts";
import type { WalletKey } from "./wallet.id.ts";
import type { LedgerEntryKind, WalletCurrency } from "./wallet.vocabulary.ts";

/** What a change of a wallet is for, such as a job or a payment. */
export interface Reference {
  readonly type: string;
  readonly id: string;
}

/** One change of a balance. Entries are only ever added; the database refuses everything else. */
export interface LedgerEntry {
  readonly id: string;
  readonly userId: string;
  readonly currency: WalletCurrency;
  /** Contiguous per wallet, from 1. */
  readonly seq: number;
  readonly delta: number;
  readonly kind: LedgerEntryKind;
  readonly referenceType: string;
  readonly referenceId: string;
  readonly key: string;
  readonly balanceAfter: number;
  /** What could not be taken back, because it had been spent already. */
  readonly shortfall: number;
  /** The Monday of the week that a weekly reward is for, YYYY-MM-DD. */
  readonly rewardWeek: string | null;
  readonly refundOf: string | null;
  readonly createdAt: Date;
}

/** An entry to be booked. */
export interface NewEntry extends WalletKey {
  readonly id: string;
  readonly delta: number;
  readonly kind: LedgerEntryKind;
  readonly reference: Reference;
  readonly key: string;
  readonly rewardWeek?: string | null;
  readonly refundOf?: string | null;
  /** Takes what is available when `delta` asks for more, and notes the rest as shortfall. */
  readonly asFarAsPossible?: boolean;
}

const COLUMNS = `e.id, e.user_id as "userId", e.currency, e.seq, e.delta, e.kind,
  e.reference_type as "referenceType", e.reference_id as "referenceId", e.idempotency_key as key,
  e.balance_after as "balanceAfter", e.shortfall, e.reward_week::text as "rewardWeek",
  e.refund_of as "refundOf", e.created_at as "createdAt"`;

/** Reads `ledger_entries` and books on them. */
export class LedgerRepository {
  constructor(private readonly database: Database) {}

  /**
   * Changes the balance and adds the entry, in one guarded statement: the row lock comes first, so that the guard, the number
   * and `balance_after` see what every earlier change left.
   * All columns are set from the locked row (src/decisions/0020).
   * @returns Null when nothing was booked: no wallet or one that was taken over, too little available, or the key or the reward's week is taken.
   */
  async post(tx: Tx, entry: NewEntry): Promise<(LedgerEntry & { version: number }) | null> {
    const rows = await tx.query<LedgerEntry & { version: number }>(
      `with wallet as materialized (
         select balance, held, last_seq, version from wallets
         where user_id = $2 and currency = $3 and moved_to is null for no key update),
       asked as (
         select wallet.*, case when $11 then greatest($4::int, held - balance) else $4::int end as delta
         from wallet),
       e as (
         insert into ledger_entries (id, user_id, currency, seq, delta, kind, reference_type,
           reference_id, idempotency_key, balance_after, shortfall, reward_week, refund_of)
         select $1, $2, $3, last_seq + 1, delta, $5, $6, $7, $8, balance + delta, delta - $4::int,
           $9::date, $10
         from asked where balance - held + delta >= 0
         on conflict do nothing returning *),
       moved as (
         update wallets w set balance = e.balance_after, held = wallet.held, last_seq = e.seq,
           version = wallet.version + 1, updated_at = clock_timestamp()
         from e cross join wallet where w.user_id = $2 and w.currency = $3 returning w.version)
       select ${COLUMNS}, moved.version from e cross join moved`,
      [
        entry.id,
        entry.userId,
        entry.currency,
        entry.delta,
        entry.kind,
        entry.reference.type,
        entry.reference.id,
        entry.key,
        entry.rewardWeek ?? null,
        entry.refundOf ?? null,
        entry.asFarAsPossible ?? false,
      ],
      "wallet.post",
    );
    return rows[0] ?? null;
  }

  async byKey(tx: Tx, key: string): Promise<LedgerEntry | null> {
    const rows = await tx.query<LedgerEntry>(
      `select ${COLUMNS} from ledger_entries e where e.idempotency_key = $1`,
      [key],
    );
    return rows[0] ?? null;
  }

  /** The reward that a user got for a week. @param week The Monday, YYYY-MM-DD. */
  async rewardOf(tx: Tx, userId: string, week: string): Promise<LedgerEntry | null> {
    const rows = await tx.query<LedgerEntry>(
      `select ${COLUMNS} from ledger_entries e where e.user_id = $1 and e.reward_week = $2`,
      [userId, week],
    );
    return rows[0] ?? null;
  }

  /** How much of an entry has been undone, what could not be taken back included. */
  async undone(tx: Tx, entryId: string): Promise<number> {
    const rows = await tx.query<{ amount: number }>(
      `select coalesce(sum(abs(delta) + shortfall), 0)::int as amount from ledger_entries
       where refund_of = $1`,
      [entryId],
    );
    return rows[0]?.amount ?? 0;
  }

  /** A page of a wallet's entries, newest first. */
  pageOf(wallet: WalletKey, page: PageRequest, beyond: number | null): Promise<LedgerEntry[]> {
    const [compare, order] = page.backward ? [">", "asc"] : ["<", "desc"];
    return this.database.query<LedgerEntry>(
      `select ${COLUMNS} from ledger_entries e
       where e.user_id = $1 and e.currency = $2 and ($3::int is null or e.seq ${compare} $3)
       order by e.seq ${order} limit $4`,
      [wallet.userId, wallet.currency, beyond, rowsToFetch(page)],
      `wallet.ledger_page_${order}`,
    );
  }
}
