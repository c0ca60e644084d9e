import { spawn, type ChildProcess } from "node:child_process";
import { open, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { readText } from "../private-file.ts";
import { commandOf } from "../process-facts.ts";
import { SERVER_ENVIRONMENT, type Cluster } from "./cluster.ts";

/** What postmaster.pid says about the server of a cluster. */
export interface ServerState {
  readonly pid: number;
  readonly port: number;
  readonly ready: boolean;
}

const LOG_LIMIT = 5_000_000;
const FORGET_AFTER_MS = 300;
const READY_LINE = 7;

const SETTINGS = {
  max_connections: "200",
  shared_buffers: "128MB",
  max_wal_size: "512MB",
  synchronous_commit: "on",
  unix_socket_directories: "",
  password_encryption: "scram-sha-256",
  // A container often has 64 MB of shared memory: parallel plans could fail there, and small data gains nothing.
  max_parallel_workers_per_gather: "0",
  jit: "off",
  log_min_messages: "warning",
  // An own listener survives a killed parent: TCP must notice lost clients, else their locks stay.
  tcp_keepalives_idle: "30",
};
const EPHEMERAL_SETTINGS = { fsync: "off", synchronous_commit: "off", full_page_writes: "off" };

/**
 * The server that runs on the cluster now, whoever started it. A pid file of a process that is gone,
 * or whose number has passed to another program, is not a server; the latter kind is removed,
 * because PostgreSQL would refuse to start beside it.
 */
export async function observeServer(cluster: Cluster): Promise<ServerState | undefined> {
  const state = await readPidFile(cluster);
  if (!state) return undefined;
  if (await isPostgresOf(cluster, state.pid)) return state;
  await pause(FORGET_AFTER_MS);
  const later = await readPidFile(cluster);
  if (later?.pid === state.pid && !(await isPostgresOf(cluster, state.pid))) {
    await rm(pidFile(cluster), { force: true });
  }
  return undefined;
}

const pidFile = (cluster: Cluster) => join(cluster.folder, "postmaster.pid");

async function readPidFile(cluster: Cluster): Promise<ServerState | undefined> {
  const lines = ((await readText(pidFile(cluster))) ?? "").split("\n");
  const pid = Number(lines[0]);
  const port = Number(lines[3]);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  return { pid, port, ready: port > 0 && lines[READY_LINE]?.trim() === "ready" };
}

async function isPostgresOf(cluster: Cluster, pid: number): Promise<boolean> {
  const command = await commandOf(pid);
  return command === "unknown" || (command?.includes(cluster.folder) ?? false);
}

/**
 * Starts a server that outlives this process. When two processes do so together, PostgreSQL's own
 * lock lets one through and the other's child exits at once.
 */
export async function spawnServer(
  cluster: Cluster,
  port: number,
  ephemeral: boolean,
): Promise<ChildProcess> {
  const log = await openLog(cluster);
  try {
    const settings = { ...SETTINGS, ...(ephemeral ? EPHEMERAL_SETTINGS : {}) };
    const { command, args, identity } = cluster.launch(cluster.binaries.postgres, [
      ...["-D", cluster.folder, "-h", "127.0.0.1", "-p", String(port)],
      ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
    ]);
    const child = spawn(command, args, {
      cwd: cluster.folder,
      env: SERVER_ENVIRONMENT,
      detached: true,
      stdio: ["ignore", log.fd, log.fd],
      ...identity,
    });
    child.on("error", () => undefined); // its exit code is null and its pid undefined: seen by hasEnded
    child.unref();
    return child;
  } finally {
    await log.close();
  }
}

/** Whether the process has ended or never began. */
export const hasEnded = (child: ChildProcess): boolean =>
  child.pid === undefined || child.exitCode !== null || child.signalCode !== null;

const logFile = (cluster: Cluster) => join(cluster.home, "server.log");

async function openLog(cluster: Cluster) {
  const size = (await stat(logFile(cluster)).catch(() => undefined))?.size ?? 0;
  return open(logFile(cluster), size > LOG_LIMIT ? "w" : "a", 0o600);
}

/** The last lines of the server's log, for an error message. */
export async function logTail(cluster: Cluster): Promise<string> {
  const text = await readFile(logFile(cluster), "utf8").catch(() => "");
  return text.trimEnd().split("\n").slice(-8).join("\n");
}

/** Stops the server cleanly: open transactions are rolled back. Resolves when it has left. */
export async function stopServer(cluster: Cluster, timeoutMs: number): Promise<void> {
  const state = await readPidFile(cluster);
  if (!state || !(await isPostgresOf(cluster, state.pid))) return;
  signal(state.pid, "SIGINT");
  const deadline = Date.now() + timeoutMs;
  while ((await readPidFile(cluster))?.pid === state.pid) {
    if ((await commandOf(state.pid)) === undefined) return;
    if (Date.now() > deadline) return signal(state.pid, "SIGQUIT");
    await pause(10);
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
