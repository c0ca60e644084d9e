import type { Database } from "../db/database.ts";
import type { Tx } from "../db/unit-of-work.ts";
import type { Nudges } from "../realtime/nudges.ts";

const KEEP_DAYS = 7;
const BATCH = 100;

/** One line of a user's feed: what moved, never what it looks like. */
export interface FeedEntry {
  /** Contiguous per user, from 1. */
  readonly seq: number;
  /** What kind of thing moved, such as JOB. */
  readonly topic: string;
  readonly refId: string;
  readonly version: number;
  readonly createdAt: Date;
}

/** A cursor is older than what the feed still holds: the client has to fetch everything anew. */
export interface FeedGap {
  readonly resetTo: number;
}

/** The per-user log of everything that a client may want to see live. */
export class Feed {
  constructor(
    private readonly database: Database,
    private readonly nudges: Nudges,
  ) {}

  /**
   * Appends to a user's feed in the transaction of the change. The row of the user's cursor is locked until commit,
   * so that entries become visible in the order of their numbers.
   * @returns the number of the entry, 0 when the feed is closed and nothing was appended
   */
  async append(
    tx: Tx,
    userId: string,
    entry: { topic: string; refId: string; version: number },
  ): Promise<number> {
    const rows = await tx.query<{ seq: number }>(
      `with cursor as (
         insert into feed_cursors (user_id, last_seq) values ($1, 1)
         on conflict (user_id) do update set last_seq = feed_cursors.last_seq + 1
           where feed_cursors.closed_at is null
         returning last_seq)
       insert into feed_events (user_id, seq, topic, ref_id, version)
       select $1, last_seq, $2, $3, $4 from cursor returning seq`,
      [userId, entry.topic, entry.refId, entry.version],
      "feed_append",
    );
    const seq = rows[0]?.seq ?? 0;
    if (seq > 0) {
      tx.afterCommit(() => {
        this.nudges.send(feedTopic(userId));
      });
    }
    return seq;
  }

  /**
   * Ends a user's feed. Transactions that have appended to it end first and can be seen by the next statement; those that
   * come later append nothing.
   */
  async close(tx: Tx, userId: string): Promise<void> {
    await tx.execute(
      `insert into feed_cursors (user_id, last_seq, closed_at) values ($1, 0, now())
       on conflict (user_id) do update set closed_at = coalesce(feed_cursors.closed_at, now())`,
      [userId],
    );
  }

  /** Deletes what a closed feed has told. */
  async forget(tx: Tx, userId: string): Promise<void> {
    await tx.execute("delete from feed_events where user_id = $1", [userId]);
  }

  /** The number of the newest entry, 0 when there is none. */
  async lastSeq(userId: string): Promise<number> {
    const rows = await this.database.query<{ last_seq: number }>(
      "select last_seq from feed_cursors where user_id = $1",
      [userId],
      "feed_last_seq",
    );
    return rows[0]?.last_seq ?? 0;
  }

  /** The newest numbers of many users, for the sweep. */
  async lastSeqs(userIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const rows = await this.database.query<{ user_id: string; last_seq: number }>(
      "select user_id, last_seq from feed_cursors where user_id = any($1)",
      [userIds],
      "feed_last_seqs",
    );
    return new Map(rows.map((row) => [row.user_id, row.last_seq]));
  }

  /** The next entries after a number, or the gap if some of them are gone. One statement, one snapshot. */
  async after(userId: string, seq: number): Promise<readonly FeedEntry[] | FeedGap> {
    const rows = await this.database.query<{ lastSeq: number; seq: number | null }>(
      `select c.last_seq as "lastSeq", e.* from feed_cursors c
       left join lateral (
         select seq, topic, ref_id as "refId", version, created_at as "createdAt"
         from feed_events where user_id = c.user_id and seq > $2 order by seq limit $3) e on true
       where c.user_id = $1 order by e.seq`,
      [userId, seq, BATCH],
      "feed_after",
    );
    const lastSeq = rows[0]?.lastSeq ?? 0;
    const first = rows[0]?.seq ?? null;
    if (first === null) return lastSeq === seq ? [] : { resetTo: lastSeq };
    return first === seq + 1 ? (rows as (FeedEntry & { lastSeq: number })[]) : { resetTo: lastSeq };
  }

  /** Deletes entries older than seven days; returns how many. */
  async prune(): Promise<number> {
    const rows = await this.database.query<{ count: number }>(
      `with gone as (delete from feed_events where created_at < now() - make_interval(days => $1) returning 1)
       select count(*)::int as count from gone`,
      [KEEP_DAYS],
    );
    return rows[0]?.count ?? 0;
  }
}

/** The topic that is nudged when a user's feed grows. */
export const feedTopic = (userId: string): string => `feed:${userId}`;
