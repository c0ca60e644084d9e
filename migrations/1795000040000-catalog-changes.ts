import type { MigrationInterface, QueryRunner } from "typeorm";

const TABLES = ["categories", "products", "product_categories", "product_images"];

/** Who keeps answers about the catalogue is told at the commit of each change. */
export class CatalogChanges1795000040000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create function tell_rows_changed() returns trigger language plpgsql as $$
      begin
        perform pg_notify('rows_changed', tg_argv[0]);
        return null;
      end
      $$
    `);
    for (const table of TABLES) {
      await runner.query(`
        create trigger ${table}_changed after insert or update or delete or truncate on ${table}
        for each statement execute function tell_rows_changed('catalog')
      `);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) await runner.query(`drop trigger ${table}_changed on ${table}`);
    await runner.query("drop function tell_rows_changed");
  }
}
