import type { Database } from "../../../platform/db/database.ts";
import type { Tx } from "../../../platform/db/unit-of-work.ts";

/** A row of `achievement_unlocks`. */
export interface Unlock {
  readonly userId: string;
  /** Name of the achievement. */
  readonly achievement: string;
  /** Its number in the user's feed; null when it came with another account. */
  readonly seq: number | null;
  readonly unlockedAt: Date;
}

/** An unlock with its place in the feed. */
export type NumberedUnlock = Unlock & { readonly seq: number };

const COLUMNS = `user_id as "userId", achievement, seq, unlocked_at as "unlockedAt"`;
const BATCH = 50;

/** Every statement on `achievement_unlocks`. Followers see the given achievements only, not those of a newer release. */
export class AchievementRepository {
  constructor(
    private readonly database: Database,
    private readonly known: readonly string[],
  ) {}

  /** The names of what a user has unlocked, as of the lock of the profile. */
  async namesOf(tx: Tx, userId: string): Promise<string[]> {
    const rows = await tx.query<{ achievement: string }>(
      "select achievement from achievement_unlocks where user_id = $1",
      [userId],
    );
    return rows.map(({ achievement }) => achievement);
  }

  /** Unlocks for a user what was not; returns the names of those. */
  async add(tx: Tx, userId: string, names: readonly string[], at: Date): Promise<string[]> {
    const rows = await tx.query<{ achievement: string }>(
      `insert into achievement_unlocks (user_id, achievement, unlocked_at)
       select $1, name, $3 from unnest($2::text[]) name on conflict do nothing returning achievement`,
      [userId, names, at],
    );
    return rows.map(({ achievement }) => achievement);
  }

  /** Notes the number that the feed gave an unlock. */
  async setSeq(tx: Tx, userId: string, name: string, seq: number): Promise<void> {
    await tx.execute(
      "update achievement_unlocks set seq = $3 where user_id = $1 and achievement = $2",
      [userId, name, seq],
    );
  }

  ofUsers(userIds: readonly string[]): Promise<Unlock[]> {
    return this.database.query<Unlock>(
      `select ${COLUMNS} from achievement_unlocks where user_id = any($1) order by unlocked_at`,
      [userIds],
      "achievements.of_users",
    );
  }

  /** The next unlocks of a user behind a number of the feed, oldest first. */
  after(userId: string, seq: number): Promise<NumberedUnlock[]> {
    return this.database.query<NumberedUnlock>(
      `select ${COLUMNS} from achievement_unlocks
       where user_id = $1 and seq > $2 and achievement = any($3) order by seq limit ${BATCH}`,
      [userId, seq, this.known],
      "achievements.after",
    );
  }

  /** The newest numbers of many users, for the sweep. */
  async lastSeqs(userIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const rows = await this.database.query<{ userId: string; seq: number }>(
      `select user_id as "userId", max(seq) as seq from achievement_unlocks
       where user_id = any($1) and seq is not null group by user_id`,
      [userIds],
      "achievements.last_seqs",
    );
    return new Map(rows.map(({ userId, seq }) => [userId, seq]));
  }

  /** Makes one user's unlocks another's. @returns the names of those that both had */
  async moveAll(tx: Tx, fromUserId: string, toUserId: string): Promise<string[]> {
    const moved = await tx.query<{ achievement: string }>(
      `insert into achievement_unlocks (user_id, achievement, unlocked_at)
       select $2, achievement, unlocked_at from achievement_unlocks where user_id = $1
       on conflict do nothing returning achievement`,
      [fromUserId, toUserId],
    );
    const gone = await tx.query<{ achievement: string }>(
      "delete from achievement_unlocks where user_id = $1 returning achievement",
      [fromUserId],
    );
    const isMoved = new Set(moved.map(({ achievement }) => achievement));
    return gone.map(({ achievement }) => achievement).filter((name) => !isMoved.has(name));
  }

  async removeOf(tx: Tx, userId: string): Promise<void> {
    await tx.execute("delete from achievement_unlocks where user_id = $1", [userId]);
  }
}
