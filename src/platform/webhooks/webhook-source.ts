import type { IncomingHttpHeaders } from "node:http";
import type { Tx } from "../db/unit-of-work.ts";

/** Whether a delivery is what it claims to be; the reason is for the log, never for the sender. */
export type Verdict = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** What a sender says about an event. */
export interface WebhookDescription {
  /** The sender's own id of the event: the same one in each delivery. 1–255 characters. */
  readonly eventId: string;
  readonly type: string;
  /** When it happened at the sender, not when it was delivered. */
  readonly occurredAt: Date;
  /** Whose event it is, such as a customer's id: events of one subject are applied one at a time. */
  readonly subject: string;
}

/** An event as it was stored. */
export interface WebhookEvent extends WebhookDescription {
  readonly id: string;
  readonly provider: string;
  /** The parsed body. Of unknown shape: a handler parses what it needs. */
  readonly payload: unknown;
  readonly receivedAt: Date;
  /** Attempts that failed before this one. */
  readonly attempts: number;
}

/** One sender of webhooks and what is done with its events. A domain lists its sources in its module. */
export interface WebhookSource {
  /** Names the route: `POST /webhooks/<provider>`. Lower case letters, digits and hyphens. */
  readonly provider: string;
  /** Judges a delivery by its bytes as they came, before anything reads them. */
  verify(rawBody: Buffer, headers: IncomingHttpHeaders, now: Date): Verdict;
  /** Finds what is needed to store an event; throws when the body is none. */
  describe(payload: unknown, headers: IncomingHttpHeaders): WebhookDescription;
  /**
   * Applies an event in the transaction that also marks it: it takes effect once, however often it is tried.
   * Oldest first among the events that are here, but a late one may come after newer ones: keep the time of the
   * event that a state came from, and answer IGNORED for an older one. Throws to be tried again later.
   */
  apply(tx: Tx, event: WebhookEvent): Promise<"APPLIED" | "IGNORED">;
}
