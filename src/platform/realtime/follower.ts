/** How a `Follower` hears that it should read again. */
export interface FollowerOptions {
  /** Subscribes to nudges; resolves once really subscribed. */
  readonly listen: (onNudge: () => void) => Promise<() => void>;
  /** How long to wait before a failed read is tried again; default 500 ms. */
  readonly retryMs?: number;
}

const RETRY_MS = 500;

/**
 * Follows something that changes in a store. Listens first, then reads, so that nothing falls between; every nudge means
 * "read again", and many nudges are one read. Hand-made rather than an async generator: `return()` must end it while
 * `next()` waits.
 */
export abstract class Follower<Reading, News> implements AsyncIterableIterator<News> {
  private dirty = true;
  private closed = false;
  private wake: (() => void) | null = null;
  private stopListening: (() => void) | null = null;
  private listening: Promise<void> | null = null;

  constructor(private readonly how: FollowerOptions) {}

  /** Reads what there is now; null ends the stream, such as after a deletion. What it throws means "later". */
  protected abstract read(): Promise<Reading | null>;

  /** Whether nothing comes after this. */
  protected abstract isFinal(reading: Reading): boolean;

  /** What the reader is told; undefined when it knows that. */
  protected abstract newsOf(reading: Reading): News | undefined;

  /** How long to hold the next read back. */
  protected holdBackMs(): number {
    return 0;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<News>> {
    this.listening ??= this.listen();
    await this.listening;
    while (!this.closed) {
      const waitMs = this.dirty ? this.holdBackMs() : Infinity;
      if (waitMs > 0) {
        await this.pause(waitMs);
        continue;
      }
      this.dirty = false;
      const value = await this.readNews();
      if (value !== undefined) return { done: false, value };
    }
    return { done: true, value: undefined };
  }

  return(): Promise<IteratorResult<News>> {
    this.close();
    return Promise.resolve({ done: true, value: undefined });
  }

  throw(error: unknown): Promise<IteratorResult<News>> {
    this.close();
    return Promise.reject(error instanceof Error ? error : new Error(String(error)));
  }

  private async readNews(): Promise<News | undefined> {
    let reading: Reading | null;
    try {
      reading = await this.read();
    } catch {
      // The store is away for a moment: the reader stays.
      setTimeout(this.poke, this.how.retryMs ?? RETRY_MS).unref();
      return undefined;
    }
    if (this.closed) return undefined;
    if (reading === null || this.isFinal(reading)) this.close();
    return reading === null ? undefined : this.newsOf(reading);
  }

  private async listen(): Promise<void> {
    const stop = await this.how.listen(this.poke);
    if (this.closed) stop();
    else this.stopListening = stop;
  }

  private readonly poke = (): void => {
    this.dirty = true;
    this.wake?.();
  };

  /** Until it is poked or closed; at most `ms`. */
  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = ms === Infinity ? undefined : setTimeout(() => this.wake?.(), Math.ceil(ms));
      this.wake = () => {
        clearTimeout(timer);
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
