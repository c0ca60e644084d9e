import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbeddedPostgres } from "../../../src/platform/embedded/index.ts";
import { createLogger } from "../../../src/platform/observe/logger.ts";

/** An empty database of its own. */
export async function freshDatabase(): Promise<{ url: string; drop: () => Promise<void> }> {
  const dataDir = await mkdtemp(join(tmpdir(), "catalog-database-"));
  const server = await startEmbeddedPostgres({
    dataDir,
    log: createLogger("silent"),
    ephemeral: true,
  });
  return {
    url: server.url,
    async drop() {
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
