import { fork, type ChildProcess } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type pg from "pg";

/** What is sent, and how. */
export interface Order {
  readonly url: string;
  /** Bodies of requests to /graphql; each connection goes through some of them in its own order. */
  readonly bodies: readonly string[];
  readonly seconds: number;
  readonly connections: number;
  readonly accessToken?: string;
  /** As many as possible unless told. */
  readonly perSecond?: number;
  /** Counts answers with errors as failures, which costs the sender some time. */
  readonly verify?: boolean;
}

export interface Loaded {
  readonly perSecond: number;
  /** Latencies in milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly failed: number;
}

export const fileOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Sends requests from a process of its own. */
export function load(order: Order): Promise<Loaded> {
  return new Promise((resolve, reject) => {
    const child = fork(fileOf("contenders/dist/load.js"), { execArgv: [] });
    child.send(order);
    child.once("message", (loaded) => resolve(loaded as Loaded));
    child.once("exit", () => reject(new Error("The load ended without a result.")));
  });
}

/** The same, with the CPU milliseconds that a server and PostgreSQL took for one request. */
export async function loadWithCpu(
  order: Order,
  server: ChildProcess,
  pool: pg.Pool,
): Promise<Loaded & { serverMs: number; postgresMs: number }> {
  const before = await cpuOf(server, pool);
  const loaded = await load(order);
  const after = await cpuOf(server, pool);
  const perRequest = (isCounted: (pid: string) => boolean) => {
    let used = 0;
    for (const [pid, sum] of after) if (isCounted(pid)) used += sum - (before.get(pid) ?? 0);
    return (used * 1_000) / (loaded.perSecond * order.seconds);
  };
  const own = String(server.pid);
  return {
    ...loaded,
    serverMs: perRequest((pid) => pid === own),
    postgresMs: perRequest((pid) => pid !== own),
  };
}

/** Seconds of CPU by process, of a server and of all processes of PostgreSQL. */
async function cpuOf(server: ChildProcess, pool: pg.Pool): Promise<Map<string, number>> {
  const backend = await pool.query<{ pid: number }>("select pg_backend_pid() as pid");
  const postmaster = (await cpuSeconds(String(backend.rows[0]?.pid))).parent;
  const own = String(server.pid);
  const used = new Map([[own, (await cpuSeconds(own)).seconds]]);
  for (const pid of await readdir("/proc").catch(() => [])) {
    if (!/^\d+$/.test(pid)) continue;
    const process = await cpuSeconds(pid);
    if (process.parent === postmaster) used.set(pid, process.seconds);
  }
  return used;
}

/** Seconds of CPU that a process has used; 0 where the system does not tell. */
async function cpuSeconds(pid: string): Promise<{ parent: string; seconds: number }> {
  const line = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  const [, parent = "", ...fields] = line.slice(line.lastIndexOf(")") + 2).split(" ");
  return { parent, seconds: (Number(fields[9] ?? 0) + Number(fields[10] ?? 0)) / 100 };
}
