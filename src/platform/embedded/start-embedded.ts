import { mkdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Logger } from "../observe/logger.ts";
import { startEmbeddedPostgres } from "./postgres/postgres.ts";
import type { StoreName } from "./thread/messages.ts";
import { startThread, type RunningThread } from "./thread/start-thread.ts";

export interface EmbeddedOptions {
  /** Folder of all embedded stores. Several processes of one machine may share it. */
  readonly dataDir: string;
  readonly want: {
    readonly postgres: boolean;
    readonly mongo: boolean;
    readonly redis: boolean;
  };
  readonly log: Logger;
  /** Told in plain words what takes time. */
  readonly onProgress?: (step: string) => void;
  /** For tests with a folder of their own: PostgreSQL does not wait for the disk, and stop removes the stores. */
  readonly ephemeral?: boolean;
}

export interface Embedded {
  readonly postgresUrl?: string;
  readonly mongoUrl?: string;
  readonly redisUrl?: string;
  /** Leaves the stores to the other processes that use them; the last one stops them. */
  stop(): Promise<void>;
}

/** Starts the wanted stores on 127.0.0.1, or joins those that another process with the same folder runs. */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const { want } = options;
  const stores = (["mongo", "redis"] as const).filter((name) => want[name]);
  const [postgres, thread] = await Promise.allSettled([
    want.postgres ? startEmbeddedPostgres(options) : undefined,
    stores.length > 0 ? startStores(options, stores) : undefined,
  ]);
  if (postgres.status === "rejected" || thread.status === "rejected") {
    if (postgres.status === "fulfilled") await postgres.value?.stop();
    if (thread.status === "fulfilled") await thread.value?.stop();
    throw (postgres.status === "rejected" ? postgres : (thread as PromiseRejectedResult)).reason;
  }
  const { mongo, redis } = thread.value?.urls ?? {};
  return {
    ...(postgres.value ? { postgresUrl: postgres.value.url } : {}),
    ...(mongo === undefined ? {} : { mongoUrl: mongo }),
    ...(redis === undefined ? {} : { redisUrl: redis }),
    stop: async () => {
      await Promise.all([postgres.value?.stop(), thread.value?.stop()]);
      if (options.ephemeral) await removeStores(options.dataDir, stores);
    },
  };
}

export interface EmbeddedStore {
  readonly url: string;
  stop(): Promise<void>;
}

export interface EmbeddedStoreOptions {
  readonly dataDir: string;
  readonly log: Logger;
  /** Told in plain words what takes time. */
  readonly onProgress?: (step: string) => void;
}

/**
 * A MongoDB-compatible server. It is open to every user of this machine: it listens on 127.0.0.1 only
 * and asks for no password.
 */
export const startEmbeddedMongo = (options: EmbeddedStoreOptions): Promise<EmbeddedStore> =>
  startOne("mongo", options);

/** A Redis-compatible server in memory; its URL holds the generated password. */
export const startEmbeddedRedis = (options: EmbeddedStoreOptions): Promise<EmbeddedStore> =>
  startOne("redis", options);

async function startOne(name: StoreName, options: EmbeddedStoreOptions): Promise<EmbeddedStore> {
  const thread = await startStores(options, [name]);
  return { url: thread.urls[name] ?? "", stop: () => thread.stop() };
}

async function startStores(
  options: EmbeddedStoreOptions,
  stores: readonly StoreName[],
): Promise<RunningThread> {
  const folder = resolve(options.dataDir);
  await mkdir(folder, { recursive: true });
  return startThread({ dataDir: folder, stores }, options);
}

async function removeStores(dataDir: string, stores: readonly StoreName[]): Promise<void> {
  for (const name of stores) {
    await rm(join(dataDir, name), { recursive: true, force: true });
  }
}
