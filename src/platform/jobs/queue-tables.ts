import type { Database } from "../db/database.ts";

const SCHEMA = "graphile_worker";

/** Brings the tables of the job queue up to date; an api process needs them to enqueue. Safe to call at once in several processes. */
export async function migrateQueue(database: Database): Promise<void> {
  const { runMigrations } = await import("graphile-worker");
  await runMigrations({ pgPool: database.pool, schema: SCHEMA });
}
