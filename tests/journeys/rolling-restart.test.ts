import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import { freshDatabase, storeUrls } from "../support/database.ts";
import { startServer } from "../support/server-process.ts";
import { until } from "../support/until.ts";
import { signIn } from "../support/world.ts";

/** Between two requests of a client: without it they would take the processor from the processes that start. */
const PACE_MS = 10;

test("all processes are replaced without a failed request", async () => {
  const database = await freshDatabase();
  const { mongoUrl, redisUrl } = storeUrls();
  const server = await startServer(["--role", "api", "--workers", "2"], {
    DATABASE_URL: database.url,
    MONGODB_URL: mongoUrl,
    REDIS_URL: redisUrl,
    LOG_LEVEL: "info",
  });
  try {
    const person = await signIn(server.url);
    let ended = false;
    let answered = 0;
    const clients = Array.from({ length: 4 }, async () => {
      while (!ended) {
        await person.must("{ viewer { id } }");
        answered += 1;
        await pause(PACE_MS);
      }
    });
    server.child.kill("SIGHUP");
    await Promise.race([
      until(() => server.output().includes("all processes were replaced"), Boolean, 25_000),
      ...clients,
    ]);
    ended = true;
    await Promise.all(clients);
    expect(answered).toBeGreaterThan(100);
    await server.kill("SIGTERM");
    expect(server.child.exitCode).toBe(0);
    expect(server.unhandled()).toBe(0);
  } finally {
    await server.kill("SIGKILL");
    await database.drop();
  }
}, 60_000);
