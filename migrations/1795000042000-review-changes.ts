import type { MigrationInterface, QueryRunner } from "typeorm";

/**
 * Who keeps answers about the catalogue is told when approved reviews change, too. One that is added, removed, approved or
 * rejected changes the rating of its product, which is told already; others are seen by nobody.
 */
export class ReviewChanges1795000042000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create function tell_reviews_changed() returns trigger language plpgsql as $$
      begin
        if exists (select from new_rows where status = 'APPROVED') then
          perform pg_notify('rows_changed', 'catalog');
        end if;
        return null;
      end
      $$
    `);
    await runner.query(`
      create trigger reviews_told_of_changes after update on reviews
      referencing new table as new_rows
      for each statement execute function tell_reviews_changed()
    `);
    await runner.query(`
      create trigger reviews_told_of_truncation after truncate on reviews
      for each statement execute function tell_rows_changed('catalog')
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("drop trigger reviews_told_of_truncation on reviews");
    await runner.query("drop trigger reviews_told_of_changes on reviews");
    await runner.query("drop function tell_reviews_changed");
  }
}
