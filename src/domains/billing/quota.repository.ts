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
