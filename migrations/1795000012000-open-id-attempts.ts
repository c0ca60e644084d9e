import type { MigrationInterface, QueryRunner } from "typeorm";

/** Sign-ins in a browser that are on their way through an OpenID provider. */
export class OpenIdAttempts1795000012000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table open_id_attempts (
        start_hash text primary key,
        secret_hash text not null,
        return_to text not null,
        expires_at timestamptz(3) not null,
        state_hash text constraint open_id_attempts_state unique,
        browser_hash text,
        sealed_proof text,
        returned_at timestamptz(3),
        code_hash text constraint open_id_attempts_code unique,
        user_id text references users on delete cascade,
        finished_at timestamptz(3)
      );
      create index open_id_attempts_expires_at on open_id_attempts (expires_at);
      create index open_id_attempts_of_user on open_id_attempts (user_id) where user_id is not null;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("drop table open_id_attempts");
  }
}
