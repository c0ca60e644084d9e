import { randomBytes } from "node:crypto";
import pg from "pg";

/** A migrated, empty database; every test file works on a copy of it. */
export const TEMPLATE_DATABASE = "facet_test_template";

/** Addresses of the stores that this run shares. */
export function storeUrls(): { postgresUrl: string; mongoUrl: string; redisUrl: string } {
  const [postgresUrl, mongoUrl, redisUrl] = ["POSTGRES", "MONGO", "REDIS"].map(
    (store) => process.env[`FACET_TEST_${store}_URL`],
  );
  if (!postgresUrl || !mongoUrl || !redisUrl) throw new Error("Run tests through npm test.");
  return { postgresUrl, mongoUrl, redisUrl };
}

/** A fresh migrated database of its own, and how to drop it. */
export async function freshDatabase(): Promise<{
  url: string;
  name: string;
  drop(): Promise<void>;
}> {
  const { postgresUrl } = storeUrls();
  const name = `facet_test_${randomBytes(6).toString("hex")}`;
  await asAdmin(postgresUrl, async (client) => {
    // Only one copy of a template can be made at a time.
    await client.query("select pg_advisory_lock(4711099)");
    await client.query(`create database ${name} template ${TEMPLATE_DATABASE} strategy file_copy`);
  });
  const url = new URL(postgresUrl);
  url.pathname = name;
  return {
    url: url.toString(),
    name,
    drop: () =>
      asAdmin(postgresUrl, async (client) => {
        await client.query(`drop database if exists ${name} with (force)`);
      }),
  };
}

async function asAdmin(url: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
