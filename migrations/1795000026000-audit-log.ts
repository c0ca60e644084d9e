import type { MigrationInterface, QueryRunner } from "typeorm";

/** Who of the staff changed what; and a way to find the webhook events that are old. */
export class AuditLog1795000026000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table audit_log (
        id text primary key,
        actor_id text not null,
        action text not null,
        subject text not null,
        before jsonb,
        after jsonb,
        ip text not null,
        request_id text not null,
        created_at timestamptz(3) not null default clock_timestamp()
      );
      create index audit_log_of_subject on audit_log (subject, id desc);
      create index audit_log_of_actor on audit_log (actor_id, id desc);

      create function refuse_audit_change() returns trigger language plpgsql as $$
      begin
        raise exception 'the audit log is never changed' using errcode = 'restrict_violation';
      end $$;
      create trigger audit_log_append_only before update or delete on audit_log
        for each row execute function refuse_audit_change();
      create trigger audit_log_never_emptied before truncate on audit_log
        for each statement execute function refuse_audit_change();

      create index webhook_events_done on webhook_events (applied_at) where applied_at is not null;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop index webhook_events_done;
      drop table audit_log;
      drop function refuse_audit_change();
    `);
  }
}
