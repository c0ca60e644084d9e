import type { Database } from "../../../platform/db/database.ts";
import type { Tx } from "../../../platform/db/unit-of-work.ts";
import { rowsToFetch, type PageRequest } from "../../../platform/graphql/connection.ts";
import type { News } from "../kinds/notification-kind.ts";

/** Something that a user was told. */
export interface NotificationRow {
  readonly id: string;
  readonly userId: string;
  readonly kind: string;
  readonly facts: unknown;
  readonly refId: string | null;
  /** Its number in the user's feed; null when it came with another account. */
  readonly seq: number | null;
  readonly readAt: Date | null;
  readonly createdAt: Date;
}

/** News that the queue keeps for a moment; whose it is, is asked of the job then. */
export interface LateNews {
  readonly kind: string;
  readonly key: string;
  /** The job. */
  readonly refId: string;
  readonly facts: unknown;
}

/** A notification with its place in the feed. */
export type NumberedNotification = NotificationRow & { readonly seq: number };

const COLUMNS = `n.id, n.user_id as "userId", n.kind, n.facts, n.ref_id as "refId", n.seq,
  n.read_at as "readAt", n.created_at as "createdAt"`;
const BATCH = 100;
const PRUNED_AT_ONCE = 5_000;

/** Reads and writes `notifications`. Reads see the given kinds only. */
export class NotificationRepository {
  constructor(
    private readonly database: Database,
    private readonly kinds: readonly string[],
  ) {}

  /** Adds a notification; false when the user was told before. */
  async add(tx: Tx, news: News & { id: string; kind: string; at: Date }): Promise<boolean> {
    const added = await tx.execute(
      `insert into notifications (id, user_id, kind, dedupe_key, facts, ref_id, created_at)
       values ($1, $2, $3, $4, $5, $6, $7) on conflict (user_id, dedupe_key) do nothing`,
      [news.id, news.userId, news.kind, news.key, JSON.stringify(news.facts), news.refId, news.at],
    );
    return added === 1;
  }

  /** Notes the number that the feed gave it. */
  async setSeq(tx: Tx, id: string, seq: number): Promise<void> {
    await tx.execute("update notifications set seq = $2 where id = $1", [id, seq]);
  }

  /** Has the queue tell something at a time, unless the transaction is undone. */
  async tellLater(tx: Tx, task: string, news: LateNews, at: Date): Promise<void> {
    await tx.query(
      `select graphile_worker.add_job($1::text, $2::json, job_key := 'tell:' || $3, run_at := $4,
         max_attempts := 10)`,
      [task, JSON.stringify(news), news.key, at],
      "notifications.tell_later",
    );
  }

  /** Who has a job; until the transaction ends, it stays theirs and is not deleted. Null when it is gone. */
  async ownerOfJob(tx: Tx, jobId: string): Promise<string | null> {
    const rows = await tx.query<{ userId: string }>(
      `select user_id as "userId" from ai_jobs where id = $1 for share`,
      [jobId],
    );
    return rows[0]?.userId ?? null;
  }

  byIds(ids: readonly string[]): Promise<NotificationRow[]> {
    return this.database.query<NotificationRow>(
      `select ${COLUMNS} from notifications n where n.id = any($1) and n.kind = any($2)`,
      [ids, this.kinds],
      "notifications.by_ids",
    );
  }

  /** Up to `rowsToFetch` notifications of a user, newest first, in the direction of the request. */
  pageOf(userId: string, unreadOnly: boolean, page: PageRequest): Promise<NotificationRow[]> {
    const [compare, order] = page.backward ? [">", "asc"] : ["<", "desc"];
    return this.database.query<NotificationRow>(
      `select ${COLUMNS} from notifications n
       where n.user_id = $1 and n.kind = any($2) and ($3::text is null or n.id ${compare} $3)
         ${unreadOnly ? "and n.read_at is null" : ""}
       order by n.id ${order} limit $4`,
      [userId, this.kinds, page.beyond?.[0] ?? null, rowsToFetch(page)],
    );
  }

  /** How many notifications each user has not read; users without any are left out. */
  unreadOf(userIds: readonly string[]): Promise<{ userId: string; count: number }[]> {
    return this.database.query<{ userId: string; count: number }>(
      `select user_id as "userId", count(*)::int as count from notifications
       where user_id = any($1) and read_at is null and kind = any($2) group by user_id`,
      [userIds, this.kinds],
      "notifications.unread",
    );
  }

  /** The next notifications of a user behind a number of the feed, oldest first. */
  after(userId: string, seq: number): Promise<NumberedNotification[]> {
    return this.database.query<NumberedNotification>(
      `select ${COLUMNS} from notifications n
       where n.user_id = $1 and n.seq > $2 and n.kind = any($3) order by n.seq limit $4`,
      [userId, seq, this.kinds, BATCH],
      "notifications.after",
    );
  }

  /** The newest numbers of many users, for the sweep. */
  async lastSeqs(userIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const rows = await this.database.query<{ userId: string; seq: number }>(
      `select u.id as "userId", n.seq from unnest($1::text[]) as u (id)
       cross join lateral (select seq from notifications
         where user_id = u.id and seq is not null order by seq desc limit 1) n`,
      [userIds],
      "notifications.last_seqs",
    );
    return new Map(rows.map(({ userId, seq }) => [userId, seq]));
  }

  /** Marks an unread notification of a user as read; null when there is none. */
  async markRead(tx: Tx, userId: string, id: string, at: Date): Promise<NotificationRow | null> {
    const rows = await tx.query<NotificationRow>(
      `update notifications n set read_at = $4
       where n.id = $1 and n.user_id = $2 and n.read_at is null and n.kind = any($3)
       returning ${COLUMNS}`,
      [id, userId, this.kinds, at],
    );
    return rows[0] ?? null;
  }

  /**
   * Marks a notification of a user and all older ones as read. What was told while the user read stays unread: neither
   * its id nor its number lies behind the given one.
   * @returns how many were unread
   */
  async markReadUpTo(tx: Tx, upTo: NotificationRow, at: Date): Promise<number> {
    return tx.execute(
      `update notifications set read_at = $4
       where user_id = $1 and id <= $2 and read_at is null
         and (seq is null or $3::int is null or seq <= $3)`,
      [upTo.userId, upTo.id, upTo.seq, at],
    );
  }

  /** Makes the notifications of one user another's, but for those that the other was told as well. */
  async move(tx: Tx, fromUserId: string, toUserId: string): Promise<number> {
    const moved = await tx.execute(
      `update notifications n set user_id = $2, seq = null
       where n.user_id = $1 and not exists (
         select 1 from notifications o where o.user_id = $2 and o.dedupe_key = n.dedupe_key)`,
      [fromUserId, toUserId],
    );
    await tx.execute("delete from notifications where user_id = $1", [fromUserId]);
    return moved;
  }

  /** Everything that a user was told, oldest first. */
  allOf(userId: string): Promise<NotificationRow[]> {
    return this.database.query<NotificationRow>(
      `select ${COLUMNS} from notifications n where n.user_id = $1 and n.kind = any($2) order by n.id`,
      [userId, this.kinds],
    );
  }

  async eraseOf(tx: Tx, userId: string): Promise<void> {
    await tx.execute("delete from notifications where user_id = $1", [userId]);
  }

  /** Deletes what is older than a moment, or read and older than another; returns how many, a batch at most. */
  async prune(before: { all: Date; read: Date }): Promise<{ count: number; more: boolean }> {
    const rows = await this.database.query<{ count: number }>(
      `with gone as (delete from notifications where id in (
         select id from notifications
         where created_at < $1 or (created_at < $2 and read_at is not null) limit $3) returning 1)
       select count(*)::int as count from gone`,
      [before.all, before.read, PRUNED_AT_ONCE],
    );
    const count = rows[0]?.count ?? 0;
    return { count, more: count === PRUNED_AT_ONCE };
  }
}
