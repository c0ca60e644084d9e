import type { Database } from "../../../platform/db/database.ts";
import type { Tx } from "../../../platform/db/unit-of-work.ts";
import type { PushPlatform } from "../notifications.ports.ts";

/** A push that this process, and no other, may send now. */
export interface ClaimedPush {
  readonly tokenId: string;
  readonly token: string;
  readonly platform: PushPlatform;
  /** Counts this try as well. */
  readonly attempts: number;
}

/** How a try went. */
export type PushResult =
  | { readonly state: "SENT" }
  | { readonly state: "FAILED"; readonly error: string }
  | { readonly state: "WAITING"; readonly error: string; readonly nextAttemptAt: Date };

const KEEP_DAYS = 7;

/** Reads and writes `push_outbox`: one row per notification and device, so that neither is told twice. */
export class PushOutboxRepository {
  constructor(private readonly database: Database) {}

  /** Queues a notification for all devices of its user, unless the user wants no pushes of the kind; returns how many. */
  async fill(
    tx: Tx,
    notification: { id: string; userId: string; kind: string },
    at: Date,
  ): Promise<number> {
    return tx.execute(
      `insert into push_outbox (notification_id, token_id, next_attempt_at, created_at)
       select $1, t.id, $4, $4 from push_tokens t
       where t.user_id = $2 and not exists (
         select 1 from notification_preferences p where p.user_id = $2 and p.kind = $3 and not p.push)`,
      [notification.id, notification.userId, notification.kind, at],
    );
  }

  /** Has the queue send what waits of a notification. */
  async schedule(tx: Tx, task: string, notificationId: string, at: Date): Promise<void> {
    await tx.query(
      `select graphile_worker.add_job($1::text, json_build_object('notificationId', $2::text),
         job_key := 'push:' || $2, run_at := $3, max_attempts := 10)`,
      [task, notificationId, at],
    );
  }

  /**
   * Takes one push that is due. It counts as being sent from here on: if this process dies, nobody knows whether it
   * arrived, and it is not sent again.
   */
  async claim(notificationId: string, at: Date): Promise<ClaimedPush | null> {
    const rows = await this.database.query<ClaimedPush>(
      `with due as (
         select o.token_id from push_outbox o
         join notifications n on n.id = o.notification_id
         join push_tokens t on t.id = o.token_id and t.user_id = n.user_id
         where o.notification_id = $1 and o.state = 'WAITING' and o.next_attempt_at <= $2
         limit 1 for update of o skip locked)
       update push_outbox o set state = 'SENDING', attempts = o.attempts + 1
       from due join push_tokens t on t.id = due.token_id
       where o.notification_id = $1 and o.token_id = due.token_id
       returning o.token_id as "tokenId", t.token, t.platform, o.attempts`,
      [notificationId, at],
    );
    return rows[0] ?? null;
  }

  async settle(notificationId: string, tokenId: string, result: PushResult): Promise<void> {
    await this.database.query(
      `update push_outbox set state = $3, last_error = $4,
         next_attempt_at = coalesce($5, next_attempt_at)
       where notification_id = $1 and token_id = $2`,
      [
        notificationId,
        tokenId,
        result.state,
        "error" in result ? result.error : null,
        result.state === "WAITING" ? result.nextAttemptAt : null,
      ],
    );
  }

  /** Gives up everything that waits of a notification. */
  async skip(notificationId: string, why: string): Promise<void> {
    await this.database.query(
      `update push_outbox set state = 'SKIPPED', last_error = $2
       where notification_id = $1 and state = 'WAITING'`,
      [notificationId, why],
    );
  }

  /** When the next push of a notification is due; null when none waits. */
  async nextAttemptAt(notificationId: string): Promise<Date | null> {
    const rows = await this.database.query<{ at: Date | null }>(
      `select min(next_attempt_at) as at from push_outbox o
       join push_tokens t on t.id = o.token_id
       join notifications n on n.id = o.notification_id and n.user_id = t.user_id
       where notification_id = $1 and state = 'WAITING'`,
      [notificationId],
    );
    return rows[0]?.at ?? null;
  }

  /** Deletes what is older than a week. */
  async prune(): Promise<void> {
    await this.database.query(
      "delete from push_outbox where created_at < now() - make_interval(days => $1)",
      [KEEP_DAYS],
    );
  }
}
