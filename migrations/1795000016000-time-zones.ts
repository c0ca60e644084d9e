import type { MigrationInterface, QueryRunner } from "typeorm";

/** Where a user's days begin. When it was set is kept, so that nobody lives the same day twice. */
export class TimeZones1795000016000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table users add column time_zone text check (length(time_zone) <= 64),
        add column time_zone_set_at timestamptz(3),
        add constraint users_time_zone_set
          check (time_zone is null or time_zone_set_at is not null);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("alter table users drop column time_zone_set_at, drop column time_zone");
  }
}
