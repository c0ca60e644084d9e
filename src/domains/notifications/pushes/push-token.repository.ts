import type { Database } from "../../../platform/db/database.ts";
import type { Tx } from "../../../platform/db/unit-of-work.ts";
import type { PushPlatform } from "../notifications.ports.ts";

/** A device as its owner may see it. */
export interface PushDevice {
  readonly platform: PushPlatform;
  readonly createdAt: Date;
  readonly lastUsedAt: Date;
}

/** Reads and writes `push_tokens`. */
export class PushTokenRepository {
  constructor(private readonly database: Database) {}

  /** Lets the registrations of one user come one after the other, until the transaction ends. */
  async lock(tx: Tx, userId: string): Promise<void> {
    await tx.query("select pg_advisory_xact_lock(hashtextextended('push_tokens:' || $1, 0))", [
      userId,
    ]);
  }

  /** Adds a token, renews it, or takes it over from another user along with nothing of theirs. */
  async register(
    tx: Tx,
    device: {
      id: string;
      token: string;
      userId: string;
      sessionId: string;
      platform: PushPlatform;
      at: Date;
    },
  ): Promise<PushDevice> {
    // What waits for the former owner goes with the row.
    await tx.execute("delete from push_tokens where token = $1 and user_id <> $2", [
      device.token,
      device.userId,
    ]);
    const rows = await tx.query<PushDevice>(
      `insert into push_tokens (id, token, user_id, session_id, platform, created_at, last_used_at)
       values ($1, $2, $3, $4, $5, $6, $6)
       on conflict (token) do update set user_id = excluded.user_id, session_id = excluded.session_id,
         platform = excluded.platform, last_used_at = excluded.last_used_at
       returning platform, created_at as "createdAt", last_used_at as "lastUsedAt"`,
      [device.id, device.token, device.userId, device.sessionId, device.platform, device.at],
    );
    return rows[0] as PushDevice;
  }

  /** Removes all but a user's most recently used tokens. */
  async keepNewest(tx: Tx, userId: string, count: number): Promise<void> {
    await tx.execute(
      `delete from push_tokens where id in (select id from push_tokens where user_id = $1
         order by last_used_at desc, id desc offset $2)`,
      [userId, count],
    );
  }

  /** Removes a token of a user; false when the user has none like that. */
  async remove(tx: Tx, userId: string, token: string): Promise<boolean> {
    const removed = await tx.execute("delete from push_tokens where token = $1 and user_id = $2", [
      token,
      userId,
    ]);
    return removed === 1;
  }

  /** Removes a token that reaches no device any more. */
  async removeDead(id: string): Promise<void> {
    await this.database.query("delete from push_tokens where id = $1", [id]);
  }

  async removeOfSessions(tx: Tx, sessionIds: readonly string[]): Promise<void> {
    await tx.execute("delete from push_tokens where session_id = any($1)", [sessionIds]);
  }

  async eraseOf(tx: Tx, userId: string): Promise<void> {
    await tx.execute("delete from push_tokens where user_id = $1", [userId]);
  }

  devicesOf(userId: string): Promise<PushDevice[]> {
    return this.database.query<PushDevice>(
      `select platform, created_at as "createdAt", last_used_at as "lastUsedAt"
       from push_tokens where user_id = $1 order by created_at, id`,
      [userId],
    );
  }
}
