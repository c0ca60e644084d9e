import cluster, { type Worker } from "node:cluster";
import type { Logger } from "../platform/observe/logger.ts";

const RESPAWN_MS = 500;

/**
 * Keeps several processes alive behind one listening socket, which the primary holds: a process that dies is replaced,
 * SIGHUP replaces all of them one by one without refusing a connection, SIGTERM ends them all.
 */
export class ProcessGroup {
  private stopping = false;
  private restarting = false;

  constructor(
    private readonly size: number,
    private readonly log: Logger,
  ) {}

  /** Resolves when all processes are ready. */
  async start(): Promise<void> {
    cluster.on("exit", (worker, code, signal) => {
      if (this.stopping || worker.exitedAfterDisconnect || retired.has(worker)) return;
      this.log.error({ pid: worker.process.pid, code, signal }, "a process died and is replaced");
      setTimeout(() => void this.spawn(), RESPAWN_MS);
    });
    process.on("SIGTERM", () => void this.stop());
    process.on("SIGINT", () => void this.stop());
    process.on("SIGHUP", () => void this.restart());
    await Promise.all(Array.from({ length: this.size }, () => this.spawn()));
  }

  private spawn(): Promise<Worker> {
    const worker = cluster.fork();
    return new Promise((resolve) => {
      worker.on("message", (message) => {
        if (message === READY) resolve(worker);
      });
    });
  }

  private async restart(): Promise<void> {
    if (this.restarting || this.stopping) return;
    this.restarting = true;
    const old = Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);
    for (const worker of old) {
      await this.spawn();
      retired.add(worker);
      await ended(worker);
    }
    this.restarting = false;
    this.log.info("all processes were replaced");
  }

  private async stop(): Promise<void> {
    if (this.stopping) return;
    this.stopping = true;
    const running = Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);
    await Promise.all(running.map((worker) => ended(worker)));
    process.exit(0);
  }
}

const READY = "ready";
const retired = new WeakSet<Worker>();

/** Tells the primary that this process can serve. */
export function reportReady(): void {
  process.send?.(READY);
}

function ended(worker: Worker): Promise<void> {
  return new Promise((resolve) => {
    worker.once("exit", () => {
      resolve();
    });
    worker.process.kill("SIGTERM");
  });
}
