import { randomUUID } from "node:crypto";
import Fastify from "fastify";
import {
  checkTimestampedSignature,
  timestampedSignature,
} from "../../../src/platform/crypto/webhook-signatures.ts";
import { systemClock } from "../../../src/platform/clock/clock.ts";
import type { Tx } from "../../../src/platform/db/unit-of-work.ts";
import { Ids } from "../../../src/platform/ids/ids.ts";
import { createLogger } from "../../../src/platform/observe/logger.ts";
import { WebhookInbox } from "../../../src/platform/webhooks/webhook-inbox.ts";
import { registerWebhookRoutes } from "../../../src/platform/webhooks/webhook-routes.ts";
import type { WebhookEvent, WebhookSource } from "../../../src/platform/webhooks/webhook-source.ts";
import { openWorkshop, type Workshop } from "../../support/workshop.ts";

export const SECRET = "whsec_of-the-lamp-shop";

/** An event of the lamp shop: a lamp was switched to a state. */
export interface LampEvent {
  readonly id: string;
  readonly at: number;
  readonly lamp: string;
  readonly state: string;
}

export const lampEvent = (values: Partial<LampEvent> = {}): LampEvent => ({
  id: `evt_${randomUUID()}`,
  at: Date.now(),
  lamp: `lamp_${randomUUID()}`,
  state: "ON",
  ...values,
});

export const bodyOf = (event: unknown): Buffer => Buffer.from(JSON.stringify(event));

/** Api nodes with an inbox for one sender, the lamp shop, and a worker when it is asked for. */
export interface WebhookBed {
  readonly workshop: Workshop;
  readonly inbox: WebhookInbox;
  readonly urls: readonly string[];
  /** What the handler does before it stores the state; a test may set it. */
  before: (event: WebhookEvent) => Promise<void> | void;
  /** What it does after that, in the same transaction. */
  after: (event: WebhookEvent) => void;
  /** How long a failed event waits. */
  retryAfterMs: number;
  /** Sends bytes with a signature of its own unless headers are given. */
  post(body: Buffer, options?: PostOptions): Promise<Response>;
  deliver(event: LampEvent, node?: number): Promise<Response>;
  work(): Promise<void>;
  rows(): Promise<Row[]>;
  row(eventId: string): Promise<Row | undefined>;
  /** How the lamp is, by which event, and how many events were applied to it in which order. */
  lamp(id: string): Promise<{ state: string; applied: string[] } | undefined>;
  close(): Promise<void>;
}

type Hooks = Pick<WebhookBed, "before" | "after" | "retryAfterMs">;

export interface PostOptions {
  readonly node?: number;
  readonly path?: string;
  readonly headers?: Record<string, string>;
}

export interface Row {
  readonly id: string;
  readonly event_id: string;
  readonly status: string;
  readonly attempts: number;
  readonly last_error: string | null;
  readonly payload: any;
}

export async function openWebhookBed(): Promise<WebhookBed> {
  const first = await openWorkshop({ run: () => Promise.resolve() });
  const second = await openWorkshop(
    { run: () => Promise.resolve() },
    { databaseUrl: first.databaseUrl, nodeId: 2 },
  );
  await first.database.query(
    "create table lamps (id text primary key, state text, at timestamptz(3), applied text[] not null default '{}')",
  );
  const bed: Hooks = {
    retryAfterMs: 10,
    before: () => undefined,
    after: () => undefined,
  };
  const source = lampShop(bed);
  const nodes = await Promise.all(
    [first, second].map((workshop, index) => openNode(workshop, index + 1, source, bed)),
  );
  const post = (body: Buffer, options: PostOptions = {}) =>
    fetch(`${nodes[options.node ?? 0]!.url}${options.path ?? "/webhooks/lamps"}`, {
      method: "POST",
      headers: {
        "content-type": "application/json; charset=utf-8",
        ...(options.headers ?? {
          "lamp-signature": timestampedSignature(body, SECRET, new Date()),
        }),
      },
      body: new Uint8Array(body),
    });
  const rows = () => first.database.query<Row>("select * from webhook_events order by id");
  return Object.assign(bed, {
    workshop: first,
    inbox: nodes[0]!.inbox,
    urls: nodes.map(({ url }) => url),
    post,
    deliver: (event: LampEvent, node = 0) => post(bodyOf(event), { node }),
    work: async () => void (await first.work(4, [nodes[0]!.inbox.task])),
    rows,
    row: async (eventId: string) =>
      (
        await first.database.query<Row>("select * from webhook_events where event_id = $1", [
          eventId,
        ])
      )[0],
    lamp: async (id: string) =>
      (
        await first.database.query<{ state: string; applied: string[] }>(
          "select state, applied from lamps where id = $1",
          [id],
        )
      )[0],
    close: async () => {
      await Promise.all(nodes.map((node) => node.close()));
      await second.close();
      await first.close();
    },
  });
}

async function openNode(
  { database, unitOfWork }: Workshop,
  nodeId: number,
  source: WebhookSource,
  hooks: Hooks,
) {
  const inbox = new WebhookInbox({
    database,
    unitOfWork,
    ids: new Ids(() => nodeId, systemClock),
    clock: systemClock,
    sources: [source],
    log: createLogger(process.env["TEST_LOG"] ?? "silent"),
    retryAfterMs: () => hooks.retryAfterMs,
  });
  const app = Fastify({ bodyLimit: 1_000, forceCloseConnections: true });
  await registerWebhookRoutes(app, inbox);
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  return { inbox, url, close: () => app.close() };
}

/** Keeps for each lamp its newest state with the time of its event, as a handler should. */
function lampShop(hooks: Hooks): WebhookSource {
  return {
    provider: "lamps",
    verify: (rawBody, headers, now) => {
      const signature = headers["lamp-signature"];
      return checkTimestampedSignature(signature, rawBody, [SECRET], now);
    },
    describe: (payload) => {
      const { id, at, lamp } = payload as LampEvent;
      return { eventId: id, type: "switched", occurredAt: new Date(at), subject: lamp };
    },
    apply: async (tx, event) => {
      await hooks.before(event);
      const outcome = await apply(tx, event);
      hooks.after(event);
      return outcome;
    },
  };
}

async function apply(tx: Tx, event: WebhookEvent): Promise<"APPLIED" | "IGNORED"> {
  const { lamp, state } = event.payload as LampEvent;
  const changed = await tx.execute(
    `insert into lamps as l (id, state, at, applied) values ($1, $2, $3, array[$4])
     on conflict (id) do update set state = $2, at = $3, applied = l.applied || $4::text
     where l.at <= excluded.at`,
    [lamp, state, event.occurredAt, event.eventId],
  );
  return changed === 1 ? "APPLIED" : "IGNORED";
}
