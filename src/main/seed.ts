import { seedCatalog } from "../domains/catalog/index.ts";
import { seedHairstyles } from "../domains/tryon/index.ts";
import type { Config } from "../platform/config/env.ts";
import type { Logger } from "../platform/observe/logger.ts";
import type { Parts } from "./compose.ts";
import type { Providers } from "./providers.ts";
import type { Stores } from "./stores.ts";

/** Puts the demonstration catalogue and the demo users in place. May be run again; changes nothing then. */
export async function seed(options: {
  readonly config: Config;
  readonly stores: Stores;
  readonly parts: Parts;
  readonly providers: Providers;
  readonly log: Logger;
  readonly onProgress?: (done: number, total: number) => void;
}): Promise<void> {
  const { config, stores, parts, providers, log } = options;
  if (!config.production) await parts.identity.seedDemoUsers();
  await seedHairstyles({ ...stores, uow: parts.unitOfWork, blobs: providers.blobs, log });
  await seedCatalog({
    uow: parts.unitOfWork,
    blobs: providers.blobs,
    ids: stores.ids,
    log,
    ...(options.onProgress ? { onProgress: options.onProgress } : {}),
  });
}
