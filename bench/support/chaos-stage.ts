import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
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
import { freePort } from "../../tests/support/world.ts";
import { Gate } from "./gate.ts";

/** A promise, what was measured, and whether it holds. */
export interface Finding {
  readonly promise: string;
  readonly figure: string;
  readonly measured: string;
  readonly ok: boolean;
}

/** `npm start` in a process (group) of its own, to be killed. */
export interface Server {
  readonly url: string;
  readonly child: ChildProcess;
  /** What it wrote so far. */
  output(): string;
  /** Rejections that nobody handled, by the server's own log. */
  unhandled(): number;
  /** Ends the process and resolves when it is gone. */
  kill(signal?: NodeJS.Signals): Promise<void>;
}

const PROJECT = fileURLToPath(new URL("../../", import.meta.url));
const GENEROUS = {
  NODE_ENV: "test",
  LOG_LEVEL: "warn",
  LOGIN_ATTEMPTS_PER_MINUTE: "100000",
  REGISTRATIONS_PER_HOUR: "100000",
  IMAGE_JOBS_PER_MINUTE: "1000000",
  SKIN_ANALYSES_PER_MONTH: "1000000",
  COST_BUDGET_PER_MINUTE: "100000000",
  MAX_SOCKETS_PER_USER: "100000",
  ACCESS_TOKEN_SECONDS: "7200",
};

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
    this.mongoGate.close();
    await Promise.all([this.redis.down(), this.mongo.stop(), this.postgres.stop()]);
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}

/** Starts `npm start -- <args>` without npm in between; resolves when it is ready. */
export async function startServer(
  args: readonly string[],
  env: Record<string, string>,
): Promise<Server> {
  const server = await spawnServer(args, env);
  for (;;) {
    if (server.child.exitCode !== null || server.child.signalCode !== null) {
      throw new Error(`The server ended:\n${server.output()}`);
    }
    const worker = args.includes("worker");
    if (worker ? server.output().includes("Working on jobs") : await isReady(server.url)) {
      return server;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The same, without waiting. */
export async function spawnServer(
  args: readonly string[],
  env: Record<string, string>,
): Promise<Server> {
  const port = env["PORT"] ?? String(await freePort());
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(process.execPath, ["--import", "tsx", "src/main/start.ts", ...args], {
    cwd: PROJECT,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...GENEROUS, PORT: port, PUBLIC_URL: url, ...env },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8");
    stream.on("data", (chunk: string) => (output += chunk));
  }
  return {
    url,
    child,
    output: () => output,
    unhandled: () => output.split("a rejection was not handled").length - 1,
    kill: (signal = "SIGKILL") =>
      new Promise((resolve) => {
        if (child.exitCode !== null || child.signalCode !== null) return resolve();
        child.once("exit", () => resolve());
        child.kill(signal);
      }),
  };
}

/** Whether a server says that it can serve; degraded counts. */
export async function isReady(url: string): Promise<boolean> {
  return fetch(`${url}/readyz`).then(
    (response) => response.ok,
    () => false,
  );
}

export const sleep = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));
