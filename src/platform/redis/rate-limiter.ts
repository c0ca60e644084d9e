import type { Redis } from "ioredis";
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";
import { rateLimited } from "../graphql/errors.ts";

/** How often something may happen. */
export interface RateLimit {
  /** Names the limit; part of the key in Redis. */
  readonly name: string;
  readonly points: number;
  readonly windowSeconds: number;
}

/**
 * Counts events against limits: in Redis, and in the process while Redis is away. It never opens the gate. With Redis the
 * count of all processes is one. Without it each process counts by itself: n of them let at most n times the points
 * through in a window, and whoever a process knew to be at the limit stays there. A Redis that comes back empty is not
 * believed alone for one window: both counts hold, so that an outage gives nobody a second helping in the same process.
 */
export class RateLimiter {
  private readonly counts = new Map<string, Count>();

  /** @param redis Null keeps all counts in the process. */
  constructor(private readonly redis: Redis | null) {
    redis?.on("close", () => {
      for (const count of this.counts.values()) count.distrustRedis();
    });
  }

  /**
   * Takes points of a limit.
   * @param key Whom the limit counts: an address, an account, a user.
   * @throws RATE_LIMITED with the time to wait.
   */
  async consume(limit: RateLimit, key: string, points = 1): Promise<void> {
    const waitMs = await this.countOf(limit).consume(key, points);
    if (waitMs !== null) throw rateLimited(waitMs);
  }

  /** Forgets what was counted, such as failed sign-ins after a good one. */
  async reset(limit: RateLimit, key: string): Promise<void> {
    await this.countOf(limit).reset(key);
  }

  private countOf(limit: RateLimit): Count {
    const known = this.counts.get(limit.name);
    if (known) return known;
    const count = new Count(limit, this.redis);
    this.counts.set(limit.name, count);
    return count;
  }
}

/**
 * The count of one limit. What Redis says is noted in the process, so that a limit goes on from there when Redis goes
 * away; and for one window after an outage both counts hold, since Redis may have come back empty.
 */
class Count {
  private readonly memory: RateLimiterMemory;
  private readonly redis: RateLimiterRedis | null;
  private distrustRedisUntilMs = 0;

  constructor(
    private readonly limit: RateLimit,
    redis: Redis | null,
  ) {
    const options = {
      keyPrefix: `limit:${limit.name}`,
      points: limit.points,
      duration: limit.windowSeconds,
    };
    this.memory = new RateLimiterMemory(options);
    this.redis = redis
      ? new RateLimiterRedis({ ...options, storeClient: redis, rejectIfRedisNotReady: true })
      : null;
  }

  /** Resolves to the milliseconds to wait when too little is left, else to null. */
  async consume(key: string, points: number): Promise<number | null> {
    const shared = await outcomeOf(this.redis?.consume(key, points));
    if (shared === null && this.redis) this.distrustRedis();
    if (shared === null || Date.now() < this.distrustRedisUntilMs) {
      const own = await outcomeOf(this.memory.consume(key, points));
      return this.waitMs(own) ?? this.waitMs(shared);
    }
    const seconds = Math.ceil(shared.msBeforeNext / 1000);
    await this.memory.set(key, shared.consumedPoints, seconds);
    return this.waitMs(shared);
  }

  async reset(key: string): Promise<void> {
    await this.memory.delete(key);
    await this.redis?.delete(key).catch(() => undefined);
  }

  /** Redis is away, or came back and may have forgotten. */
  distrustRedis(): void {
    this.distrustRedisUntilMs = Date.now() + this.limit.windowSeconds * 1000;
  }

  private waitMs(outcome: RateLimiterRes | null): number | null {
    const refused = outcome !== null && outcome.consumedPoints > this.limit.points;
    return refused ? outcome.msBeforeNext : null;
  }
}

/** What was counted, null when that cannot be said. */
async function outcomeOf(
  counting: Promise<RateLimiterRes> | undefined,
): Promise<RateLimiterRes | null> {
  try {
    return (await counting) ?? null;
  } catch (error) {
    // The library rejects with the count itself when it is too high.
    return error instanceof RateLimiterRes ? error : null;
  }
}
