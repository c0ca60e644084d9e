import type { Database } from "../../platform/db/database.ts";
import type { Finding } from "../../platform/module.ts";

/** Compares wallets, entries and holds with each other. */
export class ReconciliationRepository {
  constructor(private readonly database: Database) {}

  /** Everything that disagrees, read in one statement, so that work in progress is never mistaken for a fault. */
  findings(): Promise<Finding[]> {
    return this.database.query<Finding>(
      `with ${BOOKS}, findings(check_name, subject, detail) as (${CHECKS.join(" union all ")})
       select check_name as "check", subject, detail from findings order by check_name, subject`,
    );
  }
}

const BOOKS = `
  sums as (
    select user_id, currency, sum(delta) as balance, max(seq) as last_seq
    from ledger_entries group by user_id, currency),
  pending as (
    select user_id, currency, sum(amount) as held from holds
    where status = 'PENDING' group by user_id, currency),
  chain as (
    select id, user_id, currency, seq, delta, balance_after,
      lag(seq, 1, 0) over wallet as seq_before,
      lag(balance_after, 1, 0) over wallet as balance_before
    from ledger_entries window wallet as (partition by user_id, currency order by seq)),
  undone as (
    select refund_of, sum(abs(delta) + shortfall) as amount from ledger_entries
    where refund_of is not null group by refund_of)`;

const CHECKS = [
  `select 'balance', w.user_id || ' ' || w.currency,
     format('the wallet says %s, its entries say %s', w.balance, coalesce(s.balance, 0))
   from wallets w left join sums s using (user_id, currency)
   where w.balance <> coalesce(s.balance, 0)`,
  `select 'held', w.user_id || ' ' || w.currency,
     format('the wallet says %s, its pending holds say %s', w.held, coalesce(p.held, 0))
   from wallets w left join pending p using (user_id, currency)
   where w.held <> coalesce(p.held, 0)`,
  `select 'overdrawn', user_id || ' ' || currency, format('balance %s, held %s', balance, held)
   from wallets where balance < 0 or held < 0 or held > balance`,
  `select 'last-entry', w.user_id || ' ' || w.currency,
     format('the wallet counts %s entries, the last one is %s', w.last_seq, coalesce(s.last_seq, 0))
   from wallets w left join sums s using (user_id, currency)
   where w.last_seq <> coalesce(s.last_seq, 0)`,
  `select 'missing-entry', id, format('entry %s follows entry %s', seq, seq_before)
   from chain where seq <> seq_before + 1`,
  `select 'balance-after', id,
     format('%s and %s make %s, the entry says %s', balance_before, delta, balance_before + delta,
       balance_after)
   from chain where seq = seq_before + 1 and balance_after <> balance_before + delta`,
  `select 'without-wallet', s.user_id || ' ' || s.currency, 'there are entries, but no wallet'
   from sums s left join wallets w using (user_id, currency) where w.user_id is null`,
  `select 'without-wallet', p.user_id || ' ' || p.currency, 'there are holds, but no wallet'
   from pending p left join wallets w using (user_id, currency) where w.user_id is null`,
  `select 'capture-without-hold', e.id, 'no captured hold of this amount stands behind the entry'
   from ledger_entries e
   where e.kind = 'CAPTURE' and not exists (
     select from holds h where h.idempotency_key = e.idempotency_key and h.status = 'CAPTURED'
       and h.user_id = e.user_id and h.currency = e.currency and h.captured = -e.delta)`,
  `select 'hold-without-entry', h.id, format('%s were captured, but never booked', h.captured)
   from holds h
   where h.status = 'CAPTURED' and not exists (
     select from ledger_entries e where e.kind = 'CAPTURE'
       and e.idempotency_key = h.idempotency_key)`,
  `select 'over-refunded', e.id, format('%s of %s were undone', u.amount, abs(e.delta))
   from undone u join ledger_entries e on e.id = u.refund_of where u.amount > abs(e.delta)`,
  `select 'foreign-refund', r.id, 'the entry undoes one of another wallet, or none'
   from ledger_entries r left join ledger_entries e on e.id = r.refund_of
   where r.refund_of is not null
     and (e.id is null or e.currency <> r.currency or (e.user_id <> r.user_id and not exists (
       select from wallets w where w.user_id = e.user_id and w.currency = e.currency
         and w.moved_to = r.user_id)))`,
];
