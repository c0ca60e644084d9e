import type { MigrationInterface, QueryRunner } from "typeorm";

/** A turn at a provider may outlast its holder, for work that goes on there by itself. */
export class KeptTurns1795000046000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table provider_turns
        add column kept_until timestamptz(3),
        add column work text check (work is null or kept_until is not null);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("alter table provider_turns drop column work, drop column kept_until");
  }
}
