import type { Tx } from "../../../platform/db/unit-of-work.ts";
import type { SubscriptionStatus } from "../billing.ports.ts";

/** A subscription of a phone's store as it is booked for a user. */
export interface Holding {
  readonly id: string;
  readonly userId: string;
  readonly subscriptionId: string;
  /** Null when nothing is known but its owner. */
  readonly occurredAt: Date | null;
  readonly rank: number | null;
  readonly status: SubscriptionStatus | null;
  readonly periodEnd: Date | null;
  readonly graceUntil: Date | null;
  readonly cancelAtPeriodEnd: boolean;
}

/** Reads and removes the rows of `subscriptions` that come from the stores of phones; reports write them. */
export class HoldingRepository {
  /** What these have. */
  of(tx: Tx, userIds: readonly string[]): Promise<Holding[]> {
    return tx.query<Holding>(
      `select id, user_id as "userId", store_subscription_id as "subscriptionId",
         snapshot_at as "occurredAt", snapshot_rank as rank, snapshot_status as status,
         current_period_end as "periodEnd", grace_until as "graceUntil",
         cancel_at_period_end as "cancelAtPeriodEnd"
       from subscriptions where store = 'REVENUECAT' and user_id = any($1)
       order by id for no key update`,
      [userIds],
    );
  }

  /** Takes one away: it belongs to somebody else now. */
  async remove(tx: Tx, { id }: Holding): Promise<void> {
    await tx.execute("delete from subscriptions where id = $1", [id]);
  }
}
