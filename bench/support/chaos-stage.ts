import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import {
  startEmbeddedMongo,
  startEmbeddedPostgres,
  type EmbeddedPostgres,
  type EmbeddedStore,
} from "../../src/platform/embedded/index.ts";
import type { StoreUrls } from "../../src/main/stores.ts";
import { createLogger } from "../../src/platform/observe/logger.ts";
import { RedisServer } from "../../tests/support/redis-server.ts";
import { Gate } from "../../tests/support/gate.ts";
import { startServer, type Server } from "../../tests/support/server-process.ts";

/** A promise, what was measured, and whether it holds. */
export interface Finding {
  readonly promise: string;
  readonly figure: string;
  readonly measured: string;
  readonly ok: boolean;
}

/** Stores of their own, in a temporary folder, that a scenario may break in every way. */
export class ChaosStage {
  readonly pool: pg.Pool;
  private readonly servers: Server[] = [];

  private constructor(
    readonly dataDir: string,
    readonly postgres: EmbeddedPostgres,
    readonly redis: RedisServer,
    private readonly mongo: EmbeddedStore,
    readonly mongoGate: Gate,
  ) {
    this.pool = new pg.Pool({ connectionString: postgres.url, max: 4 });
    this.pool.on("error", () => undefined);
  }

  static async open(): Promise<ChaosStage> {
    const dataDir = mkdtempSync(join(tmpdir(), "facet-chaos-"));
    const log = createLogger("error");
    const [postgres, redis, mongo] = await Promise.all([
      startEmbeddedPostgres({ dataDir, log }),
      RedisServer.start(),
      startEmbeddedMongo({ dataDir, log }),
    ]);
    return new ChaosStage(dataDir, postgres, redis, mongo, await Gate.before(mongo.url));
  }

  get urls(): StoreUrls {
    return {
      postgresUrl: this.postgres.url,
      mongoUrl: this.mongo.url,
      redisUrl: this.redis.url,
      redisEmbedded: false,
    };
  }

  /** Starts a server on the stage's stores; resolves when it is ready. */
  async start(args: readonly string[], env: Record<string, string> = {}): Promise<Server> {
    const stores = {
      DATABASE_URL: this.postgres.url,
      MONGODB_URL: this.mongoGate.urlOf(this.mongo.url),
      REDIS_URL: this.redis.url,
    };
    const server = await startServer(args, { DATA_DIR: this.dataDir, ...stores, ...env });
    this.servers.push(server);
    return server;
  }

  /** SIGKILLs the PostgreSQL server itself; its keeper in this process starts it again. */
  killPostgres(): void {
    const file = join(this.dataDir, "postgres/cluster/postmaster.pid");
    process.kill(Number(readFileSync(file, "utf8").split("\n")[0]), "SIGKILL");
  }

  /** Resolves to the milliseconds until PostgreSQL answers. */
  async postgresIsUp(): Promise<number> {
    const startMs = performance.now();
    for (;;) {
      const client = new pg.Client({ connectionString: this.postgres.url });
      client.on("error", () => undefined);
      try {
        await client.connect();
        await client.query("select 1");
        await client.end();
        return performance.now() - startMs;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.kill("SIGKILL")));
    await this.pool.end();
    await this.mongoGate.close();
    await Promise.all([this.redis.down(), this.mongo.stop(), this.postgres.stop()]);
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}
