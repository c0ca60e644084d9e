import { resolve } from "node:path";
import type { Config } from "../platform/config/env.ts";
import type { Logger } from "../platform/observe/logger.ts";
import type { StoreUrls } from "./stores.ts";

/** The addresses of all stores, and how to stop those that were started here. */
export interface LocatedStores {
  readonly urls: StoreUrls;
  stop(): Promise<void>;
}

/** Takes the configured stores and starts an embedded one for each that is not configured. */
export async function locateStores(
  config: Config,
  log: Logger,
  onProgress: (step: string) => void,
): Promise<LocatedStores> {
  const { DATABASE_URL, MONGODB_URL, REDIS_URL } = config;
  const want = {
    postgres: DATABASE_URL === undefined,
    mongo: MONGODB_URL === undefined,
    redis: REDIS_URL === undefined,
  };
  if (DATABASE_URL !== undefined && MONGODB_URL !== undefined && REDIS_URL !== undefined) {
    return {
      urls: {
        postgresUrl: DATABASE_URL,
        mongoUrl: MONGODB_URL,
        redisUrl: REDIS_URL,
        redisEmbedded: false,
      },
      stop: () => Promise.resolve(),
    };
  }
  // Not even loaded where every store has an address.
  const { startEmbedded } = await import("../platform/embedded/index.ts");
  const embedded = await startEmbedded({
    dataDir: resolve(config.DATA_DIR),
    want,
    log,
    onProgress,
  });
  return {
    urls: {
      postgresUrl: addressOf("PostgreSQL", DATABASE_URL, embedded.postgresUrl),
      mongoUrl: addressOf("MongoDB", MONGODB_URL, embedded.mongoUrl),
      redisUrl: addressOf("Redis", REDIS_URL, embedded.redisUrl),
      redisEmbedded: REDIS_URL === undefined,
    },
    stop: () => embedded.stop(),
  };
}

function addressOf(store: string, ...candidates: (string | undefined)[]): string {
  const address = candidates.find((candidate) => candidate !== undefined);
  if (address === undefined) throw new Error(`${store} has no address.`);
  return address;
}
