import { readFileSync, unwatchFile, watchFile } from "node:fs";
import type { DocumentListener, DocumentSource } from "./document-source.ts";

const LOOK_EVERY_MS = 1_000;

/** A document in a file. It is looked at each second, because editors and mounted volumes replace files. */
export class FileSource implements DocumentSource {
  private told: string | null = null;
  private readonly onChange = (): void => this.read();
  private listener: DocumentListener | null = null;

  constructor(private readonly path: string) {}

  watch(listener: DocumentListener): void {
    this.listener = listener;
    watchFile(this.path, { persistent: false, interval: LOOK_EVERY_MS }, this.onChange);
    this.read();
  }

  stop(): Promise<void> {
    unwatchFile(this.path, this.onChange);
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
