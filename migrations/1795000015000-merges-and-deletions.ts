import type { MigrationInterface, QueryRunner } from "typeorm";

const ENDS =
  "'LOGOUT', 'LOGOUT_ALL', 'ENDED', 'TOKEN_REUSED', 'PASSWORD_RESET', 'PASSWORD_CHANGED'";

const allowOnly = (reasons: string): string => `
  alter table sessions drop constraint sessions_end_reason_check;
  alter table sessions add constraint sessions_end_reason_check check (end_reason in (${reasons}));
`;

/** Guests that became part of an account, and accounts that were deleted. */
export class MergesAndDeletions1795000015000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(allowOnly(`${ENDS}, 'MERGED', 'ACCOUNT_DELETED'`));
    await runner.query(`
      alter table users add column merged_into text references users,
        add column deleted_at timestamptz(3), add column erased_at timestamptz(3),
        add constraint users_merged_is_inactive check (merged_into is null or not is_active),
        add constraint users_deleted_is_inactive check (deleted_at is null or not is_active),
        add constraint users_erased_was_deleted check (erased_at is null or deleted_at is not null);

      create table account_merges (
        guest_id text primary key references users,
        user_id text not null references users,
        device_id text not null,
        merged jsonb not null,
        created_at timestamptz(3) not null default now(),
        check (guest_id <> user_id)
      );
      create index account_merges_of_user on account_merges (user_id);
      create index account_merges_of_device on account_merges (device_id);

      alter table feed_cursors add column closed_at timestamptz(3);

      alter table wallets add column moved_to text,
        add constraint wallets_moved_is_empty
          check (moved_to is null or (balance = 0 and held = 0 and moved_to <> user_id));

      create unique index ai_jobs_one_at_a_time on ai_jobs (user_id, kind)
        where kind in ('DATA_EXPORT', 'ACCOUNT_DELETION') and status in ('QUEUED', 'RUNNING');
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop index ai_jobs_one_at_a_time;
      alter table wallets drop constraint wallets_moved_is_empty, drop column moved_to;
      alter table feed_cursors drop column closed_at;
      drop table account_merges;
      alter table users drop constraint users_merged_is_inactive,
        drop constraint users_deleted_is_inactive, drop constraint users_erased_was_deleted,
        drop column merged_into, drop column deleted_at, drop column erased_at;
      update sessions set end_reason = 'ENDED' where end_reason in ('MERGED', 'ACCOUNT_DELETED');
    `);
    await runner.query(allowOnly(ENDS));
  }
}
