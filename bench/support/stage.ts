import { fork, type ChildProcess } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { locateStores } from "../../src/main/embedded-stores.ts";
import type { StoreUrls } from "../../src/main/stores.ts";
import { loadConfig } from "../../src/platform/config/env.ts";
import { createLogger } from "../../src/platform/observe/logger.ts";

/** Stores for a benchmark: those of the environment, else embedded ones in a temporary folder. */
export interface Stage {
  readonly urls: StoreUrls;
  readonly dataDir: string;
  readonly pool: pg.Pool;
  /** Starts facet with a role in a process of its own and waits until it is ready. */
  startProcess(
    role: "api" | "worker" | "all",
    env?: Record<string, string>,
  ): Promise<ServerProcess>;
  close(): Promise<void>;
}

export interface ServerProcess {
  readonly url: string;
  readonly child: ChildProcess;
  /** Resident memory in bytes and CPU seconds so far, as the process itself reports them. */
  usage(): Promise<{ residentBytes: number; cpuSeconds: number }>;
}

/** How facet is started: as `npm start` does, or as the image does, from what `npm run build` has made. */
export type Form = "source" | "build";

const fileOf = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const START: Record<Form, { readonly file: string; readonly nodeArguments: string[] }> = {
  source: { file: fileOf("src/main/start.ts"), nodeArguments: ["--import", "tsx"] },
  build: { file: fileOf("dist/src/main/start.js"), nodeArguments: ["--enable-source-maps"] },
};

/** Opens the stage of a benchmark. */
export async function openStage(form: Form = "source"): Promise<Stage> {
  const dataDir = mkdtempSync(join(tmpdir(), "facet-bench-"));
  const config = loadConfig({ ...process.env, DATA_DIR: dataDir });
  const stores = await locateStores(config, createLogger("warn"), () => undefined);
  const { urls } = stores;
  const pool = new pg.Pool({ connectionString: urls.postgresUrl, max: 4 });
  const children: ChildProcess[] = [];
  const storeEnvironment = {
    DATABASE_URL: urls.postgresUrl,
    MONGODB_URL: urls.mongoUrl,
    REDIS_URL: urls.redisUrl,
  };
  return {
    urls,
    dataDir,
    pool,
    startProcess: async (role, env = {}) => {
      const port = await freePort();
      const url = `http://127.0.0.1:${port}`;
      const child = fork(START[form].file, ["--role", role], {
        execArgv: START[form].nodeArguments,
        stdio: ["ignore", "ignore", "inherit", "ipc"],
        env: {
          ...process.env,
          NODE_ENV: "test",
          LOG_LEVEL: "warn",
          DATA_DIR: dataDir,
          PORT: String(port),
          PUBLIC_URL: url,
          ...storeEnvironment,
          ...env,
        },
      });
      children.push(child);
      await new Promise<void>((resolve, reject) => {
        child.once("message", () => resolve());
        child.once("exit", (code) => reject(new Error(`The server ended with ${code}.`)));
      });
      return { url, child, usage: () => usageOf(url) };
    },
    close: async () => {
      for (const child of children) child.kill("SIGKILL");
      await pool.end();
      await stores.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function usageOf(url: string): Promise<{ residentBytes: number; cpuSeconds: number }> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const read = (name: string) => Number(new RegExp(`^${name} (\\S+)`, "m").exec(text)?.[1] ?? 0);
  return {
    residentBytes: read("process_resident_memory_bytes"),
    cpuSeconds: read("process_cpu_seconds_total"),
  };
}

/** A port that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}
