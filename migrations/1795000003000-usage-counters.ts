import type { MigrationInterface, QueryRunner } from "typeorm";

export class UsageCounters1795000003000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table usage_counters (
        user_id text not null,
        limit_key text not null,
        period_start date not null,
        used integer not null check (used >= 0),
        primary key (user_id, limit_key, period_start)
      )
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("drop table usage_counters");
  }
}
