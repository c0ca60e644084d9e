import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";

export interface Point {
  x: number;
  y: number;
}

/** A face in pixels of the picture it was found in. */
export interface DetectedFace {
  /** 0 to 1. */
  score: number;
  box: { x: number; y: number; width: number; height: number };
  /** The 68 points of the iBUG 300-W scheme. */
  landmarks: Point[];
}

export interface DetectionRequest {
  id: number;
  rgb: Uint8Array;
  width: number;
  height: number;
}

export type DetectionAnswer = { id: number; faces: DetectedFace[] } | { id: number; error: string };

interface Waiting {
  resolve(faces: DetectedFace[]): void;
  reject(error: Error): void;
}

/**
 * Finds faces in a worker thread, so that the event loop stays free. The thread starts with the
 * first picture, takes one picture at a time, and is started again if it died.
 */
export class FaceDetector {
  #worker: Worker | null = null;
  #waiting = new Map<number, Waiting>();
  #tail: Promise<unknown> = Promise.resolve();
  #nextId = 1;
  #closed = false;

  /**
   * @param rgb packed bytes, three per pixel
   * @throws the signal's reason when aborted, an Error when the thread died
   */
  detect(
    rgb: Uint8Array,
    width: number,
    height: number,
    signal: AbortSignal,
  ): Promise<DetectedFace[]> {
    const turn = this.#tail.then(() => this.#ask(rgb, width, height, signal));
    this.#tail = turn.catch(() => undefined);
    return turn;
  }

  /** Ends the thread; a running detection is rejected and so is every later one. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#worker?.terminate();
  }

  async #ask(
    rgb: Uint8Array,
    width: number,
    height: number,
    signal: AbortSignal,
  ): Promise<DetectedFace[]> {
    signal.throwIfAborted();
    if (this.#closed) throw new Error("the face detector is closed");
    const worker = (this.#worker ??= this.#start());
    const { promise, resolve, reject } = Promise.withResolvers<DetectedFace[]>();
    const id = this.#nextId++;
    const onAbort = () => {
      reject(signal.reason as Error);
    };
    signal.addEventListener("abort", onAbort, { once: true });
    this.#waiting.set(id, { resolve, reject });
    worker.ref();
    worker.postMessage({ id, rgb, width, height } satisfies DetectionRequest);
    try {
      return await promise;
    } finally {
      signal.removeEventListener("abort", onAbort);
      this.#waiting.delete(id);
      if (this.#waiting.size === 0) worker.unref();
    }
  }

  #start(): Worker {
    const extension = import.meta.url.endsWith(".ts") ? ".ts" : ".js";
    const entry = new URL(`./face-detector.thread${extension}`, import.meta.url);
    const worker = new Worker(fileURLToPath(entry), {
      name: "face-detector",
      execArgv: extension === ".ts" ? ["--import", "tsx"] : [],
    });
    worker.unref();
    worker.on("message", (answer: DetectionAnswer) => {
      const waiting = this.#waiting.get(answer.id);
      if ("faces" in answer) waiting?.resolve(answer.faces);
      else waiting?.reject(new Error(`face detection failed: ${answer.error}`));
    });
    const ended = (error: Error) => {
      if (this.#worker !== worker) return;
      this.#worker = null;
      for (const waiting of this.#waiting.values()) waiting.reject(error);
    };
    worker.on("error", ended);
    worker.on("exit", () => {
      ended(new Error("the face detector thread ended"));
    });
    return worker;
  }
}
