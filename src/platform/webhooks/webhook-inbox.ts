import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { Clock } from "../clock/clock.ts";
import type { Database } from "../db/database.ts";
import type { Tx, UnitOfWork } from "../db/unit-of-work.ts";
import type { Ids } from "../ids/ids.ts";
import type { QueueTask } from "../module.ts";
import type { Logger } from "../observe/logger.ts";
import { storableJson } from "./storable-json.ts";
import type { WebhookDescription, WebhookEvent, WebhookSource } from "./webhook-source.ts";
import { WEBHOOK_TASK, WebhookRepository, type Lane } from "./webhook.repository.ts";

const MAX_ATTEMPTS = 8;
/** So often a failing event is tried before newer ones of its subject may go first. */
const PATIENCE = 3;
const MAX_RETRY_MS = 30 * 60_000;
const MAX_TEXT = 255;
const MAX_ERROR = 500;

/** What became of a delivery. REFUSED: not genuine; UNREADABLE: genuine, but not an event. Neither is stored. */
export type Receipt = "STORED" | "DUPLICATE" | "REFUSED" | "UNREADABLE";

export interface WebhookInboxOptions {
  readonly database: Database;
  readonly unitOfWork: UnitOfWork;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly sources: readonly WebhookSource[];
  readonly log: Logger;
  /** How long to wait after the n-th failed attempt (from 1) of an event: 1 s, 5 s, 25 s … half an hour unless told. */
  readonly retryAfterMs?: (attempt: number) => number;
}

/**
 * Takes what other systems report, keeps it, and hands it to whoever is responsible: every event once, the events of
 * one subject one at a time and oldest first.
 */
export class WebhookInbox {
  /** Applies what was received; for the worker. */
  readonly task: QueueTask = { name: WEBHOOK_TASK, run: (payload) => this.drain(payload as Lane) };
  private readonly sources: ReadonlyMap<string, WebhookSource>;
  private readonly repository: WebhookRepository;

  /** @throws Error when two sources have one name */
  constructor(private readonly options: WebhookInboxOptions) {
    this.sources = new Map(options.sources.map((source) => [source.provider, source]));
    if (this.sources.size < options.sources.length) {
      throw new Error("Two webhook sources have the same name.");
    }
    this.repository = new WebhookRepository(options.database);
  }

  /** Names of the senders. */
  get providers(): string[] {
    return [...this.sources.keys()];
  }

  /** Verifies a delivery and stores its event, unless it is here already. */
  async receive(provider: string, rawBody: Buffer, headers: IncomingHttpHeaders): Promise<Receipt> {
    const source = this.sourceOf(provider);
    const { clock, ids, log } = this.options;
    const verdict = source.verify(rawBody, headers, clock.now());
    if (!verdict.ok) {
      log.warn({ provider, reason: verdict.reason }, "a webhook was refused");
      return "REFUSED";
    }
    let description: WebhookDescription;
    let json: string;
    try {
      json = storableJson(rawBody);
      description = checked(source.describe(JSON.parse(json), headers));
    } catch (error) {
      log.error({ err: error, provider }, "a genuine webhook could not be read");
      return "UNREADABLE";
    }
    const bodySha256 = createHash("sha256").update(rawBody).digest("hex");
    const id = ids.next("whe");
    const isNew = await this.repository.add({ ...description, id, provider, json, bodySha256 });
    return isNew ? "STORED" : "DUPLICATE";
  }

  /**
   * Has an event applied again that was parked as FAILED, or IGNORED because nobody knew what to do with it.
   * @returns false when it is neither, and nothing was done
   */
  replay(tx: Tx, id: string): Promise<boolean> {
    return this.repository.replay(tx, id);
  }

  private async drain(lane: Lane): Promise<void> {
    while (await this.applyNext(lane));
  }

  /** Whether there may be more to apply. */
  private async applyNext(lane: Lane): Promise<boolean> {
    let event = null as WebhookEvent | null;
    try {
      return await this.options.unitOfWork.run(async (tx) => {
        event = await this.repository.next(tx, lane, PATIENCE);
        if (!event) return false;
        const outcome = await this.sourceOf(lane.provider).apply(tx, event);
        return this.repository.settle(tx, event.id, outcome);
      });
    } catch (error) {
      if (!event) throw error;
      await this.failed(event, error);
      return true;
    }
  }

  private async failed(event: WebhookEvent, error: unknown): Promise<void> {
    const { retryAfterMs = retryDelayMs, log } = this.options;
    const attempt = event.attempts + 1;
    const parked = attempt >= MAX_ATTEMPTS;
    const { id, provider, eventId, type } = event;
    const fields = { err: error, id, provider, eventId, type, attempt };
    if (parked) log.error(fields, "a webhook event could not be applied and is parked");
    else log.warn(fields, "a webhook event could not be applied and is tried again");
    const message = error instanceof Error ? error.message : String(error);
    await this.repository.fail(event, {
      error: message.replaceAll("\0", "").toWellFormed().slice(0, MAX_ERROR),
      retryAfterMs: parked ? null : retryAfterMs(attempt),
    });
  }

  private sourceOf(provider: string): WebhookSource {
    const source = this.sources.get(provider);
    if (!source) throw new Error(`Nobody handles webhooks of ${provider}.`);
    return source;
  }
}

const retryDelayMs = (attempt: number): number =>
  Math.min(1_000 * 5 ** (attempt - 1), MAX_RETRY_MS);

function checked(description: WebhookDescription): WebhookDescription {
  for (const name of ["eventId", "type", "subject"] as const) {
    const { length } = description[name];
    if (length === 0 || length > MAX_TEXT) throw new Error(`The ${name} is empty or too long.`);
  }
  if (Number.isNaN(description.occurredAt.getTime())) throw new Error("The time is none.");
  return description;
}
