import type { Db } from "mongodb";
import type { Database } from "../../platform/db/database.ts";
import type { Tx } from "../../platform/db/unit-of-work.ts";
import type { Job } from "../../platform/jobs/job.ts";
import type { AnalysisDocument } from "./analysis.document.ts";

/** An analysis that is deleted for its user and still has things to remove. */
export interface PendingDeletion {
  readonly analysisId: string;
  readonly blobKeys: readonly string[];
}

/** A finished analysis as time series need it. */
export interface FinishedAnalysis {
  readonly id: string;
  readonly finishedAt: Date;
}

const KIND = "SKIN_ANALYSIS";
const MAX_SERIES = 1_000;

/** Results in MongoDB, and the few statements on PostgreSQL that only analyses need. */
export class AnalysesRepository {
  constructor(
    private readonly database: Database,
    private readonly mongo: Db,
  ) {}

  async ensureIndexes(): Promise<void> {
    await this.documents().createIndex({ userId: 1, createdAt: -1 }, { name: "user_newest" });
  }

  /** Stores what an attempt has so far; a later attempt goes on from there. */
  async saveDraft(document: AnalysisDocument): Promise<void> {
    const { _id, ...fields } = document;
    await this.documents().updateOne({ _id }, { $set: fields }, { upsert: true });
  }

  /** Results by id, whoever owns them. */
  async byIds(ids: readonly string[]): Promise<AnalysisDocument[]> {
    return this.documents()
      .find({ _id: { $in: [...ids] } })
      .toArray();
  }

  /** The user's finished analyses of a time span, oldest first, at most the newest thousand. */
  async finished(userId: string, from: Date | null, to: Date | null): Promise<FinishedAnalysis[]> {
    const rows = await this.database.query<FinishedAnalysis>(
      `select id, finished_at as "finishedAt" from ai_jobs
       where user_id = $1 and kind = $2 and status = 'SUCCEEDED'
         and ($3::timestamptz is null or finished_at >= $3)
         and ($4::timestamptz is null or finished_at < $4)
       order by id desc limit $5`,
      [userId, KIND, from, to, MAX_SERIES],
      "finished_analyses",
    );
    return rows.reverse();
  }

  /** The id of the user's newest finished analysis before a job. */
  async previousOf(job: { id: string; userId: string }): Promise<string | null> {
    const rows = await this.database.query<{ id: string }>(
      `select id from ai_jobs where user_id = $1 and kind = $2 and status = 'SUCCEEDED' and id < $3
       order by id desc limit 1`,
      [job.userId, KIND, job.id],
      "previous_analysis",
    );
    return rows[0]?.id ?? null;
  }

  /** Deletes a finished analysis for its user and notes what is left to remove; false when it is not finished. */
  async markDeleted(tx: Tx, job: Job, blobKeys: readonly string[]): Promise<boolean> {
    const deleted = await tx.execute(
      `delete from ai_jobs where id = $1 and user_id = $2
         and status in ('SUCCEEDED', 'FAILED', 'CANCELED')`,
      [job.id, job.userId],
    );
    if (deleted === 0) return false;
    await tx.execute(
      `insert into analysis_deletions (analysis_id, user_id, blob_keys) values ($1, $2, $3)
       on conflict do nothing`,
      [job.id, job.userId, blobKeys],
    );
    return true;
  }

  async pendingDeletions(limit: number): Promise<PendingDeletion[]> {
    return this.database.query<PendingDeletion>(
      `select analysis_id as "analysisId", blob_keys as "blobKeys" from analysis_deletions
       order by created_at limit $1`,
      [limit],
    );
  }

  async removeDocument(analysisId: string): Promise<void> {
    await this.documents().deleteOne({ _id: analysisId });
  }

  async deletionDone(analysisId: string): Promise<void> {
    await this.database.query("delete from analysis_deletions where analysis_id = $1", [
      analysisId,
    ]);
  }

  private documents() {
    return this.mongo.collection<AnalysisDocument>("skin_analyses");
  }
}
