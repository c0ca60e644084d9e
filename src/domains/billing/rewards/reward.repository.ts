import type { Database } from "../../../platform/db/database.ts";
import type { Tx } from "../../../platform/db/unit-of-work.ts";

/** Reads and moves `reward_runs`, and finds who may be rewarded. */
export class RewardRepository {
  constructor(private readonly database: Database) {}

  /** Begins the run of a week, unless somebody did. @returns whether there is something left to do */
  async begin(week: string): Promise<boolean> {
    const rows = await this.database.query<{ open: boolean }>(
      `with begun as (
         insert into reward_runs (week) values ($1) on conflict (week) do nothing returning week)
       select not exists (select from reward_runs where week = $1 and completed_at is not null)
         as open`,
      [week],
      "reward_begin",
    );
    return rows[0]?.open ?? false;
  }

  /**
   * Locks the run until the transaction ends.
   * @returns after which user it goes on; null when it is complete
   */
  async lock(tx: Tx, week: string): Promise<string | null> {
    const rows = await tx.query<{ afterUserId: string }>(
      `select after_user_id as "afterUserId" from reward_runs
       where week = $1 and completed_at is null for update`,
      [week],
    );
    return rows[0]?.afterUserId ?? null;
  }

  /** The next users who have a subscription that may give a plan, in the order of their ids. */
  async subscribersAfter(tx: Tx, userId: string, limit: number): Promise<string[]> {
    const rows = await tx.query<{ userId: string }>(
      `select distinct user_id as "userId" from subscriptions
       where status in ('TRIALING', 'ACTIVE', 'PAST_DUE') and user_id is not null and user_id > $1
       order by user_id limit $2`,
      [userId, limit],
    );
    return rows.map((row) => row.userId);
  }

  /** Notes up to whom all are done with. @param afterUserId Null when that is everybody. */
  async moveOn(tx: Tx, week: string, afterUserId: string | null): Promise<void> {
    await tx.execute(
      `update reward_runs set after_user_id = coalesce($2, after_user_id),
         completed_at = case when $2::text is null then clock_timestamp() end
       where week = $1`,
      [week, afterUserId],
    );
  }
}
