import { migrations } from "../../migrations/index.ts";
import type { Config } from "../platform/config/env.ts";
import { Database } from "../platform/db/database.ts";
import type { Logger } from "../platform/observe/logger.ts";
import { locateStores } from "./embedded-stores.ts";

/** `migrate up|down|status`; resolves to the exit code. */
export async function migrate(
  config: Config,
  log: Logger,
  direction: string,
  tell: (text: string) => void,
): Promise<number> {
  const located = await locateStores(config, log, tell);
  const database = await Database.open({
    url: located.urls.postgresUrl,
    poolSize: 3,
    applicationName: "facet-migrate",
    entities: [],
    migrations,
    log,
  });
  try {
    if (direction === "up") {
      const done = await database.migrate();
      tell(done.length > 0 ? `Applied: ${done.join(", ")}` : "Nothing to apply.");
    } else if (direction === "down") {
      await database.revert();
      tell("Reverted the newest migration.");
    } else if (direction === "status") {
      tell(
        (await database.isMigrated()) ? "All migrations are applied." : "Migrations are missing.",
      );
    } else {
      tell("Say migrate up, migrate down or migrate status.");
      return 1;
    }
    return 0;
  } finally {
    await database.close();
    await located.stop();
  }
}
