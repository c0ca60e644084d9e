import type { MigrationInterface, QueryRunner } from "typeorm";

/** Pieces of a reply are found by where they end: a reader wants those beyond its position, however long the text has become. */
export class ChatChunksByEnd1795000041000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table chat_reply_chunks
        drop constraint chat_reply_chunks_pkey,
        add primary key (reply_id, generation, end_offset)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table chat_reply_chunks
        drop constraint chat_reply_chunks_pkey,
        add primary key (reply_id, generation, start_offset)`);
  }
}
