import { createHash } from "node:crypto";
import type { Database } from "../db/database.ts";
import type { Tx } from "../db/unit-of-work.ts";
import type { WebhookDescription, WebhookEvent } from "./webhook-source.ts";

const LOCK_CLASS = 4_711_003;

/** The task of the queue that applies the events of one subject. */
export const WEBHOOK_TASK = "webhooks";

/** Whose events are applied one at a time. */
export interface Lane {
  readonly provider: string;
  readonly subject: string;
}

/** An event to be stored, with its body as text. */
export interface Delivery extends WebhookDescription {
  readonly id: string;
  readonly provider: string;
  readonly json: string;
  readonly bodySha256: string;
}

/** What became of an attempt that failed. */
export interface FailedAttempt {
  readonly error: string;
  /** When to try again; null to park the event. */
  readonly retryAfterMs: number | null;
}

/** The events that senders delivered. Whoever stores one that must be applied queues its lane in the same statement. */
export class WebhookRepository {
  constructor(private readonly database: Database) {}

  /** Stores an event and queues its lane; false when the event is here already. */
  async add(delivery: Delivery): Promise<boolean> {
    const { id, provider, eventId, type, occurredAt, subject, json, bodySha256 } = delivery;
    const lane = laneName(delivery);
    const rows = await this.database.query(
      ADD,
      [id, provider, eventId, type, occurredAt, subject, json, bodySha256, lane],
      "webhook_add",
    );
    return rows.length > 0;
  }

  /**
   * Locks a lane for the rest of the transaction and gives its oldest event that waits; null when there is none, or it
   * is not yet time to try it again. An event that failed `patience` times does not hold up the newer ones.
   */
  async next(tx: Tx, lane: Lane, patience: number): Promise<WebhookEvent | null> {
    await tx.query("select pg_advisory_xact_lock($1, hashtext($2))", [LOCK_CLASS, laneName(lane)]);
    const rows = await tx.query<WebhookEvent>(NEXT, [lane.provider, lane.subject, patience]);
    return rows[0] ?? null;
  }

  /** Marks an event as done with; tells whether its lane has others that wait. */
  async settle(tx: Tx, id: string, status: "APPLIED" | "IGNORED"): Promise<boolean> {
    const rows = await tx.query<{ more: boolean }>(SETTLE, [id, status]);
    return rows[0]?.more ?? false;
  }

  /** Records an attempt that failed, and queues the next one unless the event is parked. */
  async fail(event: WebhookEvent, { error, retryAfterMs }: FailedAttempt): Promise<void> {
    await this.database.query(FAIL, [
      event.id,
      event.attempts,
      error,
      retryAfterMs === null ? null : retryAfterMs / 1000,
      laneName(event),
    ]);
  }

  /** Lets an event that was parked or ignored wait again, with all its attempts; false when it is neither. */
  async replay(tx: Tx, id: string): Promise<boolean> {
    const [lane] = await tx.query<Lane>(
      `update webhook_events set status = 'RECEIVED', attempts = 0, next_attempt_at = null,
         applied_at = null
       where id = $1 and status in ('FAILED', 'IGNORED') returning provider, subject`,
      [id],
    );
    if (!lane) return false;
    await tx.query(`select ${queueLane("$1::text", "$2::text", "$3::text", "$3::text", "now()")}`, [
      lane.provider,
      lane.subject,
      laneName(lane),
    ]);
    return true;
  }
}

/** Hashed, because the queue's names are short and a sender's ids may be long. */
const laneName = ({ provider, subject }: Lane): string =>
  `webhooks:${createHash("sha256").update(`${provider}\n${subject}`).digest("hex")}`;

/** People wait for these more than for anything that takes long: they go first. */
const queueLane = (provider: string, subject: string, lane: string, key: string, at: string) =>
  `(graphile_worker.add_job('${WEBHOOK_TASK}',
    json_build_object('provider', ${provider}, 'subject', ${subject}),
    queue_name := ${lane}, job_key := ${key}, run_at := ${at}, priority := -10)).id`;

const ADD = `
  with stored as (
    insert into webhook_events
      (id, provider, event_id, type, occurred_at, subject, payload, body_sha256)
    values ($1, $2, $3, $4, $5, $6, $7, $8)
    on conflict (provider, event_id) do nothing
    returning provider, subject)
  select ${queueLane("provider", "subject", "$9::text", "$9::text", "now()")} from stored`;

const NEXT = `
  with oldest as (
    select * from webhook_events
    where provider = $1 and subject = $2 and status = 'RECEIVED'
      and (attempts < $3 or next_attempt_at <= clock_timestamp())
    order by occurred_at, id limit 1 for update)
  select id, provider, event_id as "eventId", type, occurred_at as "occurredAt", subject, payload,
    received_at as "receivedAt", attempts
  from oldest where next_attempt_at is null or next_attempt_at <= clock_timestamp()`;

const SETTLE = `
  update webhook_events e set status = $2, attempts = attempts + 1, next_attempt_at = null,
    applied_at = clock_timestamp()
  where id = $1
  returning exists (select 1 from webhook_events o where o.provider = e.provider
    and o.subject = e.subject and o.status = 'RECEIVED' and o.id <> e.id) as more`;

/** Each failed event has a wake-up call of its own, which a new delivery does not move. */
const FAIL = `
  with failed as (
    update webhook_events set attempts = attempts + 1, last_error = $3,
      status = case when $4::float is null then 'FAILED' else 'RECEIVED' end,
      next_attempt_at = clock_timestamp() + make_interval(secs => $4::float)
    where id = $1 and status = 'RECEIVED' and attempts = $2
    returning id, provider, subject, status, next_attempt_at)
  select ${queueLane("provider", "subject", "$5::text", "id", "next_attempt_at")}
  from failed where status = 'RECEIVED'`;
