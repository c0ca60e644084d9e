import type { MigrationInterface, QueryRunner } from "typeorm";

/** Of the goals that people set or end themselves, one a day counts: the days on which one did. */
export class GoalDays1795000047000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table goal_days (
        user_id text not null,
        day date not null,
        primary key (user_id, day)
      )
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("drop table goal_days");
  }
}
