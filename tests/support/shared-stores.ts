import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { migrations } from "../../migrations/index.ts";
import { Database } from "../../src/platform/db/database.ts";
import { startEmbedded } from "../../src/platform/embedded/index.ts";
import { migrateQueue } from "../../src/platform/jobs/queue-tables.ts";
import { createLogger } from "../../src/platform/observe/logger.ts";
import { TEMPLATE_DATABASE } from "./database.ts";

/** Starts the stores that the whole run shares, and makes the migrated database that each test file copies. */
export async function startSharedStores(): Promise<{ stop(): Promise<void> }> {
  const log = createLogger("warn");
  const embedded = await startEmbedded({
    dataDir: mkdtempSync(join(tmpdir(), "facet-test-")),
    want: {
      postgres: process.env["DATABASE_URL"] === undefined,
      mongo: process.env["MONGODB_URL"] === undefined,
      redis: process.env["REDIS_URL"] === undefined,
    },
    ephemeral: true,
    log,
    onProgress: () => undefined,
  });
  const postgresUrl = process.env["DATABASE_URL"] ?? embedded.postgresUrl ?? "";
  process.env["FACET_TEST_POSTGRES_URL"] = postgresUrl;
  process.env["FACET_TEST_MONGO_URL"] = process.env["MONGODB_URL"] ?? embedded.mongoUrl;
  process.env["FACET_TEST_REDIS_URL"] = process.env["REDIS_URL"] ?? embedded.redisUrl;
  await makeTemplate(postgresUrl);
  return { stop: () => embedded.stop() };
}

async function makeTemplate(postgresUrl: string): Promise<void> {
  const admin = new pg.Client({ connectionString: postgresUrl });
  await admin.connect();
  await admin.query(`drop database if exists ${TEMPLATE_DATABASE} with (force)`);
  await admin.query(`create database ${TEMPLATE_DATABASE}`);
  await admin.end();
  const url = new URL(postgresUrl);
  url.pathname = TEMPLATE_DATABASE;
  const database = await Database.open({
    url: url.toString(),
    poolSize: 3,
    applicationName: "template",
    entities: [],
    migrations,
    log: createLogger("warn"),
  });
  await database.migrate();
  await migrateQueue(database);
  await database.close();
}
