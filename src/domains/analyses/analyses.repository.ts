import type { Db } from "mongodb";
import type { Database } from "../../platform/db/database.ts";
import type { Tx } from "../../platform/db/unit-of-work.ts";
import type { AnalysisDocument } from "./analysis.document.ts";

/** A finished analysis as time series need it. */
export interface FinishedAnalysis {
  readonly id: string;
  readonly finishedAt: Date;
}

/** An analysis as it was asked for. */
export interface AskedAnalysis {
  readonly id: string;
  readonly status: string;
  readonly input: unknown;
  readonly askedAt: Date;
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

  /** Whose an analysis is now. */
  async ownerOf(tx: Tx, id: string): Promise<string> {
    const rows = await tx.query<{ userId: string }>(
      `select user_id as "userId" from ai_jobs where id = $1`,
      [id],
    );
    if (!rows[0]) throw new Error(`The analysis ${id} is gone.`);
    return rows[0].userId;
  }

  /** What was asked of a user's analyses, oldest first. */
  async askedBy(userId: string): Promise<AskedAnalysis[]> {
    return this.database.query<AskedAnalysis>(
      `select id, status, input, queued_at as "askedAt" from ai_jobs
       where user_id = $1 and kind = $2 order by id`,
      [userId, KIND],
    );
  }

  /** Removes what was found for a user and belongs to no analysis any more. */
  async removeOf(userId: string): Promise<void> {
    await this.documents().deleteMany({ userId });
  }

  /** Removes what an analysis found. */
  async removeDocument(analysisId: string): Promise<void> {
    await this.documents().deleteOne({ _id: analysisId });
  }

  private documents() {
    return this.mongo.collection<AnalysisDocument>("skin_analyses");
  }
}
