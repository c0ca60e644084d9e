import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { TestClient } from "../support/client.ts";
import { spawnServer, startServer } from "../support/server-process.ts";
import { freePort, signIn } from "../support/world.ts";

test("with everything embedded it starts again after kill -9 at any moment, and keeps its data", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "facet-start-"));
  const env = {
    DATA_DIR: dataDir,
    PORT: String(await freePort()),
    DATABASE_URL: "",
    MONGODB_URL: "",
    REDIS_URL: "",
  };
  try {
    for (const momentMs of [150, 700, 1_200]) {
      const killed = await spawnServer([], env);
      await new Promise((resolve) => setTimeout(resolve, momentMs));
      await killed.kill("SIGKILL");
    }
    const first = await startServer([], env);
    const { session } = await signIn(first.url);
    await first.kill("SIGKILL");
    const second = await startServer([], env);
    const { viewer } = await new TestClient(second.url, session).must("{ viewer { id } }");
    expect(viewer.id).toBe(session?.userId);
    await second.kill("SIGTERM");
    expect(second.child.exitCode).toBe(0);
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}, 60_000);
