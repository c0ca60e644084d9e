import { MongoBulkWriteError, type AnyBulkWriteOperation, type Db } from "mongodb";
import type { Database } from "../../../platform/db/database.ts";
import type { Tx } from "../../../platform/db/unit-of-work.ts";
import type { Goal } from "../goals/goal.repository.ts";

/** Name of the queue's task that copies. */
export const COPY_TASK = "copy_goals";

/** A goal to be copied. */
export type ChangedGoal = Goal & {
  readonly milestones: readonly {
    readonly percentage: number;
    readonly title: string;
    /** As PostgreSQL writes it into JSON. */
    readonly reachedAt: string | null;
  }[];
};

/** A document of `goals`. */
export interface GoalDocument {
  readonly _id: string;
  readonly userId: string;
  readonly title: string;
  readonly description: string;
  readonly targetMetric: string;
  readonly baseline: number;
  readonly target: number;
  readonly currentValue: number;
  /** 0 to 1. */
  readonly progress: number;
  readonly deadline: string;
  readonly status: string;
  readonly milestones: readonly {
    readonly percentage: number;
    readonly title: string;
    readonly reachedAt: Date | null;
  }[];
  readonly createdAt: Date;
  readonly endedAt: Date | null;
  readonly version: number;
}

/** A document of `user_achievements`; one per user and achievement. */
export interface AchievementDocument {
  readonly _id: string;
  readonly userId: string;
  readonly achievementId: string;
  readonly isUnlocked: boolean;
  /** 0 to 1. */
  readonly progress: number;
  readonly unlockedAt: Date | null;
  readonly version: number;
}

type Versioned = GoalDocument | AchievementDocument;

const DUPLICATE_KEY = 11_000;
const MAX_ATTEMPTS = 25;

/** The copies in MongoDB, and what PostgreSQL knows about how far they are (src/decisions/0024). */
export class CopyRepository {
  constructor(
    private readonly database: Database,
    private readonly mongo: Db,
  ) {}

  async ensureIndexes(): Promise<void> {
    await this.goals().createIndex({ userId: 1, status: 1 }, { name: "user_status" });
    await this.achievements().createIndex(
      { userId: 1, achievementId: 1 },
      { name: "user_achievement", unique: true },
    );
  }

  /** Has a user's documents written after the commit; many changes at once are written together. */
  async enqueue(tx: Tx, userId: string): Promise<void> {
    await tx.query(
      `select graphile_worker.add_job($1::text, json_build_object('userId', $2::text),
         job_key := $1 || ':' || $2, max_attempts := ${MAX_ATTEMPTS})`,
      [COPY_TASK, userId],
    );
  }

  /** Enqueues users whose documents are behind, such as after MongoDB was away for long. */
  async enqueueBehind(limit: number): Promise<void> {
    await this.database.query(
      `select graphile_worker.add_job($1::text, json_build_object('userId', p.user_id),
         job_key := $1 || ':' || p.user_id, job_key_mode := 'preserve_run_at', max_attempts := ${MAX_ATTEMPTS})
       from (select user_id from goal_profiles where copied_version < version limit $2) p`,
      [COPY_TASK, limit],
    );
  }

  /** The goals of a user that have changed since they were copied, with their milestones, of one moment. */
  async changedGoals(userId: string): Promise<ChangedGoal[]> {
    return this.database.query<ChangedGoal>(
      `select g.id, g.user_id as "userId", g.plan_id as "planId", g.title, g.description, g.metric,
         g.baseline, g.target, g.value, g.deadline::text as deadline, g.status, g.version,
         g.created_at as "createdAt", g.ended_at as "endedAt",
         (select coalesce(json_agg(json_build_object('percentage', m.percentage, 'title', m.title,
            'reachedAt', m.reached_at) order by m.percentage), '[]')
          from goal_milestones m where m.goal_id = g.id) as milestones
       from goal_profiles p join goals g on g.user_id = p.user_id and g.profile_version > p.copied_version
       where p.user_id = $1`,
      [userId],
    );
  }

  /** Notes up to which version of the profile everything is copied; false when the profile is gone. */
  async copied(userId: string, version: number): Promise<boolean> {
    const rows = await this.database.query<object>(
      `update goal_profiles set copied_version = greatest(copied_version, $2)
       where user_id = $1 returning user_id`,
      [userId, version],
    );
    return rows.length === 1;
  }

  async writeGoals(documents: readonly GoalDocument[]): Promise<void> {
    await write(documents, (operations) => this.goals().bulkWrite(operations, { ordered: false }));
  }

  async writeAchievements(documents: readonly AchievementDocument[]): Promise<void> {
    await write(documents, (operations) =>
      this.achievements().bulkWrite(operations, { ordered: false }),
    );
  }

  /** Removes everything that names a user. */
  async removeOf(userId: string): Promise<void> {
    await this.goals().deleteMany({ userId });
    await this.achievements().deleteMany({ userId });
  }

  private goals() {
    return this.mongo.collection<GoalDocument>("goals");
  }

  private achievements() {
    return this.mongo.collection<AchievementDocument>("user_achievements");
  }
}

/** Writes documents, but none over a newer one: the insert that is tried then meets the document's id. */
async function write<D extends Versioned>(
  documents: readonly D[],
  send: (operations: AnyBulkWriteOperation<D>[]) => Promise<unknown>,
): Promise<void> {
  if (documents.length === 0) return;
  const operations = documents.map(({ _id, ...fields }) => ({
    updateOne: {
      filter: { _id, version: { $lt: fields.version } },
      update: { $set: fields },
      upsert: true,
    },
  }));
  try {
    await send(operations as unknown as AnyBulkWriteOperation<D>[]);
  } catch (error) {
    if (!(error instanceof MongoBulkWriteError)) throw error;
    const faults = [error.writeErrors].flat();
    if (faults.length === 0 || faults.some(({ code }) => code !== DUPLICATE_KEY)) throw error;
  }
}
