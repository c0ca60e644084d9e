import type { Tx } from "../../../platform/db/unit-of-work.ts";

/** One change by a member of the staff. */
export interface AuditEntry {
  readonly id: string;
  readonly actorId: string;
  /** What was done: the name of the mutation. */
  readonly action: string;
  /** The id of what it was done to. */
  readonly subject: string;
  readonly before: object | null;
  readonly after: object | null;
  readonly ip: string;
  readonly requestId: string;
}

/** Writes `audit_log`, which only ever grows. */
export class AuditRepository {
  async add(tx: Tx, entry: AuditEntry): Promise<void> {
    await tx.execute(
      `insert into audit_log (id, actor_id, action, subject, before, after, ip, request_id)
       values ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [
        entry.id,
        entry.actorId,
        entry.action,
        entry.subject,
        entry.before && JSON.stringify(entry.before),
        entry.after && JSON.stringify(entry.after),
        entry.ip,
        entry.requestId,
      ],
    );
  }
}
