import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Redis } from "ioredis";
import { createLogger } from "../../../src/platform/observe/logger.ts";
import { RateLimiter, type RateLimit } from "../../../src/platform/redis/rate-limiter.ts";
import { openRedis, readyOrTimeout } from "../../../src/platform/redis/redis.ts";
import { hasRedisServer, RedisServer } from "../../support/redis-server.ts";
import { until } from "../../support/until.ts";

const FIVE: RateLimit = { name: "five", points: 5, windowSeconds: 60 };

/** How many of some tries are let through. */
async function admitted(limiter: RateLimiter, key: string, tries: number): Promise<number> {
  let count = 0;
  for (let index = 0; index < tries; index += 1) {
    await limiter.consume(FIVE, key).then(
      () => (count += 1),
      (error: any) => expect(error.extensions.code).toBe("RATE_LIMITED"),
    );
  }
  return count;
}

test("counts in the process when there is no Redis", async () => {
  const limiter = new RateLimiter(null);
  expect(await admitted(limiter, "ada", 9)).toBe(5);
  expect(await admitted(limiter, "bob", 3)).toBe(3);
  await limiter.reset(FIVE, "ada");
  expect(await admitted(limiter, "ada", 1)).toBe(1);
});

(hasRedisServer ? describe : describe.skip)("with a Redis server that fails", () => {
  let server: RedisServer;
  let redis: Redis;

  beforeAll(async () => {
    server = await RedisServer.start();
    redis = openRedis({ url: server.url, commandTimeoutMs: 100, log: createLogger("silent") });
    await readyOrTimeout(redis, 2_000);
  });
  afterAll(async () => {
    redis.disconnect();
    await server.down();
  });

  test("processes share the count", async () => {
    const [here, there] = [new RateLimiter(redis), new RateLimiter(redis)];
    expect(await admitted(here, "shared", 3)).toBe(3);
    expect(await admitted(there, "shared", 3)).toBe(2);
    await here.reset(FIVE, "shared");
    expect(await admitted(there, "shared", 6)).toBe(5);
  });

  test("a limit goes on from where it was when Redis dies, and when it comes back empty", async () => {
    const limiter = new RateLimiter(redis);
    expect(await admitted(limiter, "dying", 3)).toBe(3);
    await server.down();
    expect(await admitted(limiter, "dying", 3)).toBe(2);
    expect(await admitted(limiter, "new", 4)).toBe(4);
    await server.up();
    await until(() => redis.status === "ready");
    expect(await admitted(limiter, "dying", 3)).toBe(0);
    expect(await admitted(limiter, "new", 4)).toBe(1);
  });

  test("a frozen Redis costs one command timeout at first, then nothing", async () => {
    const limiter = new RateLimiter(redis);
    expect(await admitted(limiter, "frozen", 4)).toBe(4);
    server.freeze();
    const startMs = performance.now();
    expect(await admitted(limiter, "frozen", 2)).toBe(1);
    expect(performance.now() - startMs).toBeLessThan(1_000);
    await until(() => redis.status !== "ready", Boolean, 4_000);
    const laterMs = performance.now();
    expect(await admitted(limiter, "frozen", 5)).toBe(0);
    expect(performance.now() - laterMs).toBeLessThan(100);
    server.thaw();
    await until(() => redis.status === "ready");
  });
});
