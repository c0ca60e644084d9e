import type { MigrationInterface, QueryRunner } from "typeorm";

export class HairTryOn1795000033000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table hairstyles (
        id text primary key,
        -- Set for those that come with facet, which are found again by it.
        seed_name text unique,
        name_en text not null check (name_en <> ''),
        name_kh text,
        description_en text not null,
        description_kh text,
        prompt text not null check (prompt <> ''),
        category text not null
          check (category in ('SHORT', 'MEDIUM', 'LONG', 'CURLY', 'BRAIDS', 'UPDO')),
        color text check (color ~ '^#[0-9a-f]{6}$'),
        has_fringe boolean not null default false,
        thumbnail_key text,
        is_active boolean not null default true,
        position integer not null default 0,
        version integer not null default 1,
        created_at timestamptz(3) not null default now(),
        updated_at timestamptz(3) not null default now()
      );
      create index hairstyles_in_order on hairstyles (position, id);
    `);
    await this.addTryOns(runner);
  }

  private async addTryOns(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table try_ons (
        -- The job itself is inserted last in the transaction.
        id text primary key references ai_jobs (id) on delete cascade deferrable initially deferred,
        -- A style that was tried on can be hidden, but stays.
        hairstyle_id text not null references hairstyles (id),
        source_key text,
        is_favourite boolean not null default false,
        is_preview boolean not null default false,
        credits_held integer not null check (credits_held >= 0),
        credits_spent integer not null default 0 check (credits_spent >= 0)
      );
      create index try_ons_of_hairstyle on try_ons (hairstyle_id);
      create index favourite_try_ons on try_ons (id) where is_favourite;
      create table try_on_views (
        job_id text not null references try_ons (id) on delete cascade,
        view text not null check (view in ('FRONT', 'RIGHT', 'LEFT', 'BACK')),
        status text not null default 'PENDING' check (status in ('PENDING', 'SUCCEEDED', 'FAILED')),
        file_key text,
        -- What the provider calls its work, for questions to its support.
        provider_reference text,
        failure_code text,
        failure_message text,
        failure_can_retry boolean,
        finished_at timestamptz(3),
        primary key (job_id, view),
        check ((status = 'SUCCEEDED') = (file_key is not null)),
        check ((status = 'FAILED') = (failure_code is not null)),
        check ((status = 'PENDING') = (finished_at is null))
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop table try_on_views;
      drop table try_ons;
      drop table hairstyles;
    `);
  }
}
