import type { MigrationInterface, QueryRunner } from "typeorm";

export class EmojiStickers1795000032000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table uploads drop constraint uploads_purpose_check,
        add constraint uploads_purpose_check
          check (purpose in ('SELFIE', 'PROFILE_PICTURE', 'EMOJI_SOURCE', 'TRY_ON_SOURCE'));
      create table emoji_stickers (
        id text primary key references ai_jobs (id) on delete cascade,
        file_key text not null,
        poster_key text not null,
        content_type text not null
          check (content_type in ('video/mp4', 'image/gif', 'image/webp')),
        width integer not null check (width > 0),
        height integer not null check (height > 0),
        duration_ms integer not null check (duration_ms > 0),
        created_at timestamptz(3) not null default now()
      );
      create table provider_turns (
        provider text not null,
        holder text not null,
        requested_at timestamptz(3) not null default clock_timestamp(),
        granted_at timestamptz(3),
        released_at timestamptz(3),
        seen_at timestamptz(3) not null default clock_timestamp(),
        primary key (provider, holder),
        check (released_at is null or granted_at is not null)
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop table provider_turns;
      drop table emoji_stickers;
      delete from uploads where purpose in ('EMOJI_SOURCE', 'TRY_ON_SOURCE');
      alter table uploads drop constraint uploads_purpose_check,
        add constraint uploads_purpose_check check (purpose in ('SELFIE', 'PROFILE_PICTURE'));
    `);
  }
}
