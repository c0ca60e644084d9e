import type { Database } from "../../../platform/db/database.ts";
import type { Tx } from "../../../platform/db/unit-of-work.ts";
import type { Job } from "../../../platform/jobs/job.ts";

/** Kind of the jobs that put exports together. */
export const DATA_EXPORT = "DATA_EXPORT";

/** What jobs of kind DATA_EXPORT know of exports. */
export class ExportRepository {
  constructor(private readonly database: Database) {}

  /** How many exports of a user are being made, and how many were asked for since a moment. */
  async count(tx: Tx, userId: string, since: Date): Promise<{ unfinished: number; asked: number }> {
    const rows = await tx.query<{ unfinished: number; asked: number }>(
      `select count(*) filter (where status in ('QUEUED', 'RUNNING'))::int as unfinished,
         count(*) filter (where queued_at > $3)::int as asked
       from ai_jobs where user_id = $1 and kind = $2`,
      [userId, DATA_EXPORT, since],
    );
    return rows[0] ?? { unfinished: 0, asked: 0 };
  }

  /** Ids of a user's exports that are being made. */
  async unfinished(tx: Tx, userId: string): Promise<string[]> {
    const rows = await tx.query<{ id: string }>(
      `select id from ai_jobs where user_id = $1 and kind = $2 and status in ('QUEUED', 'RUNNING')`,
      [userId, DATA_EXPORT],
    );
    return rows.map(({ id }) => id);
  }

  /** Exports that ended before a moment, oldest first. */
  finishedBefore(moment: Date, limit: number): Promise<Pick<Job, "id" | "userId">[]> {
    return this.database.query(
      `select id, user_id as "userId" from ai_jobs
       where kind = $1 and finished_at < $2 order by finished_at limit $3`,
      [DATA_EXPORT, moment, limit],
    );
  }
}
