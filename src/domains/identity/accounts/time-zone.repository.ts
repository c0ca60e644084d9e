import type { Database } from "../../../platform/db/database.ts";
import type { Tx } from "../../../platform/db/unit-of-work.ts";

/** Reads and writes where the days of users begin. */
export class TimeZoneRepository {
  constructor(private readonly database: Database) {}

  /** The IANA name, null when it is not known. @param tx to read in a transaction */
  async of(userId: string, tx?: Tx): Promise<string | null> {
    const text = `select time_zone as "timeZone" from users where id = $1`;
    const from = tx ?? this.database;
    const rows = await from.query<{ timeZone: string | null }>(
      text,
      [userId],
      "identity.time_zone",
    );
    return rows[0]?.timeZone ?? null;
  }

  /** False when another one was set within the last day. */
  async set(tx: Tx, userId: string, timeZone: string): Promise<boolean> {
    const changed = await tx.execute(
      `update users set time_zone = $2, updated_at = now(),
         time_zone_set_at = case when time_zone = $2 then time_zone_set_at else now() end
       where id = $1 and is_active and (time_zone is null or time_zone = $2
         or time_zone_set_at < now() - interval '24 hours')`,
      [userId, timeZone],
    );
    return changed === 1;
  }
}
