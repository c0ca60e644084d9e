import type { MigrationInterface, QueryRunner } from "typeorm";

const GOALS = `
  create table goal_profiles (
    user_id text primary key,
    scans integer not null default 0 check (scans >= 0),
    goals_completed integer not null default 0 check (goals_completed >= 0),
    longest_streak integer not null default 0 check (longest_streak >= 0),
    first_score double precision,
    first_score_at timestamptz(3),
    best_rise double precision not null default 0 check (best_rise >= 0),
    version integer not null default 1,
    copied_version integer not null default 0
  );
  create index goal_profiles_to_copy on goal_profiles (user_id) where copied_version < version;

  create table goals (
    id text primary key,
    user_id text not null,
    plan_id text references ai_jobs (id) on delete set null,
    title text not null,
    description text not null,
    metric text not null,
    baseline double precision not null check (baseline between 0 and 100),
    target double precision not null check (target between 0 and 100 and target <> baseline),
    value double precision not null check (value between 0 and 100),
    deadline date not null,
    status text not null default 'ACTIVE' check (status in ('ACTIVE', 'COMPLETED', 'ABANDONED')),
    version integer not null default 1,
    profile_version integer not null,
    created_at timestamptz(3) not null,
    ended_at timestamptz(3),
    check ((status = 'ACTIVE') = (ended_at is null))
  );
  create index goals_of_user on goals (user_id, id);
  create index goals_active on goals (user_id, metric) where status = 'ACTIVE';
  create index goals_of_plan on goals (plan_id) where plan_id is not null;
`;

const STEPS = `
  create table goal_milestones (
    goal_id text not null references goals (id) on delete cascade,
    percentage integer not null check (percentage between 1 and 100),
    title text not null,
    reached_at timestamptz(3),
    primary key (goal_id, percentage)
  );

  create table goal_entries (
    id text primary key,
    goal_id text not null references goals (id) on delete cascade,
    value double precision not null check (value between 0 and 100),
    progress double precision not null check (progress between 0 and 1),
    note text,
    analysis_id text,
    created_at timestamptz(3) not null,
    unique (goal_id, analysis_id)
  );
  create index goal_entries_of_goal on goal_entries (goal_id, id);
`;

const ACHIEVEMENTS = `
  create table care_days (
    user_id text not null,
    day date not null,
    primary key (user_id, day)
  );

  create table achievement_unlocks (
    user_id text not null,
    achievement text not null,
    seq integer,
    unlocked_at timestamptz(3) not null,
    primary key (user_id, achievement)
  );
  create index achievement_unlocks_by_seq on achievement_unlocks (user_id, seq);
`;

export class GoalTables1795000034000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(GOALS);
    await runner.query(STEPS);
    await runner.query(ACHIEVEMENTS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop table achievement_unlocks;
      drop table care_days;
      drop table goal_entries;
      drop table goal_milestones;
      drop table goals;
      drop table goal_profiles;
    `);
  }
}
