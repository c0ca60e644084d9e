import type { MigrationInterface, QueryRunner } from "typeorm";

/** Deleted jobs of any kind whose files and documents are still to be removed. */
export class JobDeletions1795000030000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table analysis_deletions rename to job_deletions;
      alter table job_deletions rename constraint analysis_deletions_pkey to job_deletions_pkey;
      alter table job_deletions rename column analysis_id to job_id;
      alter table job_deletions add column kind text not null default 'SKIN_ANALYSIS';
      alter table job_deletions alter column kind drop default;
      create index job_deletions_oldest on job_deletions (created_at);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop index job_deletions_oldest;
      alter table job_deletions drop column kind;
      alter table job_deletions rename column job_id to analysis_id;
      alter table job_deletions rename constraint job_deletions_pkey to analysis_deletions_pkey;
      alter table job_deletions rename to analysis_deletions;
    `);
  }
}
