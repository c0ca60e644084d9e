import type { MigrationInterface, QueryRunner } from "typeorm";

export class JobLanes1795000029000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table ai_jobs add column lane text, add column lane_seq integer,
        add constraint ai_jobs_lane check ((lane is null) = (lane_seq is null));
      create unique index ai_jobs_place_in_lane on ai_jobs (lane, lane_seq) where lane is not null;
      create index ai_jobs_unfinished_of_lane on ai_jobs (lane, lane_seq)
        where lane is not null and status in ('QUEUED', 'RUNNING');
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop index ai_jobs_unfinished_of_lane;
      drop index ai_jobs_place_in_lane;
      alter table ai_jobs drop constraint ai_jobs_lane, drop column lane_seq, drop column lane;
    `);
  }
}
