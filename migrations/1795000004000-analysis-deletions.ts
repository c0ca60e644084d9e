import type { MigrationInterface, QueryRunner } from "typeorm";

/** Deleted analyses whose document and pictures are still to be removed. */
export class AnalysisDeletions1795000004000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table analysis_deletions (
        analysis_id text primary key,
        user_id text not null,
        blob_keys text[] not null,
        created_at timestamptz(3) not null default now()
      )
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("drop table analysis_deletions");
  }
}
