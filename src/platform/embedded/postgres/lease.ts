import pg from "pg";
import { SUPERUSER, type Cluster } from "./cluster.ts";

/** The database that facet works in. */
export const DATABASE = "facet";
const LEASE_DATABASE = "postgres";
const LEASE_LOCK = 4_711_000;
/** No server there, one that is starting or stopping, or one without a free connection: worth another try. */
const PASSING = new Set(["ECONNREFUSED", "ECONNRESET", "57P01", "57P02", "57P03", "53300"]);

/**
 * A process' claim on the shared server: a shared advisory lock, held by a connection that stays open.
 * It needs no clean-up, since the lock goes with the process, however that dies. The server is stopped
 * only by who turns its claim into the exclusive lock, that is, by the last one.
 */
export class Lease {
  /** Resolves when the connection is lost or given up. */
  readonly ended: Promise<void>;

  private constructor(private readonly client: pg.Client) {
    this.ended = new Promise((resolve) => client.once("end", resolve));
  }

  /** Undefined when the server is about to stop or not yet able to answer. */
  static async take(cluster: Cluster, port: number): Promise<Lease | undefined> {
    const client = new pg.Client({ ...connection(cluster, port), keepAlive: true });
    client.on("error", () => undefined); // followed by "end"
    try {
      await client.connect();
      const lease = new Lease(client);
      if (await lease.tryLock("pg_try_advisory_lock_shared")) {
        await createDatabase(client);
        return lease;
      }
    } catch (error) {
      if (!isPassing(error)) throw explain(error, cluster);
    }
    await client.end().catch(() => undefined);
    return undefined;
  }

  /** Whether no other process uses the server any more; from then on none can take a lease. */
  async isLast(): Promise<boolean> {
    await this.client.query("select pg_advisory_unlock_shared($1)", [LEASE_LOCK]);
    return this.tryLock("pg_try_advisory_lock");
  }

  async release(): Promise<void> {
    await this.client.end();
  }

  private async tryLock(
    how: "pg_try_advisory_lock" | "pg_try_advisory_lock_shared",
  ): Promise<boolean> {
    const { rows } = await this.client.query<{ granted: boolean }>(`select ${how}($1) as granted`, [
      LEASE_LOCK,
    ]);
    return rows[0]?.granted === true;
  }
}

const connection = (cluster: Cluster, port: number) => ({
  host: "127.0.0.1",
  port,
  user: SUPERUSER,
  password: cluster.password,
  database: LEASE_DATABASE,
  connectionTimeoutMillis: 5_000,
  application_name: "facet lease",
});

async function createDatabase(client: pg.Client): Promise<void> {
  const found = await client.query("select 1 from pg_database where datname = $1", [DATABASE]);
  if (found.rowCount !== 0) return;
  try {
    await client.query(`create database ${DATABASE}`);
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code !== "42P04" && code !== "23505") throw error; // another process was quicker
  }
}

function isPassing(error: unknown): boolean {
  const { code, message } = error as { code?: string; message?: string };
  return PASSING.has(code ?? "") || /Connection terminated|timeout/i.test(message ?? "");
}

function explain(error: unknown, cluster: Cluster): Error {
  if ((error as { code?: string }).code !== "28P01") return error as Error;
  return new Error(
    `the password in ${cluster.home}/secret does not open this cluster: restore the file, or remove ${cluster.home} to begin anew`,
    { cause: error },
  );
}
