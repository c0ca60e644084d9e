import type { Redis } from "ioredis";
import { migrations } from "../../migrations/index.ts";
import { catalogEntities } from "../domains/catalog/index.ts";
import { systemClock } from "../platform/clock/clock.ts";
import type { Config } from "../platform/config/env.ts";
import { Database } from "../platform/db/database.ts";
import { Ids } from "../platform/ids/ids.ts";
import { fixedNode, leaseNode, type NodeLease } from "../platform/ids/node-lease.ts";
import { migrateQueue } from "../platform/jobs/queue-tables.ts";
import { Mongo } from "../platform/mongo/mongo.ts";
import type { Logger } from "../platform/observe/logger.ts";
import { openRedis, openRedisSubscriber, readyOrTimeout } from "../platform/redis/redis.ts";

const REDIS_WAIT_MS = 2_000;

/** Where the stores are; embedded ones bring their own addresses. */
export interface StoreUrls {
  readonly postgresUrl: string;
  readonly mongoUrl: string;
  readonly redisUrl: string;
  /** An embedded Redis counts nothing: limits stay in the process. */
  readonly redisEmbedded: boolean;
}

/** The open stores of one process. */
export interface Stores {
  readonly database: Database;
  readonly mongo: Mongo;
  readonly redis: Redis;
  readonly redisSubscriber: Redis;
  readonly redisEmbedded: boolean;
  readonly ids: Ids;
  close(): Promise<void>;
}

/** Opens PostgreSQL only, with its migrations applied. */
export async function openDatabase(
  urls: Pick<StoreUrls, "postgresUrl">,
  config: Config,
  log: Logger,
) {
  const database = await Database.open({
    url: urls.postgresUrl,
    poolSize: config.DATABASE_POOL_SIZE,
    applicationName: "facet",
    entities: [...catalogEntities],
    migrations,
    log,
  });
  await database.migrate();
  await migrateQueue(database);
  return database;
}

/** Opens all stores, applies migrations and takes a node number. */
export async function openStores(urls: StoreUrls, config: Config, log: Logger): Promise<Stores> {
  const database = await openDatabase(urls, config, log);
  const mongo = Mongo.open({ url: urls.mongoUrl, applicationName: "facet", log });
  const redisOptions = {
    url: urls.redisUrl,
    commandTimeoutMs: config.REDIS_COMMAND_TIMEOUT_MS,
    log,
  };
  const redis = openRedis(redisOptions);
  const redisSubscriber = openRedisSubscriber(redisOptions);
  await Promise.all([
    readyOrTimeout(redis, REDIS_WAIT_MS),
    readyOrTimeout(redisSubscriber, REDIS_WAIT_MS),
  ]);
  const lease: NodeLease =
    config.SNOWFLAKE_NODE_ID === undefined
      ? await leaseNode(database)
      : fixedNode(config.SNOWFLAKE_NODE_ID);
  return {
    database,
    mongo,
    redis,
    redisSubscriber,
    redisEmbedded: urls.redisEmbedded,
    ids: new Ids(() => lease.nodeId(), systemClock),
    close: async () => {
      await lease.release().catch(() => undefined);
      redis.disconnect();
      redisSubscriber.disconnect();
      await Promise.all([mongo.close(), database.close()]);
    },
  };
}
