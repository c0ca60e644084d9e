import cluster, { type Worker } from "node:cluster";
import { setTimeout as pause } from "node:timers/promises";
import type { Logger } from "../platform/observe/logger.ts";

const RESPAWN_MS = 500;
const MAX_RESPAWN_MS = 10_000;

/**
 * Keeps several processes alive behind one listening socket, which the primary holds: a process that dies is replaced,
 * SIGHUP replaces all of them one by one without refusing a connection, SIGTERM ends them all.
 */
export class ProcessGroup {
  private readonly members = new Set<Worker>();
  private stopping = false;
  private restarting = false;
  private restartAgain = false;

  constructor(
    private readonly size: number,
    private readonly log: Logger,
  ) {}

  /** Resolves when all processes are ready; rejects when one cannot even start. */
  async start(): Promise<void> {
    process.on("SIGTERM", () => void this.stop(0));
    process.on("SIGINT", () => void this.stop(0));
    process.on("SIGHUP", () => void this.restart());
    try {
      await Promise.all(Array.from({ length: this.size }, () => this.add()));
    } catch (error) {
      this.log.error({ err: error }, "the processes cannot start");
      await this.stop(1);
    }
  }

  /** Starts one process and looks after it from the moment it is ready. */
  private async add(): Promise<void> {
    const worker = await readyWorker();
    this.members.add(worker);
    worker.once("exit", (code, signal) => {
      if (!this.members.delete(worker) || this.stopping) return;
      this.log.error({ pid: worker.process.pid, code, signal }, "a process died and is replaced");
      void this.replace();
    });
  }

  /** Tries until a new process is there, with growing pauses. */
  private async replace(): Promise<void> {
    for (let waitMs = RESPAWN_MS; !this.stopping; waitMs = Math.min(waitMs * 2, MAX_RESPAWN_MS)) {
      await pause(waitMs);
      if (this.stopping) return;
      try {
        return await this.add();
      } catch (error) {
        this.log.error({ err: error }, "a process cannot start");
      }
    }
  }

  /** Another SIGHUP meanwhile is heeded once this one is done: it may stand for newer code. */
  private async restart(): Promise<void> {
    this.restartAgain = this.restarting;
    if (this.restarting || this.stopping) return;
    this.restarting = true;
    do {
      this.restartAgain = false;
      await this.replaceAll();
    } while (this.restartAgain && !this.stopping);
    this.restarting = false;
  }

  private async replaceAll(): Promise<void> {
    for (const old of [...this.members]) {
      try {
        await this.add();
      } catch (error) {
        this.log.error({ err: error }, "the new process cannot start; the old ones stay");
        return;
      }
      this.members.delete(old);
      await ended(old);
    }
    this.log.info("all processes were replaced");
  }

  private async stop(exitCode: number): Promise<void> {
    if (this.stopping) return;
    this.stopping = true;
    const running = Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);
    await Promise.all(running.map((worker) => ended(worker)));
    process.exit(exitCode);
  }
}

const READY = "ready";

/** Tells the primary that this process can serve. */
export function reportReady(): void {
  process.send?.(READY);
}

/** Starts a process; rejects when it ends before it is ready. */
function readyWorker(): Promise<Worker> {
  const worker = cluster.fork();
  return new Promise((resolve, reject) => {
    worker.on("message", (message) => {
      if (message === READY) resolve(worker);
    });
    worker.once("exit", (code, signal) => {
      reject(new Error(`The process ended with ${signal ?? code} before it was ready.`));
    });
  });
}

function ended(worker: Worker): Promise<void> {
  if (worker.isDead()) return Promise.resolve();
  return new Promise((resolve) => {
    worker.once("exit", () => {
      resolve();
    });
    worker.process.kill("SIGTERM");
  });
}
