import type { MigrationInterface, QueryRunner } from "typeorm";

const USERS = `
  create table users (
    id text primary key,
    email text check (length(email) between 3 and 254),
    phone text constraint users_phone unique check (phone ~ '^\\+[1-9][0-9]{6,14}$'),
    password_hash text,
    first_name text not null default '' check (length(first_name) <= 100),
    last_name text not null default '' check (length(last_name) <= 100),
    date_of_birth date,
    gender text check (gender in ('MALE', 'FEMALE', 'OTHER')),
    skin_type text not null default 'NORMAL'
      check (skin_type in ('OILY', 'DRY', 'COMBINATION', 'SENSITIVE', 'NORMAL', 'ACNE')),
    language text not null default 'EN' check (language in ('EN', 'KH')),
    role text not null default 'CUSTOMER' check (role in ('CUSTOMER', 'ADMIN', 'MODERATOR')),
    profile_picture text,
    is_active boolean not null default true,
    email_verified_at timestamptz(3),
    phone_verified_at timestamptz(3),
    total_orders integer not null default 0 check (total_orders >= 0),
    total_spent numeric(12, 2) not null default 0 check (total_spent >= 0),
    avg_rating numeric(3, 2) check (avg_rating between 1 and 5),
    created_at timestamptz(3) not null default now(),
    updated_at timestamptz(3) not null default now(),
    check (email_verified_at is null or email is not null),
    check (phone_verified_at is null or phone is not null)
  );
  create unique index users_email on users (lower(email));

  create table user_identities (
    provider text not null check (provider in ('GOOGLE')),
    subject text not null,
    user_id text not null references users on delete cascade,
    created_at timestamptz(3) not null default now(),
    primary key (provider, subject)
  );
  create index user_identities_of_user on user_identities (user_id);

  create table user_devices (
    id text primary key,
    user_id text not null references users on delete cascade,
    device_id text not null constraint user_devices_device_id unique,
    secret_hash text not null,
    platform text not null check (platform in ('IOS', 'ANDROID', 'WEB')),
    push_token text,
    created_at timestamptz(3) not null default now(),
    last_used_at timestamptz(3) not null default now()
  );
  create index user_devices_of_user on user_devices (user_id);
`;

const SESSIONS = `
  create table sessions (
    id text primary key,
    user_id text not null references users on delete cascade,
    device_id text references user_devices on delete set null,
    ip text not null,
    user_agent text,
    created_at timestamptz(3) not null default now(),
    last_used_at timestamptz(3) not null default now(),
    expires_at timestamptz(3) not null,
    ended_at timestamptz(3),
    end_reason text check (end_reason in ('LOGOUT', 'LOGOUT_ALL', 'ENDED', 'TOKEN_REUSED')),
    check ((ended_at is null) = (end_reason is null))
  );
  create index sessions_open_of_user on sessions (user_id, id desc) where ended_at is null;
  create index sessions_ended_at on sessions (ended_at) where ended_at is not null;
  create index sessions_expires_at on sessions (expires_at);

  create table refresh_tokens (
    token_hash text primary key,
    session_id text not null references sessions on delete cascade,
    expires_at timestamptz(3) not null,
    rotated_at timestamptz(3),
    rotated_by text,
    created_at timestamptz(3) not null default now()
  );
  create index refresh_tokens_of_session on refresh_tokens (session_id);
  create index refresh_tokens_expires_at on refresh_tokens (expires_at);

  create table email_tokens (
    token_hash text primary key,
    user_id text not null references users on delete cascade,
    purpose text not null check (purpose in ('VERIFY_EMAIL', 'RESET_PASSWORD')),
    email text not null,
    password_hash text,
    expires_at timestamptz(3) not null,
    used_at timestamptz(3),
    created_at timestamptz(3) not null default now()
  );
  create index email_tokens_of_user on email_tokens (user_id);
  create index email_tokens_expires_at on email_tokens (expires_at);

  create table auth_events (
    id text primary key,
    user_id text,
    subject_hash text,
    action text not null,
    outcome text not null,
    ip text not null,
    user_agent text,
    created_at timestamptz(3) not null default now()
  );
  create index auth_events_of_user on auth_events (user_id, id desc);
  create index auth_events_created_at on auth_events (created_at);
`;

const MAIL_AND_UPLOADS = `
  create table mail_outbox (
    id text primary key,
    to_address text not null,
    sealed_mail text,
    attempts smallint not null default 0,
    next_attempt_at timestamptz(3) not null,
    sent_at timestamptz(3),
    last_error text,
    created_at timestamptz(3) not null default now()
  );
  create index mail_outbox_due on mail_outbox (next_attempt_at)
    where sealed_mail is not null;
  create index mail_outbox_created_at on mail_outbox (created_at);

  create table uploads (
    id text primary key,
    user_id text not null references users on delete cascade,
    purpose text not null check (purpose in ('SELFIE', 'PROFILE_PICTURE')),
    key text not null,
    content_type text not null,
    byte_size integer not null check (byte_size > 0),
    status text not null default 'ISSUED' check (status in ('ISSUED', 'USED')),
    used_by text,
    expires_at timestamptz(3) not null,
    bytes_removed_at timestamptz(3),
    created_at timestamptz(3) not null default now(),
    check ((status = 'USED') = (used_by is not null))
  );
  create index uploads_issued_of_user on uploads (user_id) where status = 'ISSUED';
  create index uploads_with_bytes on uploads (created_at) where bytes_removed_at is null;
`;

export class IdentityTables1795000001000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(USERS);
    await runner.query(SESSIONS);
    await runner.query(MAIL_AND_UPLOADS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop table uploads;
      drop table mail_outbox;
      drop table auth_events;
      drop table email_tokens;
      drop table refresh_tokens;
      drop table sessions;
      drop table user_devices;
      drop table user_identities;
      drop table users;
    `);
  }
}
