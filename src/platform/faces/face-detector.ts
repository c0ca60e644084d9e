import { ThreadCaller } from "../threads/thread-caller.ts";

/** Packed RGB bytes, three per pixel. */
export interface Picture {
  rgb: Uint8Array;
  width: number;
  height: number;
}

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

const ENTRY = import.meta.url.endsWith(".ts")
  ? "./face-detector.thread.ts"
  : "./face-detector.thread.js";

/** Finds faces in a worker thread of its own, which starts with the first picture. */
export class FaceDetector {
  readonly #thread = new ThreadCaller<Picture, DetectedFace[]>(new URL(ENTRY, import.meta.url));

  /**
   * @param rgb packed bytes, three per pixel
   * @throws the signal's reason when aborted, an Error when the thread failed
   */
  detect(
    rgb: Uint8Array,
    width: number,
    height: number,
    signal: AbortSignal,
  ): Promise<DetectedFace[]> {
    return this.#thread.call({ rgb, width, height }, signal);
  }

  /** Ends the thread; a running detection is rejected and so is every later one. */
  close(): Promise<void> {
    return this.#thread.close();
  }
}
