import type { Clock } from "../../../platform/clock/clock.ts";
import type { Logger } from "../../../platform/observe/logger.ts";
import type { WireEvent } from "../wire/wire-event.ts";
import type { DeliveryFiles } from "./delivery-files.ts";

const LOOK_MS = 500;
const TIMEOUT_MS = 5_000;
const FIRST_RETRY_MS = 500;
const MAX_RETRY_MS = 30_000;
/** The process that makes an event sends it; others do when it has not after this time. */
const HEAD_START_MS = 3_000;

export interface CourierOptions {
  readonly files: DeliveryFiles;
  readonly clock: Clock;
  readonly log: Logger;
  /** Where the webhooks are taken, without the name of the provider. */
  readonly baseUrl: string;
  /** The headers that prove a body; signed anew for each attempt. */
  readonly sign: (event: WireEvent, body: Buffer, at: Date) => Record<string, string>;
}

/** Sends webhooks to ourselves until each was answered with 200, over restarts; at times more than once. */
export class Courier {
  private readonly own = new Set<string>();
  private readonly stopping = new AbortController();
  private timer: NodeJS.Timeout | null = null;
  private round: Promise<void> | null = null;
  private again = false;

  constructor(private readonly options: CourierOptions) {}

  /** Takes events to send. */
  async add(events: readonly WireEvent[]): Promise<void> {
    const { files, clock } = this.options;
    const sends = this.timer !== null;
    for (const event of events) {
      const wait = sends ? HEAD_START_MS : 0;
      const name = await files.add(event, clock.now().getTime() + wait);
      if (sends) this.own.add(name);
    }
    this.poke();
  }

  /** Begins to send; first of all, at once, what a process left behind. */
  async start(): Promise<void> {
    for (const name of await this.options.files.names()) this.own.add(name);
    this.timer = setInterval(() => {
      this.poke();
    }, LOOK_MS).unref();
    this.poke();
  }

  /** Ends sending; what is not sent yet waits for the next start. */
  async stop(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    this.timer = null;
    this.stopping.abort();
    await this.round;
  }

  /** Looks now and not only at the next turn. */
  poke(): void {
    if (this.timer === null) return;
    this.again = this.round !== null;
    this.round ??= this.sendAll()
      .catch((error: unknown) => {
        this.options.log.warn({ err: error }, "webhooks of the local store cannot be sent");
      })
      .finally(() => {
        this.round = null;
        if (this.again) this.poke();
      });
  }

  private async sendAll(): Promise<void> {
    const { files, clock } = this.options;
    if (await files.isHeld()) return;
    for (const name of await files.names()) {
      if (this.stopping.signal.aborted) return;
      const delivery = await files.find(name);
      if (!delivery) continue;
      const due = this.own.delete(name) || delivery.nextAttemptAt <= clock.now().getTime();
      if (!due) continue;
      const attempts = delivery.attempts + 1;
      const nextAttemptAt = clock.now().getTime() + retryAfterMs(attempts);
      await files.keep(name, { ...delivery, attempts, nextAttemptAt });
      if (await this.send(delivery.event, attempts)) await files.arrived(name);
    }
  }

  /** @returns whether the answer was 200; any other one is a failure, as the strictest of the stores has it */
  private async send(event: WireEvent, attempt: number): Promise<boolean> {
    const { baseUrl, sign, clock, log } = this.options;
    const body = Buffer.from(JSON.stringify(event.payload));
    try {
      const { status } = await fetch(`${baseUrl}/${event.provider}`, {
        method: "POST",
        headers: { "content-type": "application/json", ...sign(event, body, clock.now()) },
        body,
        redirect: "manual",
        signal: AbortSignal.any([this.stopping.signal, AbortSignal.timeout(TIMEOUT_MS)]),
      });
      if (status === 200) return true;
      log.warn({ event: event.id, status, attempt }, "a webhook of the local store was refused");
    } catch (error) {
      if (this.stopping.signal.aborted) return false;
      log.warn({ err: error, event: event.id, attempt }, "a webhook of the local store was lost");
    }
    return false;
  }
}

const retryAfterMs = (attempts: number): number =>
  Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** (attempts - 1));
