import type { MigrationInterface, QueryRunner } from "typeorm";

/** What users are told, who wants it pushed where, and the pushes that are on their way. */
export class Notifications1795000025000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table notifications (
        id text primary key,
        user_id text not null,
        kind text not null,
        dedupe_key text not null check (length(dedupe_key) between 1 and 200),
        facts jsonb not null,
        ref_id text,
        seq integer,
        read_at timestamptz(3),
        created_at timestamptz(3) not null default now(),
        unique (user_id, dedupe_key),
        unique (user_id, seq)
      );
      create index notifications_of_user on notifications (user_id, id);
      create index notifications_unread on notifications (user_id, id) where read_at is null;
      create index notifications_created_at on notifications (created_at);

      create table notification_preferences (
        user_id text not null,
        kind text not null,
        push boolean not null,
        updated_at timestamptz(3) not null default now(),
        primary key (user_id, kind)
      );
    `);
    await runner.query(PUSHES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop table push_outbox;
      drop table push_tokens;
      drop table notification_preferences;
      drop table notifications;
    `);
  }
}

const PUSHES = `
  create table push_tokens (
    id text primary key,
    token text not null unique check (length(token) between 1 and 1024),
    user_id text not null,
    session_id text not null references sessions on delete cascade,
    platform text not null check (platform in ('ANDROID', 'IOS', 'WEB')),
    created_at timestamptz(3) not null default now(),
    last_used_at timestamptz(3) not null default now()
  );
  create index push_tokens_of_user on push_tokens (user_id, last_used_at);
  create index push_tokens_of_session on push_tokens (session_id);

  create table push_outbox (
    notification_id text not null references notifications on delete cascade,
    token_id text not null references push_tokens on delete cascade,
    state text not null default 'WAITING'
      check (state in ('WAITING', 'SENDING', 'SENT', 'SKIPPED', 'FAILED')),
    attempts smallint not null default 0,
    next_attempt_at timestamptz(3) not null default now(),
    last_error text,
    created_at timestamptz(3) not null default now(),
    primary key (notification_id, token_id)
  );
  create index push_outbox_of_token on push_outbox (token_id);
  create index push_outbox_created_at on push_outbox (created_at);
`;
