import cluster from "node:cluster";
import { startedByNpm } from "../platform/config/child-environment.ts";
import type { Config } from "../platform/config/env.ts";
import { untilPortIsFree } from "../platform/http/port-wait.ts";
import type { Logger } from "../platform/observe/logger.ts";
import { startApp, type App, type ProcessRole } from "./app.ts";
import { locateStores } from "./embedded-stores.ts";

const HARD_STOP_MS = 30_000;
const ORPHAN_CHECK_MS = 250;
const PORT_PATIENCE_MS = 10_000;
/** One Ctrl-C may arrive as several signals: from the terminal, from npm, from the primary process. */
const SAME_SIGNAL_MS = 1_000;

/** npm may be killed without a word to us; a server that nobody can stop any more would keep the port. */
function whenOrphaned(stop: () => void): void {
  const parent = process.ppid;
  if (!startedByNpm()) return;
  setInterval(() => {
    if (process.ppid !== parent) stop();
  }, ORPHAN_CHECK_MS).unref();
}

/** Runs one process until a signal ends it. Resolves when it is ready. */
export async function runProcess(options: {
  readonly config: Config;
  readonly role: ProcessRole;
  readonly log: Logger;
  readonly onProgress: (step: string) => void;
}): Promise<App> {
  const { config, role, log } = options;
  let app: App | null = null;
  let stores: Awaited<ReturnType<typeof locateStores>> | null = null;
  let stoppingSinceMs: number | null = null;
  const stop = async (): Promise<void> => {
    if (stoppingSinceMs !== null) {
      if (performance.now() - stoppingSinceMs > SAME_SIGNAL_MS) process.exit(1);
      return;
    }
    stoppingSinceMs = performance.now();
    setTimeout(() => {
      log.error("could not stop in time");
      process.exit(1);
    }, HARD_STOP_MS).unref();
    try {
      await app?.stop();
      await stores?.stop();
      process.exit(0);
    } catch (error) {
      log.error({ err: error }, "could not stop cleanly");
      process.exit(1);
    }
  };
  process.on("SIGTERM", () => void stop());
  process.on("SIGINT", () => void stop());
  whenOrphaned(() => void stop());
  // Each is a mistake of ours or of a library; none is worth the requests of everybody else.
  process.on("unhandledRejection", (error) => {
    log.error({ err: error }, "a rejection was not handled");
  });
  if (role !== "worker" && cluster.isPrimary) {
    await untilPortIsFree(config.HOST, config.PORT, PORT_PATIENCE_MS);
  }
  stores = await locateStores(config, log, options.onProgress);
  app = await startApp({ config, urls: stores.urls, role, log, processMetrics: true });
  return app;
}
