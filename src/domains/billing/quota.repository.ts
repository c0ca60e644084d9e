import type { Database } from "../../platform/db/database.ts";
import type { Tx } from "../../platform/db/unit-of-work.ts";

/** How much of a limit a user has used in one period. */
export interface UsageCounter {
  readonly limitKey: string;
  readonly used: number;
}

/** Every statement on `usage_counters`. */
export class QuotaRepository {
  constructor(private readonly database: Database) {}

  /**
   * Counts one use if fewer than `limit` were counted; the new count, or null when none is left.
   * A limit of null lets every use pass, and counts it.
   */
  async take(
    tx: Tx,
    use: { userId: string; limitKey: string; periodStart: string; limit: number | null },
  ): Promise<number | null> {
    const rows = await tx.query<{ used: number }>(
      `insert into usage_counters (user_id, limit_key, period_start, used)
       select $1, $2, $3, 1 where coalesce($4::int > 0, true)
       on conflict (user_id, limit_key, period_start)
       do update set used = usage_counters.used + 1 where coalesce(usage_counters.used < $4, true)
       returning used`,
      [use.userId, use.limitKey, use.periodStart, use.limit],
      "quota_take",
    );
    return rows[0]?.used ?? null;
  }

  /** Takes one use back; never below zero. */
  async giveBack(
    tx: Tx,
    use: { userId: string; limitKey: string; periodStart: string },
  ): Promise<void> {
    await tx.execute(
      `update usage_counters set used = used - 1
       where user_id = $1 and limit_key = $2 and period_start = $3 and used > 0`,
      [use.userId, use.limitKey, use.periodStart],
    );
  }

  /** All counters of a user, oldest first. */
  all(userId: string): Promise<(UsageCounter & { periodStart: string })[]> {
    return this.database.query(
      `select limit_key as "limitKey", period_start::text as "periodStart", used
       from usage_counters where user_id = $1 order by period_start, limit_key`,
      [userId],
    );
  }

  /** Locks a user's counters until the transaction ends. */
  async lock(tx: Tx, userId: string): Promise<void> {
    await tx.query(
      "select 1 from usage_counters where user_id = $1 order by limit_key, period_start for update",
      [userId],
    );
  }

  /** Adds one user's counters to another's. */
  async merge(tx: Tx, move: { fromUserId: string; toUserId: string }): Promise<void> {
    await tx.execute(
      `with moved as (delete from usage_counters where user_id = $1 returning *)
       insert into usage_counters (user_id, limit_key, period_start, used)
       select $2, limit_key, period_start, used from moved order by limit_key, period_start
       on conflict (user_id, limit_key, period_start)
       do update set used = usage_counters.used + excluded.used`,
      [move.fromUserId, move.toUserId],
    );
  }

  /** Deletes a user's counters. */
  async forget(userId: string): Promise<void> {
    await this.database.query("delete from usage_counters where user_id = $1", [userId]);
  }

  /** A user's counters, each of its own period. */
  async ofUser(
    userId: string,
    wanted: readonly { limitKey: string; periodStart: string }[],
  ): Promise<UsageCounter[]> {
    return this.database.query<UsageCounter>(
      `select limit_key as "limitKey", used from usage_counters
       where user_id = $1 and (limit_key, period_start) in
         (select * from unnest($2::text[], $3::date[]))`,
      [userId, wanted.map((one) => one.limitKey), wanted.map((one) => one.periodStart)],
      "usage_of_user",
    );
  }
}
