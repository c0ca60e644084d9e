/** What `watch` needs to know about the thing that is watched. */
export interface WatchOptions<T> {
  /** Subscribes to nudges; resolves once really subscribed. */
  readonly listen: (onNudge: () => void) => Promise<() => void>;
  /** Reads the present state; null ends the stream, such as after a deletion. */
  readonly read: () => Promise<T | null>;
  readonly versionOf: (value: T) => number;
  readonly isFinal: (value: T) => boolean;
  /** The newest version that the client has; older and equal ones are not sent. */
  readonly afterVersion?: number;
  /** How long to wait before a failed read is tried again, in milliseconds. */
  readonly retryMs?: number;
}

const RETRY_MS = 500;

/**
 * Follows one thing until its final state. Listens first, then reads, so that nothing falls between;
 * every nudge means "read again", many nudges are one read, and only rising versions come out.
 * A slow consumer therefore skips states but never misses the final one.
 */
export const watch = <T>(options: WatchOptions<T>): AsyncIterableIterator<T> => new Watch(options);

/** Hand-made rather than an async generator: `return()` must end it while `next()` waits. */
class Watch<T> implements AsyncIterableIterator<T> {
  private lastVersion: number;
  private dirty = true;
  private closed = false;
  private wake: (() => void) | null = null;
  private stopListening: (() => void) | null = null;
  private listening: Promise<void> | null = null;

  constructor(private readonly options: WatchOptions<T>) {
    this.lastVersion = options.afterVersion ?? 0;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<T>> {
    this.listening ??= this.listen();
    await this.listening;
    while (!this.closed) {
      if (!this.dirty) await this.untilPoked();
      if (this.closed) break;
      this.dirty = false;
      const value = await this.read();
      if (value !== undefined) return { done: false, value };
    }
    return { done: true, value: undefined };
  }

  return(): Promise<IteratorResult<T>> {
    this.close();
    return Promise.resolve({ done: true, value: undefined });
  }

  throw(error: unknown): Promise<IteratorResult<T>> {
    this.close();
    return Promise.reject(error instanceof Error ? error : new Error(String(error)));
  }

  /** The present state if it is newer than the last one, else undefined. */
  private async read(): Promise<T | undefined> {
    let value: T | null;
    try {
      value = await this.options.read();
    } catch {
      // The store is away for a moment: the watcher stays and reads again, as the sweep would.
      setTimeout(this.poke, this.options.retryMs ?? RETRY_MS).unref();
      return undefined;
    }
    if (this.closed) return undefined;
    if (value === null || this.options.isFinal(value)) this.close();
    if (value === null || this.options.versionOf(value) <= this.lastVersion) return undefined;
    this.lastVersion = this.options.versionOf(value);
    return value;
  }

  private async listen(): Promise<void> {
    const stop = await this.options.listen(this.poke);
    if (this.closed) stop();
    else this.stopListening = stop;
  }

  private readonly poke = (): void => {
    this.dirty = true;
    this.wake?.();
  };

  private untilPoked(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = () => {
        this.wake = null;
        resolve();
      };
    });
  }

  private close(): void {
    this.closed = true;
    this.stopListening?.();
    this.stopListening = null;
    this.wake?.();
  }
}
