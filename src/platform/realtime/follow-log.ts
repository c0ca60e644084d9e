import { watch } from "./watch.ts";

/** What `followLog` needs to know about the log that it follows. */
export interface FollowLogOptions<T> {
  /** Subscribes to nudges; resolves once really subscribed. `saw` tells the sweep how far the reader is. */
  readonly listen: (onNudge: () => void) => Promise<{ stop(): void; saw(position: number): void }>;
  /** The next entries beyond a position, in order, not too many; null ends the stream, such as after a deletion. */
  readonly readAfter: (position: number) => Promise<readonly T[] | null>;
  /** Rises without gaps from entry to entry. */
  readonly positionOf: (entry: T) => number;
  /** The position of the last entry that the reader has. */
  readonly after: number;
}

/**
 * Follows a log without end: every entry beyond a position, once and in order. Entries wait in the store, not in
 * memory, while the client reads slowly.
 */
export const followLog = <T>(options: FollowLogOptions<T>): AsyncIterableIterator<T> =>
  new LogFollower(options);

/** What a read gave; `step` rises with each entry, so that `watch` takes it for a version. */
interface Reading<T> {
  readonly step: number;
  readonly entry: T | null;
}

class LogFollower<T> implements AsyncIterableIterator<T> {
  private position: number;
  private waiting: T[] = [];
  private step = 0;
  private poke: () => void = () => undefined;
  private saw: (position: number) => void = () => undefined;
  private readonly readings: AsyncIterableIterator<Reading<T>>;

  constructor(private readonly options: FollowLogOptions<T>) {
    this.position = options.after;
    this.readings = watch<Reading<T>>({
      listen: async (onNudge) => {
        this.poke = onNudge;
        const place = await options.listen(onNudge);
        this.saw = (position) => {
          place.saw(position);
        };
        return () => {
          place.stop();
        };
      },
      read: () => this.read(),
      versionOf: (reading) => reading.step,
      isFinal: () => false,
    });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<T>> {
    const reading = await this.readings.next();
    if (reading.done === true) return { done: true, value: undefined };
    return { done: false, value: reading.value.entry as T };
  }

  async return(): Promise<IteratorResult<T>> {
    await this.readings.return?.();
    return { done: true, value: undefined };
  }

  async throw(error: unknown): Promise<IteratorResult<T>> {
    await this.readings.return?.();
    throw error;
  }

  private async read(): Promise<Reading<T> | null> {
    if (this.waiting.length === 0) {
      const batch = await this.options.readAfter(this.position);
      if (batch === null) return null;
      this.waiting = [...batch];
    }
    const entry = this.waiting.shift() ?? null;
    if (entry === null) {
      this.saw(this.position);
      return { step: this.step, entry };
    }
    this.position = this.options.positionOf(entry);
    // More may wait behind this one: look again once the client took it.
    this.poke();
    return { step: ++this.step, entry };
  }
}
