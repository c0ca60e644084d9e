import type { MigrationInterface, QueryRunner } from "typeorm";

/** One-time codes by text message: one per phone, with what limits how often one is sent. */
export class PhoneCodes1795000011000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table phone_codes (
        phone text primary key check (phone ~ '^\\+[1-9][0-9]{6,14}$'),
        purpose text not null
          check (purpose in ('SIGN_UP', 'SIGN_IN', 'RESET_PASSWORD', 'LINK')),
        code_hash text,
        password_hash text,
        user_id text references users on delete cascade,
        tries smallint not null default 0,
        sent_at timestamptz(3) not null,
        expires_at timestamptz(3) not null,
        used_at timestamptz(3),
        hour_started_at timestamptz(3) not null,
        sends_in_hour integer not null default 1
      );
      create index phone_codes_sent_at on phone_codes (sent_at);
      create index phone_codes_of_user on phone_codes (user_id) where user_id is not null;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("drop table phone_codes");
  }
}
