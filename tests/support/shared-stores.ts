import { mkdtemp, readdir, rm, stat, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { migrations } from "../../migrations/index.ts";
import { Database } from "../../src/platform/db/database.ts";
import { startEmbedded } from "../../src/platform/embedded/index.ts";
import { migrateQueue } from "../../src/platform/jobs/queue-tables.ts";
import { createLogger } from "../../src/platform/observe/logger.ts";
import { TEMPLATE_DATABASE } from "./database.ts";

const FOLDER = "facet-test-";
const MEMORY = "/dev/shm";
/** The stores of a run need a quarter of it. */
const ROOM_BYTES = 2 ** 31;
/** No run takes so long: what is older was left by one that was killed. */
const LEFT_BEHIND_MS = 3_600_000;

/** Starts the stores that the whole run shares, and makes the migrated database that each test file copies. */
export async function startSharedStores(): Promise<{ stop(): Promise<void> }> {
  const log = createLogger("warn");
  const dataDir = await makeFolder();
  const embedded = await startEmbedded({
    dataDir,
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
  return {
    stop: async () => {
      await embedded.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Each copy of a database is hundreds of files, made and soon removed: many times quicker where no disk is behind them. */
async function makeFolder(): Promise<string> {
  const roomBytes = await statfs(MEMORY).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => 0,
  );
  const place = roomBytes > ROOM_BYTES ? MEMORY : tmpdir();
  for (const name of await readdir(place)) {
    const path = join(place, name);
    const isOld = async () => Date.now() - (await stat(path)).mtimeMs > LEFT_BEHIND_MS;
    if (name.startsWith(FOLDER) && (await isOld().catch(() => false))) {
      await rm(path, { recursive: true, force: true });
    }
  }
  return mkdtemp(join(place, FOLDER));
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
