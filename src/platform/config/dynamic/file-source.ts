import { readFileSync } from "node:fs";
import type { DocumentListener, DocumentSource } from "./document-source.ts";

const LOOK_EVERY_MS = 1_000;

/**
 * A document in a file. It is read each second: editors and mounted volumes replace files, and a change between a read and the
 * begin of a watch would be missed.
 */
export class FileSource implements DocumentSource {
  private told: string | null = null;
  private timer: NodeJS.Timeout | undefined;
  private listener: DocumentListener | null = null;

  constructor(private readonly path: string) {}

  watch(listener: DocumentListener): void {
    this.listener = listener;
    this.timer = setInterval(() => {
      this.read();
    }, LOOK_EVERY_MS).unref();
    this.read();
  }

  stop(): Promise<void> {
    clearInterval(this.timer);
    this.listener = null;
    return Promise.resolve();
  }

  private read(): void {
    let text: string;
    try {
      text = readFileSync(this.path, "utf8");
    } catch (error) {
      this.listener?.onFault(error);
      return;
    }
    this.listener?.onReached();
    if (text === this.told) return;
    this.told = text;
    this.listener?.onDocument(text);
  }
}
