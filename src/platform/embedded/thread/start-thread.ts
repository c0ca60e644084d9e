import { Worker } from "node:worker_threads";
import type { Logger } from "../../observe/logger.ts";
import { STOP, type StoreName, type ThreadMessage, type ThreadTask } from "./messages.ts";

export interface RunningThread {
  readonly urls: Readonly<Partial<Record<StoreName, string>>>;
  stop(): Promise<void>;
}

const RESTART_AFTER_MS = 100;
/** The threadId of a worker that has ended. */
const GONE = -1;

interface Reporter {
  readonly log: Logger;
  readonly onProgress?: (step: string) => void;
}

/**
 * Runs stores in a thread of their own, since a scan over many documents would hold up everything else.
 * A thread that fails is started again: the stores are then served by it or by another process.
 */
export async function startThread(task: ThreadTask, reporter: Reporter): Promise<RunningThread> {
  const { log } = reporter;
  let worker = newWorker(task, reporter);
  let stopping = false;
  const keepAlive = (current: Worker) =>
    current.once("exit", () => {
      if (stopping) return;
      log.error("the thread of the embedded stores ended, starting it again");
      setTimeout(() => {
        if (stopping) return;
        worker = newWorker(task, reporter);
        worker.unref();
        keepAlive(worker);
      }, RESTART_AFTER_MS).unref();
    });
  const urls = await ready(worker);
  worker.unref(); // the stores serve the process, they do not keep it alive
  keepAlive(worker);
  return {
    urls,
    stop: async () => {
      stopping = true;
      if (worker.threadId === GONE) return;
      const ended = new Promise((resolve) => worker.once("exit", resolve));
      worker.ref();
      worker.postMessage(STOP);
      await ended;
    },
  };
}

function newWorker(task: ThreadTask, { log, onProgress }: Reporter): Worker {
  // Compiled, the thread is a .js file beside this one.
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const worker = new Worker(new URL(`./store-thread.${extension}`, import.meta.url), {
    workerData: task,
    execArgv: [],
  });
  worker.on("error", (error) => log.error({ err: error }, "the embedded stores failed"));
  worker.on("message", (message: ThreadMessage) => {
    if (message.say === "log") log[message.level](message.text);
    if (message.say === "progress") onProgress?.(message.step);
  });
  return worker;
}

function ready(worker: Worker): Promise<Partial<Record<StoreName, string>>> {
  return new Promise((resolve, reject) => {
    worker.on("message", (message: ThreadMessage) => {
      if (message.say === "ready") resolve(message.urls);
    });
    worker.once("error", reject);
    worker.once("exit", () => reject(new Error("the thread of the embedded stores ended")));
  });
}
