import type { Redis } from "ioredis";
import type { Clock } from "../../../platform/clock/clock.ts";
import type { Logger } from "../../../platform/observe/logger.ts";

export interface DenyListOptions {
  /** Null answers "unknown" to everything. */
  readonly redis: Redis | null;
  /** The sessions that ended since, from PostgreSQL. */
  readonly endedSince: (since: Date) => Promise<readonly string[]>;
  readonly accessTokenSeconds: number;
  readonly clock: Clock;
  readonly log: Logger;
  /** Pause before a Redis that came back is believed: the other processes find it again meanwhile. Default 5 s. */
  readonly settleMs?: number;
}

const COMPLETE = "denied-sessions:complete";
const MARGIN_SECONDS = 60;

/**
 * Ended sessions whose access tokens have not expired yet, in Redis. It answers only while it is known to be complete;
 * see src/decisions/0010-ended-sessions.md.
 */
export class DenyList {
  private complete = false;
  private timer: NodeJS.Timeout | null = null;
  private closed = false;
  private readonly settleMs: number;

  constructor(private readonly options: DenyListOptions) {
    this.settleMs = options.settleMs ?? 5_000;
    options.redis?.on("ready", this.distrust);
    options.redis?.on("close", this.distrust);
    this.distrust();
  }

  /** Whether the session has ended; null when PostgreSQL has to be asked. */
  async has(sessionId: string): Promise<boolean | null> {
    const { redis } = this.options;
    if (!redis || !this.complete) return null;
    try {
      const [complete, denied] = await redis.mget(COMPLETE, keyOf(sessionId));
      if (typeof denied === "string") return true;
      if (typeof complete === "string" && this.complete) return false;
    } catch {
      // A Redis that does not answer in time counts as gone; the next requests do not wait for it.
    }
    this.distrust();
    return null;
  }

  /** Adds sessions whose end is committed. Never throws: what could not be added is read from PostgreSQL later. */
  async add(sessionIds: readonly string[]): Promise<void> {
    if (!this.options.redis || sessionIds.length === 0) return;
    try {
      await this.write(sessionIds, false);
    } catch (error) {
      this.options.log.warn({ err: error }, "ended sessions could not be told to Redis");
      this.distrust();
    }
  }

  /** Lets go of its timer. */
  close(): void {
    this.closed = true;
    if (this.timer) clearTimeout(this.timer);
    this.options.redis?.off("ready", this.distrust);
    this.options.redis?.off("close", this.distrust);
  }

  /** Stops answering, and fills the list again from PostgreSQL after the settling time. */
  private readonly distrust = (): void => {
    this.complete = false;
    if (this.closed || !this.options.redis) return;
    if (this.timer) clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.refill(), this.settleMs).unref();
  };

  private async refill(): Promise<void> {
    const { endedSince, accessTokenSeconds, clock, log } = this.options;
    const timer = this.timer;
    try {
      const lifeMs = (accessTokenSeconds + MARGIN_SECONDS) * 1_000;
      await this.write(await endedSince(new Date(clock.now().getTime() - lifeMs)), true);
      // A connection that was lost meanwhile has set another timer.
      if (this.timer === timer) this.complete = true;
    } catch (error) {
      log.debug({ err: error }, "the list of ended sessions could not be filled yet");
      this.distrust();
    }
  }

  private async write(sessionIds: readonly string[], markComplete: boolean): Promise<void> {
    const { redis, accessTokenSeconds } = this.options;
    if (!redis) return;
    const batch = redis.multi();
    for (const id of sessionIds)
      batch.set(keyOf(id), "1", "EX", accessTokenSeconds + MARGIN_SECONDS);
    if (markComplete) batch.set(COMPLETE, "1");
    const results = await batch.exec();
    const failure = results?.find(([error]) => error !== null)?.[0];
    if (!results || failure) throw failure ?? new Error("Redis dropped the batch.");
  }
}

const keyOf = (sessionId: string): string => `denied-session:${sessionId}`;
