import type { Config } from "../platform/config/env.ts";
import type { HttpServer } from "../platform/http/http-server.ts";
import type { Worker } from "../platform/jobs/worker.ts";
import type { Logger } from "../platform/observe/logger.ts";
import { Metrics } from "../platform/observe/metrics.ts";
import { createApi } from "./api.ts";
import { compose, type Parts } from "./compose.ts";
import { goodsOf } from "./local-store.ts";
import { openProviders, type Providers } from "./providers.ts";
import { createWorker } from "./queue-worker.ts";
import { openStores, type Stores, type StoreUrls } from "./stores.ts";

/** A start waits so long for the dynamic configuration, and then goes on with what it has. */
const FIRST_NEWS_MS = 3_000;

/** What a process does: serve GraphQL, work on jobs, or both. */
export type ProcessRole = "api" | "worker" | "all";

export interface AppOptions {
  readonly config: Config;
  readonly urls: StoreUrls;
  readonly role: ProcessRole;
  readonly log: Logger;
  /** Collects the process's own figures (memory, event loop) as well. */
  readonly processMetrics?: boolean;
}

/** One running facet process. */
export interface App {
  readonly parts: Parts;
  readonly stores: Stores;
  readonly providers: Providers;
  readonly metrics: Metrics;
  /** The port of the api, null for a worker. */
  readonly port: number | null;
  /** Whether `stop` was called. */
  isStopping(): boolean;
  /** Finishes what runs, closes everything. Safe to call twice. */
  stop(): Promise<void>;
}

/** Opens the stores and starts the roles of a process. */
export async function startApp(options: AppOptions): Promise<App> {
  const { config, log, role } = options;
  const metrics = new Metrics({ defaults: options.processMetrics ?? false });
  const stores = await openStores(options.urls, config, log);
  const providers = openProviders({ config, log, metrics });
  const composing = { config, stores, providers, metrics, log };
  const parts = compose(composing);
  providers.localStore?.offer(() => goodsOf(parts.planDocument.current()));
  await Promise.all([ensureIndexes(parts, log), parts.planDocument.start(FIRST_NEWS_MS)]);
  const worker = role === "api" ? null : createWorker(composing, parts);
  await worker?.start();
  const api = role === "worker" ? null : await createApi(composing, parts);
  const port = api ? await api.listen(config.HOST, config.PORT) : null;
  if (api) await providers.localStore?.start();
  let stopping: Promise<void> | null = null;
  return {
    parts,
    stores,
    providers,
    metrics,
    port,
    isStopping: () => stopping !== null,
    stop: () => (stopping ??= stop(config, { api, worker, parts, providers, stores })),
  };
}

/** MongoDB may be away at start; the indexes are then made at the next one. */
async function ensureIndexes(parts: Parts, log: Logger): Promise<void> {
  try {
    await parts.ensureIndexes();
  } catch (error) {
    log.warn({ err: error }, "MongoDB cannot be reached; facet starts without it");
  }
}

async function stop(
  config: Config,
  running: {
    api: HttpServer | null;
    worker: Worker | null;
    parts: Parts;
    providers: Providers;
    stores: Stores;
  },
): Promise<void> {
  const graceMs = config.DRAIN_SECONDS * 1000;
  await running.providers.localStore?.stop();
  await Promise.all([running.api?.drain(), running.worker?.stop(graceMs)]);
  await running.parts.close();
  await running.providers.close();
  await running.stores.close();
}
