import { Redis } from "ioredis";
import type { Logger } from "../observe/logger.ts";

export interface RedisOptions {
  readonly url: string;
  /** A server that does not answer a command in this time counts as gone. */
  readonly commandTimeoutMs: number;
  readonly log: Logger;
}

const RECONNECT_MS = 250;

/**
 * A connection for commands. It fails at once while Redis is away instead of queueing,
 * so that a request never waits for Redis longer than the command timeout.
 */
export function openRedis(options: RedisOptions): Redis {
  return quiet(
    new Redis(options.url, {
      ...connection(),
      commandTimeout: options.commandTimeoutMs,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
    }),
    options.log,
  );
}

/** A connection for subscriptions. After an outage its user subscribes again: what was given up meanwhile stays so. */
export function openRedisSubscriber(options: RedisOptions): Redis {
  return quiet(
    new Redis(options.url, {
      ...connection(),
      autoResubscribe: false,
      commandTimeout: options.commandTimeoutMs,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
    }),
    options.log,
  );
}

const connection = () => ({
  connectTimeout: 2_000,
  keepAlive: 5_000,
  retryStrategy: () => RECONNECT_MS,
  reconnectOnError: () => false,
});

/** Resolves when the connection is ready, or after `timeoutMs`: facet starts without Redis, too. */
export async function readyOrTimeout(redis: Redis, timeoutMs: number): Promise<void> {
  if (redis.status === "ready") return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, timeoutMs);
    redis.once("ready", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function quiet(redis: Redis, log: Logger): Redis {
  let reported = false;
  redis.on("error", (error: Error) => {
    if (!reported) log.warn({ err: error }, "Redis cannot be reached");
    reported = true;
  });
  redis.on("ready", () => {
    if (reported) log.info("Redis is back");
    reported = false;
  });
  return redis;
}
