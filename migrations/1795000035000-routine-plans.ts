import type { MigrationInterface, QueryRunner } from "typeorm";

export class RoutinePlans1795000035000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table routine_plans (
        id text primary key references ai_jobs (id) on delete cascade,
        skin_type text,
        concerns text[] not null,
        summary text not null check (summary <> ''),
        tips text[] not null,
        warnings jsonb not null default '[]' check (jsonb_typeof(warnings) = 'array'),
        created_at timestamptz(3) not null default now()
      );
      create table routine_steps (
        plan_id text not null references routine_plans (id) on delete cascade,
        half text not null check (half in ('MORNING', 'EVENING')),
        position smallint not null check (position >= 0),
        kind text not null check (kind in ('CLEANSE', 'TREAT', 'EYES', 'MOISTURIZE', 'PROTECT')),
        product_id text,
        gap text check (gap in ('NOT_ON_SALE', 'NOT_FOR_THIS_SKIN', 'CONFLICTS')),
        helps_with text[] not null,
        instruction text not null check (instruction <> ''),
        primary key (plan_id, half, position),
        unique (plan_id, half, kind),
        unique (plan_id, half, product_id),
        check ((product_id is null) = (gap is not null))
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("drop table routine_steps; drop table routine_plans;");
  }
}
