import type { MigrationInterface, QueryRunner } from "typeorm";

export class PlatformTables1795000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table node_leases (
        node_id smallint primary key check (node_id between 0 and 1023),
        owner text not null,
        expires_at timestamptz(3) not null
      );

      create table idempotency_keys (
        user_id text not null,
        key text not null,
        operation text not null,
        input_hash text not null,
        result jsonb,
        created_at timestamptz(3) not null default now(),
        primary key (user_id, key)
      );
      create index idempotency_keys_created_at on idempotency_keys (created_at);

      create table feed_cursors (
        user_id text primary key,
        last_seq integer not null
      );
      create table feed_events (
        user_id text not null,
        seq integer not null,
        topic text not null,
        ref_id text not null,
        version integer not null,
        created_at timestamptz(3) not null default now(),
        primary key (user_id, seq)
      );
      create index feed_events_created_at on feed_events (created_at);
    `);
    await runner.query(JOBS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop table job_workers;
      drop table ai_jobs;
      drop table feed_events;
      drop table feed_cursors;
      drop table idempotency_keys;
      drop table node_leases;
    `);
  }
}

const JOBS = `
  create table ai_jobs (
    id text primary key,
    user_id text not null,
    kind text not null,
    status text not null default 'QUEUED'
      check (status in ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELED')),
    stage text,
    progress smallint not null default 0 check (progress between 0 and 100),
    version integer not null default 1 check (version > 0),
    input jsonb not null,
    failure_code text,
    failure_message text,
    failure_can_retry boolean,
    attempts integer not null default 0,
    crashes integer not null default 0,
    crash_blame real not null default 0,
    retry_of text,
    provider_session text,
    slot smallint not null,
    queued_at timestamptz(3) not null default now(),
    started_at timestamptz(3),
    finished_at timestamptz(3),
    time_taken_ms integer,
    deadline_at timestamptz(3),
    worker_id text,
    heartbeat_at timestamptz(3),
    cancel_requested_at timestamptz(3),
    check ((status in ('SUCCEEDED', 'FAILED', 'CANCELED')) = (finished_at is not null)),
    check ((status = 'FAILED') = (failure_code is not null)),
    check (status <> 'RUNNING' or worker_id is not null)
  );
  create index ai_jobs_of_user on ai_jobs (user_id, id desc);
  create index ai_jobs_waiting on ai_jobs (kind, id) where status = 'QUEUED';
  create index ai_jobs_running on ai_jobs (worker_id) where status = 'RUNNING';
  create index ai_jobs_unfinished_of_user on ai_jobs (user_id, kind, slot)
    where status in ('QUEUED', 'RUNNING');
  create index ai_jobs_durations on ai_jobs (kind, finished_at desc)
    where status = 'SUCCEEDED';

  create table job_workers (
    id text primary key,
    host text not null,
    started_at timestamptz(3) not null default now(),
    heartbeat_at timestamptz(3) not null default now()
  );
`;
