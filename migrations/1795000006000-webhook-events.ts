import type { MigrationInterface, QueryRunner } from "typeorm";

export class WebhookEvents1795000006000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table webhook_events (
        id text primary key,
        provider text not null,
        event_id text not null,
        type text not null,
        occurred_at timestamptz(3) not null,
        subject text not null,
        payload jsonb not null,
        body_sha256 text not null,
        status text not null default 'RECEIVED'
          check (status in ('RECEIVED', 'APPLIED', 'IGNORED', 'FAILED')),
        attempts integer not null default 0 check (attempts >= 0),
        next_attempt_at timestamptz(3),
        last_error text,
        received_at timestamptz(3) not null default clock_timestamp(),
        applied_at timestamptz(3),
        constraint webhook_events_once unique (provider, event_id),
        check ((status in ('APPLIED', 'IGNORED')) = (applied_at is not null))
      );
      create index webhook_events_pending on webhook_events (provider, subject, occurred_at, id)
        where status = 'RECEIVED';
      create index webhook_events_parked on webhook_events (id) where status = 'FAILED';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("drop table webhook_events");
  }
}
