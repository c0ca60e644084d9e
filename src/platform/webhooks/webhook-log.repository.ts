import type { Database } from "../db/database.ts";
import type { Tx } from "../db/unit-of-work.ts";
import { rowsToFetch, type PageRequest } from "../graphql/connection.ts";

/** What became of an event so far. */
export type WebhookStatus = "RECEIVED" | "APPLIED" | "IGNORED" | "FAILED";

/** An event with all that happened to it. */
export interface LoggedWebhook {
  readonly id: string;
  readonly provider: string;
  /** The sender's own id. */
  readonly eventId: string;
  readonly type: string;
  readonly subject: string;
  readonly status: WebhookStatus;
  readonly attempts: number;
  readonly lastError: string | null;
  readonly payload: unknown;
  readonly occurredAt: Date;
  readonly receivedAt: Date;
  readonly appliedAt: Date | null;
  readonly nextAttemptAt: Date | null;
}

const COLUMNS = `e.id, e.provider, e.event_id as "eventId", e.type, e.subject, e.status, e.attempts,
  e.last_error as "lastError", e.payload, e.occurred_at as "occurredAt",
  e.received_at as "receivedAt", e.applied_at as "appliedAt", e.next_attempt_at as "nextAttemptAt"`;

const BATCH = 1_000;

/** The events that were received, for people to look at; and their end. */
export class WebhookLogRepository {
  constructor(private readonly database: Database) {}

  /** A page of events, the newest first. @param filter null: any */
  pageOf(
    filter: { provider: string | null; status: WebhookStatus | null },
    page: PageRequest,
  ): Promise<LoggedWebhook[]> {
    const [compare, order] = page.backward ? [">", "asc"] : ["<", "desc"];
    const failed = filter.status === "FAILED" ? "and e.status = 'FAILED'" : "";
    return this.database.query<LoggedWebhook>(
      `select ${COLUMNS} from webhook_events e
       where ($1::text is null or e.id ${compare} $1) and ($2::text is null or e.provider = $2)
         and ($3::text is null or e.status = $3) ${failed}
       order by e.id ${order} limit $4`,
      [page.beyond?.[0] ?? null, filter.provider, filter.status, rowsToFetch(page)],
    );
  }

  /** An event, null when there is none. */
  async find(tx: Tx, id: string): Promise<LoggedWebhook | null> {
    const rows = await tx.query<LoggedWebhook>(
      `select ${COLUMNS} from webhook_events e where e.id = $1 for no key update`,
      [id],
    );
    return rows[0] ?? null;
  }

  /** Deletes what was applied or ignored before a moment, in batches; returns how many. What failed is kept. */
  async prune(before: Date): Promise<number> {
    for (let total = 0; ;) {
      const rows = await this.database.query<{ count: number }>(
        `with old as (
           select id from webhook_events where applied_at < $1 order by applied_at limit $2),
         gone as (delete from webhook_events e using old where e.id = old.id returning 1)
         select count(*)::int as count from gone`,
        [before, BATCH],
        "webhooks.prune",
      );
      const count = rows[0]?.count ?? 0;
      total += count;
      if (count < BATCH) return total;
    }
  }
}
