import type { Config } from "../platform/config/env.ts";
import type { Logger } from "../platform/observe/logger.ts";
import { startApp, type App, type ProcessRole } from "./app.ts";
import { locateStores } from "./embedded-stores.ts";

const HARD_STOP_MS = 30_000;

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
  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) process.exit(1);
    stopping = true;
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
  stores = await locateStores(config, log, options.onProgress);
  app = await startApp({ config, urls: stores.urls, role, log, processMetrics: true });
  return app;
}
