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
