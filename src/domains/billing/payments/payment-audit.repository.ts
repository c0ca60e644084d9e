import type { Database } from "../../../platform/db/database.ts";
import type { Finding } from "../../../platform/module.ts";

/** Compares payments and refunds with the ledger. */
export class PaymentAuditRepository {
  constructor(private readonly database: Database) {}

  /** Everything that disagrees, read in one statement, so that work in progress is never mistaken for a fault. */
  findings(): Promise<Finding[]> {
    return this.database.query<Finding>(
      `with findings(check_name, subject, detail) as (${CHECKS.join(" union all ")})
       select check_name as "check", subject, detail from findings order by check_name, subject`,
    );
  }
}

const CHECKS = [
  `select 'payment-without-entry', p.id, format('%s %s were paid, but never booked', p.amount, p.currency)
   from payments p
   where p.status = 'SUCCEEDED' and not exists (
     select from ledger_entries e where e.idempotency_key = p.id || ':grant')`,
  `select 'entry-without-payment', e.id, 'a purchase was booked that nobody has paid'
   from ledger_entries e
   where e.kind = 'PURCHASE' and e.reference_type = 'payment' and not exists (
     select from payments p where p.id = e.reference_id and p.status = 'SUCCEEDED'
       and e.idempotency_key = p.id || ':grant')`,
  `select 'payment-amount', p.id,
     format('%s %s were paid, %s %s booked', p.amount, p.currency, e.delta, e.currency)
   from payments p join ledger_entries e on e.idempotency_key = p.id || ':grant'
   where e.delta <> p.amount or e.currency <> p.currency`,
  `select 'refund-entry', r.id,
     format('%s were taken back and %s are owed, booked were %s and %s', r.taken_back, r.debt,
       coalesce(-e.delta, 0), coalesce(e.shortfall, 0))
   from payment_refunds r
   left join ledger_entries e on e.idempotency_key = r.id || ':take-back'
   where r.taken_back <> coalesce(-e.delta, 0) or r.debt <> coalesce(e.shortfall, 0)`,
  `select 'refund-sums', p.id,
     format('the payment says %s money and %s undone, its refunds say %s and %s', p.refunded_amount,
       p.undone, coalesce(r.money, 0), coalesce(r.undone, 0))
   from payments p left join (
     select payment_id, sum(amount) as money, sum(taken_back + debt) as undone
     from payment_refunds where status = 'SETTLED' group by payment_id) r on r.payment_id = p.id
   where p.refunded_amount <> coalesce(r.money, 0) or p.undone <> coalesce(r.undone, 0)`,
  `select 'refund-left', r.id, 'the payment succeeded, but the refund was not settled'
   from payment_refunds r join payments p on p.id = r.payment_id
   where r.status = 'WAITING' and p.status = 'SUCCEEDED'`,
];
