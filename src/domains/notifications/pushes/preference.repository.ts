import type { Database } from "../../../platform/db/database.ts";
import type { Tx } from "../../../platform/db/unit-of-work.ts";

/** Whether a user wants a kind of notification pushed. */
export interface Preference {
  readonly kind: string;
  readonly push: boolean;
}

/** Reads and writes `notification_preferences`. */
export class PreferenceRepository {
  constructor(private readonly database: Database) {}

  /** What a user chose; kinds without a choice are left out. */
  of(userId: string): Promise<Preference[]> {
    return this.database.query<Preference>(
      "select kind, push from notification_preferences where user_id = $1 order by kind",
      [userId],
      "notifications.preferences",
    );
  }

  async set(tx: Tx, userId: string, choices: readonly Preference[]): Promise<void> {
    await tx.execute(
      `insert into notification_preferences (user_id, kind, push)
       select $1, c.kind, c.push from unnest($2::text[], $3::boolean[]) as c (kind, push) order by c.kind
       on conflict (user_id, kind) do update set push = excluded.push, updated_at = now()`,
      [userId, choices.map(({ kind }) => kind), choices.map(({ push }) => push)],
    );
  }

  /** Hands choices over to a user; the user's own stay as they are. */
  async move(tx: Tx, fromUserId: string, toUserId: string): Promise<void> {
    await tx.execute(
      `insert into notification_preferences (user_id, kind, push)
       select $2, kind, push from notification_preferences where user_id = $1
       on conflict (user_id, kind) do nothing`,
      [fromUserId, toUserId],
    );
    await this.eraseOf(tx, fromUserId);
  }

  async eraseOf(tx: Tx, userId: string): Promise<void> {
    await tx.execute("delete from notification_preferences where user_id = $1", [userId]);
  }
}
