import type { MigrationInterface, QueryRunner } from "typeorm";

/** A lane is locked and its first unfinished job read in one call. */
export class JobLaneHeads1795000043000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // A statement of its own reads the job: it sees what the former holder of the lock has committed.
    await runner.query(`
      create function job_lane_head(of_lane text) returns setof ai_jobs language plpgsql as $$
      begin
        perform pg_advisory_xact_lock(hashtextextended(of_lane, 0));
        return query select * from ai_jobs
          where lane = of_lane and status in ('QUEUED', 'RUNNING') order by lane_seq limit 1;
      end $$`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("drop function job_lane_head");
  }
}
