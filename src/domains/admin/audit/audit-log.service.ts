import type { Tx } from "../../../platform/db/unit-of-work.ts";
import type { Ids } from "../../../platform/ids/ids.ts";
import type { AuditEntry, AuditRepository } from "./audit.repository.ts";

/** Who of the staff asks, and from where. */
export interface Actor {
  readonly userId: string;
  readonly ip: string;
  readonly requestId: string;
}

/** Remembers who of the staff changed what. Every mutation of the staff writes here, in its own transaction. */
export class AuditLog {
  constructor(
    private readonly dependencies: { readonly repository: AuditRepository; readonly ids: Ids },
  ) {}

  /** @param change.before, change.after The fields that changed, without secrets; null for what did not exist. */
  async record(
    tx: Tx,
    actor: Actor,
    change: Pick<AuditEntry, "action" | "subject" | "before" | "after">,
  ): Promise<void> {
    const { repository, ids } = this.dependencies;
    const { userId: actorId, ip, requestId } = actor;
    await repository.add(tx, { ...change, id: ids.next("aud"), actorId, ip, requestId });
  }
}
