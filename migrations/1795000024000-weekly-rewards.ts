import type { MigrationInterface, QueryRunner } from "typeorm";

const RUNS = `
  create table reward_runs (
    week date primary key check (extract(isodow from week) = 1),
    after_user_id text not null default '',
    started_at timestamptz(3) not null default clock_timestamp(),
    completed_at timestamptz(3)
  );
`;

// Whoever looks for users with a plan walks along it, in the order of their ids.
const RUNNING = `
  create index subscriptions_running on subscriptions (user_id)
    where status in ('TRIALING', 'ACTIVE', 'PAST_DUE') and user_id is not null;
`;

export class WeeklyRewards1795000024000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(RUNS);
    await runner.query(RUNNING);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("drop index subscriptions_running; drop table reward_runs;");
  }
}
