import type { Database } from "../../platform/db/database.ts";
import type { Tx } from "../../platform/db/unit-of-work.ts";

/** What a user has come to: a row of `goal_profiles`, which is locked by everything that changes goals or achievements. */
export interface Profile {
  readonly userId: string;
  /** Analyses that succeeded. */
  readonly scans: number;
  /** Those that count: of the goals that the user set or ended alone, one a day. */
  readonly goalsCompleted: number;
  /** Reviews that were approved, each once. */
  readonly reviewsApproved: number;
  /** Most days in a row on which the user did something for the skin. */
  readonly longestStreak: number;
  /** The first overall score that was measured; null before. */
  readonly firstScore: number | null;
  readonly firstScoreAt: Date | null;
  /** Most points that the overall score has lain above the first one. */
  readonly bestRise: number;
  /** Rises with each change of the user's goals and achievements. */
  readonly version: number;
}

const COLUMNS = `user_id as "userId", scans, goals_completed as "goalsCompleted", reviews_approved as "reviewsApproved",
  longest_streak as "longestStreak", first_score as "firstScore", first_score_at as "firstScoreAt",
  best_rise as "bestRise", version`;

/** Every statement on `goal_profiles`, `care_days` and `goal_days`. */
export class ProfileRepository {
  constructor(private readonly database: Database) {}

  /** Locks a user's row until the transaction ends; makes it first where there is none. */
  async lock(tx: Tx, userId: string): Promise<Profile> {
    await tx.execute("insert into goal_profiles (user_id) values ($1) on conflict do nothing", [
      userId,
    ]);
    const profile = await this.lockPresent(tx, userId);
    if (!profile) throw new Error("A profile was made and is gone.");
    return profile;
  }

  /** Locks a user's row if there is one. */
  async lockPresent(tx: Tx, userId: string): Promise<Profile | null> {
    const rows = await tx.query<Profile>(
      `select ${COLUMNS} from goal_profiles where user_id = $1 for update`,
      [userId],
    );
    return rows[0] ?? null;
  }

  async save(tx: Tx, profile: Profile): Promise<void> {
    await tx.execute(
      `update goal_profiles set scans = $2, goals_completed = $3, longest_streak = $4,
         first_score = $5, first_score_at = $6, best_rise = $7, version = $8, reviews_approved = $9 where user_id = $1`,
      [
        profile.userId,
        profile.scans,
        profile.goalsCompleted,
        profile.longestStreak,
        profile.firstScore,
        profile.firstScoreAt,
        profile.bestRise,
        profile.version,
        profile.reviewsApproved,
      ],
    );
  }

  /** The profiles of some users; those without one are left out. */
  ofUsers(userIds: readonly string[]): Promise<Profile[]> {
    return this.database.query<Profile>(
      `select ${COLUMNS} from goal_profiles where user_id = any($1)`,
      [userIds],
      "goal_profiles",
    );
  }

  /** Notes a day on which a user did something; false when it was known. @param day YYYY-MM-DD */
  async addDay(tx: Tx, userId: string, day: string): Promise<boolean> {
    const added = await tx.execute(
      "insert into care_days (user_id, day) values ($1, $2) on conflict do nothing",
      [userId, day],
    );
    return added === 1;
  }

  /** Notes a day on which a goal counted that a user set or ended alone; false when one did before. @param day YYYY-MM-DD */
  async addGoalDay(tx: Tx, userId: string, day: string): Promise<boolean> {
    const added = await tx.execute(
      "insert into goal_days (user_id, day) values ($1, $2) on conflict do nothing",
      [userId, day],
    );
    return added === 1;
  }

  /** How many days in a row the longest run of a user's days has. */
  async longestStreak(tx: Tx, userId: string): Promise<number> {
    const rows = await tx.query<{ days: number }>(
      `select coalesce(max(days), 0)::int as days from (
         select count(*) as days from (
           select day - (row_number() over (order by day))::int as run
           from care_days where user_id = $1) numbered
         group by run) runs`,
      [userId],
    );
    return rows[0]?.days ?? 0;
  }

  /** The days of a user, for an export. */
  async daysOf(userId: string): Promise<string[]> {
    const rows = await this.database.query<{ day: string }>(
      "select day::text as day from care_days where user_id = $1 order by day",
      [userId],
    );
    return rows.map(({ day }) => day);
  }

  /** Makes one user's days another's; a day that both have stays one. @returns on how many days a goal counted for both */
  async moveDays(tx: Tx, fromUserId: string, toUserId: string): Promise<number> {
    await tx.execute(
      `with gone as (delete from care_days where user_id = $1 returning day)
       insert into care_days (user_id, day) select $2, day from gone on conflict do nothing`,
      [fromUserId, toUserId],
    );
    const rows = await tx.query<{ twice: number }>(
      `with gone as (delete from goal_days where user_id = $1 returning day),
         moved as (insert into goal_days (user_id, day) select $2, day from gone
           on conflict do nothing returning day)
       select ((select count(*) from gone) - (select count(*) from moved))::int as twice`,
      [fromUserId, toUserId],
    );
    return rows[0]?.twice ?? 0;
  }

  async remove(tx: Tx, userId: string): Promise<void> {
    await tx.execute("delete from care_days where user_id = $1", [userId]);
    await tx.execute("delete from goal_days where user_id = $1", [userId]);
    await tx.execute("delete from goal_profiles where user_id = $1", [userId]);
  }
}
