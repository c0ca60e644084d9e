import type { MigrationInterface, QueryRunner } from "typeorm";

/**
 * The table of pieces is empty again and again. Were it cut down to nothing then, PostgreSQL would keep a plan that reads all
 * of it, for everybody who follows a reply, until it is analyzed when it is full.
 */
export class ChatChunksStay1795000044000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query("alter table chat_reply_chunks set (vacuum_truncate = off)");
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("alter table chat_reply_chunks reset (vacuum_truncate)");
  }
}
