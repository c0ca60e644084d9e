import type { Redis } from "ioredis";
import {
  RateLimiterMemory,
  RateLimiterRedis,
  RateLimiterRes,
  type RateLimiterAbstract,
} from "rate-limiter-flexible";
import { rateLimited } from "../graphql/errors.ts";

/** How often something may happen. */
export interface RateLimit {
  /** Names the limit; part of the key in Redis. */
  readonly name: string;
  readonly points: number;
  readonly windowSeconds: number;
}

/** Counts events against limits: in Redis, and in the process while Redis is away. It never opens the gate. */
export class RateLimiter {
  private readonly limiters = new Map<string, RateLimiterAbstract>();

  /** @param redis Null keeps all counts in the process. */
  constructor(private readonly redis: Redis | null) {}

  /**
   * Takes points of a limit.
   * @param key Whom the limit counts: an address, an account, a user.
   * @throws RATE_LIMITED with the time to wait.
   */
  async consume(limit: RateLimit, key: string, points = 1): Promise<void> {
    try {
      await this.limiterOf(limit).consume(key, points);
    } catch (error) {
      if (error instanceof RateLimiterRes) throw rateLimited(error.msBeforeNext);
      throw error;
    }
  }

  /** Throws RATE_LIMITED if nothing is left, without taking a point. */
  async check(limit: RateLimit, key: string): Promise<void> {
    const state = await this.limiterOf(limit).get(key);
    if (state !== null && state.consumedPoints >= limit.points) {
      throw rateLimited(state.msBeforeNext);
    }
  }

  /** Forgets what was counted, such as failed sign-ins after a good one. */
  async reset(limit: RateLimit, key: string): Promise<void> {
    await this.limiterOf(limit).delete(key);
  }

  private limiterOf(limit: RateLimit): RateLimiterAbstract {
    const known = this.limiters.get(limit.name);
    if (known) return known;
    const options = {
      keyPrefix: `limit:${limit.name}`,
      points: limit.points,
      duration: limit.windowSeconds,
    };
    const memory = new RateLimiterMemory(options);
    const limiter = this.redis
      ? new RateLimiterRedis({
          ...options,
          storeClient: this.redis,
          insuranceLimiter: memory,
          rejectIfRedisNotReady: true,
        })
      : memory;
    this.limiters.set(limit.name, limiter);
    return limiter;
  }
}
