import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";

export interface ThreadRequest<Request> {
  id: number;
  request: Request;
}

export type ThreadAnswer<Answer> = { id: number; answer: Answer } | { id: number; error: string };

/**
 * Calls a function in a worker thread, one request at a time. The thread starts with the first
 * request and is started again if it died; it never keeps the process alive while it is idle.
 */
export class ThreadCaller<Request, Answer> {
  readonly #entry: URL;
  #worker: Worker | null = null;
  #pending: { id: number; resolve(answer: Answer): void; reject(error: Error): void } | null = null;
  #tail: Promise<unknown> = Promise.resolve();
  #nextId = 1;
  #closed = false;

  /** @param entry module that calls `answerRequests`; TypeScript in a checkout, else JavaScript */
  constructor(entry: URL) {
    this.#entry = entry;
  }

  /** @throws the signal's reason when aborted, an Error when the call failed or the thread died */
  call(request: Request, signal: AbortSignal): Promise<Answer> {
    const turn = this.#tail.then(() => this.#ask(request, signal));
    this.#tail = turn.catch(() => undefined);
    return turn;
  }

  /** Ends the thread; a running call is rejected and so is every later one. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#worker?.terminate();
  }

  async #ask(request: Request, signal: AbortSignal): Promise<Answer> {
    signal.throwIfAborted();
    if (this.#closed) throw new Error("the thread is closed");
    const worker = (this.#worker ??= this.#start());
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const onAbort = () => {
      reject(signal.reason as Error);
    };
    const id = this.#nextId++;
    this.#pending = { id, resolve, reject };
    signal.addEventListener("abort", onAbort, { once: true });
    worker.ref();
    worker.postMessage({ id, request } satisfies ThreadRequest<Request>);
    try {
      return await promise;
    } finally {
      signal.removeEventListener("abort", onAbort);
      this.#pending = null;
      worker.unref();
    }
  }

  #start(): Worker {
    const entry = fileURLToPath(this.#entry);
    const worker = new Worker(entry, {
      execArgv: entry.endsWith(".ts") ? ["--import", "tsx"] : [],
    });
    worker.unref();
    worker.on("message", (message: ThreadAnswer<Answer>) => {
      // The answer to an aborted call comes while nobody or the next one waits.
      if (this.#pending?.id !== message.id) return;
      if ("answer" in message) this.#pending.resolve(message.answer);
      else this.#pending.reject(new Error(message.error));
    });
    const ended = (error: Error) => {
      if (this.#worker !== worker) return;
      this.#worker = null;
      this.#pending?.reject(error);
    };
    worker.on("error", ended);
    worker.on("exit", () => {
      ended(new Error("the thread ended"));
    });
    return worker;
  }
}
