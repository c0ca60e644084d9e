import type { Database } from "../../platform/db/database.ts";
import type { Tx } from "../../platform/db/unit-of-work.ts";

/** A row of `emoji_stickers`; its id is the job's. */
export interface StickerRow {
  readonly id: string;
  readonly fileKey: string;
  readonly posterKey: string;
  readonly contentType: string;
  readonly width: number;
  readonly height: number;
  readonly durationMs: number;
}

/** A task as an export needs it. */
export interface AskedTask {
  readonly id: string;
  readonly status: string;
  readonly input: unknown;
  readonly askedAt: Date;
  /** Of the sticker; null when there is none. */
  readonly contentType: string | null;
}

/** Every statement on `emoji_stickers`. */
export class EmojiRepository {
  constructor(private readonly database: Database) {}

  /** Stores what a task has made. */
  async add(tx: Tx, sticker: StickerRow): Promise<void> {
    const { id, fileKey, posterKey, contentType, width, height, durationMs } = sticker;
    await tx.execute(
      `insert into emoji_stickers (id, file_key, poster_key, content_type, width, height, duration_ms)
       values ($1, $2, $3, $4, $5, $6, $7)`,
      [id, fileKey, posterKey, contentType, width, height, durationMs],
    );
  }

  /** Everything that a user ever asked for, oldest first. */
  async askedBy(userId: string): Promise<AskedTask[]> {
    return this.database.query<AskedTask>(
      `select j.id, j.status, j.input, j.queued_at as "askedAt", s.content_type as "contentType"
       from ai_jobs j left join emoji_stickers s on s.id = j.id
       where j.user_id = $1 and j.kind = 'EMOJI_TASK' order by j.id`,
      [userId],
    );
  }

  /** Stickers by the ids of their tasks, whoever owns them. */
  async byIds(ids: readonly string[]): Promise<StickerRow[]> {
    return this.database.query<StickerRow>(
      `select id, file_key as "fileKey", poster_key as "posterKey", content_type as "contentType",
         width, height, duration_ms as "durationMs"
       from emoji_stickers where id = any($1)`,
      [ids],
      "stickers_by_ids",
    );
  }
}
