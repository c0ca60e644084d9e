import { Redis } from "ioredis";
import type { Logger } from "../observe/logger.ts";

export interface RedisOptions {
  readonly url: string;
  /** A server that does not answer a command in this time counts as gone. */
  readonly commandTimeoutMs: number;
  readonly log: Logger;
}

const RECONNECT_MS = 250;
/** The library waits so long for the other side's goodbye, also where the socket is gone: it keeps a process from ending. */
const DISCONNECT_MS = 250;
const SUBSCRIBE_TIMEOUT_MS = 1_000;
const PING_MS = 1_000;
/** A server that is silent for this long after a command is taken for gone, though its socket is open. */
const SILENCE_MS = 1_000;

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

/** A connection for subscriptions. Whoever subscribes does so again after an outage. */
export function openRedisSubscriber(options: RedisOptions): Redis {
  return quiet(
    new Redis(options.url, {
      ...connection(),
      commandTimeout: Math.max(options.commandTimeoutMs, SUBSCRIBE_TIMEOUT_MS),
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      // Its promise would be left unhandled when the connection breaks meanwhile.
      autoResubscribe: false,
    }),
    options.log,
  );
}

const connection = () => ({
  connectTimeout: 2_000,
  disconnectTimeout: DISCONNECT_MS,
  keepAlive: 5_000,
  socketTimeout: SILENCE_MS,
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
  // A frozen server is noticed only by asking it.
  const pings = setInterval(() => {
    if (redis.status === "ready") redis.ping().catch(() => undefined);
  }, PING_MS).unref();
  redis.on("end", () => {
    clearInterval(pings);
  });
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
