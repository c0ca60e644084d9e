import type { z } from "zod";
import type { Logger } from "../../observe/logger.ts";
import type { DocumentSource } from "./document-source.ts";
import type { Snapshot } from "./snapshot.ts";

export interface DynamicConfigOptions<T> {
  readonly schema: z.ZodType<T>;
  /** The document that comes with the program; it must fit the schema. */
  readonly defaults: unknown;
  /** Null when only the defaults apply. */
  readonly source: DocumentSource | null;
  /** Keeps the last good document of the source for a start without it. */
  readonly snapshot: Snapshot | null;
  readonly log: Logger;
}

/**
 * A document that may change while the process runs. What does not fit the schema is refused as a
 * whole and logged; the last good document stays. Until `start` it is the snapshot, or the defaults.
 */
export class DynamicConfig<T> {
  private document: T;
  /** What `document` was read from; null for the defaults. */
  private text: string | null = null;
  private source: DocumentSource | null;
  private failing = false;
  private readonly listeners = new Set<(document: T) => void>();

  /** @throws ZodError when the defaults do not fit the schema. */
  constructor(private readonly options: DynamicConfigOptions<T>) {
    this.source = options.source;
    this.document = this.fromSnapshot() ?? options.schema.parse(options.defaults);
  }

  /** The present document. Ask at each use and keep nothing of it. */
  current(): T {
    return this.document;
  }

  /** Calls `listener` after each change. @returns a function that ends this */
  onChange(listener: (document: T) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /**
   * Follows the source. Resolves when it has said something, be it a fault, and after `waitMs` at the latest: a start
   * does not hang on it.
   */
  async start(waitMs: number): Promise<void> {
    const { source } = this;
    if (!source) return;
    const heard = Promise.withResolvers<void>();
    const timer = setTimeout(() => heard.resolve(), waitMs);
    source.watch({
      onReached: () => this.recover(),
      onDocument: (text) => {
        this.take(text);
        heard.resolve();
      },
      onFault: (error) => {
        this.fail(error);
        heard.resolve();
      },
    });
    await heard.promise;
    clearTimeout(timer);
  }

  /** Leaves the source; the present document stays. */
  async close(): Promise<void> {
    const { source } = this;
    this.source = null;
    await source?.stop();
  }

  private take(text: string): void {
    if (text === this.text) return;
    const document = this.parse(text, "a document of the dynamic configuration was refused");
    if (document === null) return;
    this.keep(text);
    this.text = text;
    this.document = document;
    this.options.log.info("the dynamic configuration has changed");
    for (const listener of this.listeners) {
      try {
        listener(document);
      } catch (error) {
        this.options.log.error({ err: error }, "a follower of the dynamic configuration failed");
      }
    }
  }

  private parse(text: string, refusal: string): T | null {
    const { schema, log } = this.options;
    const parsed = schema.safeParse(readJson(text));
    if (parsed.success) return parsed.data;
    // The values are left out: nobody knows what stands in a wrong document.
    const problems = parsed.error.issues.map(({ path, code }) => `${path.join(".")}: ${code}`);
    log.error({ problems: problems.slice(0, 20) }, refusal);
    return null;
  }

  private fromSnapshot(): T | null {
    try {
      const text = this.options.snapshot?.read() ?? null;
      if (text === null) return null;
      const document = this.parse(text, "the kept dynamic configuration is not usable");
      if (document !== null) this.text = text;
      return document;
    } catch (error) {
      this.options.log.error({ err: error }, "the kept dynamic configuration cannot be read");
      return null;
    }
  }

  private keep(text: string): void {
    try {
      this.options.snapshot?.write(text);
    } catch (error) {
      this.options.log.error({ err: error }, "the dynamic configuration cannot be kept on disk");
    }
  }

  private fail(error: unknown): void {
    // One line per outage: the source tries on for as long as it lasts.
    if (!this.failing)
      this.options.log.warn({ err: error }, "no news of the dynamic configuration");
    this.failing = true;
  }

  private recover(): void {
    if (this.failing) this.options.log.info("the dynamic configuration can be followed again");
    this.failing = false;
  }
}

/** Undefined, which no document is, when the text is not JSON. */
function readJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
