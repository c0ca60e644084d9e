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
 *
 * Hand-made rather than an async generator: `return()` must end it while `next()` waits.
 */
export function watch<T>(options: WatchOptions<T>): AsyncIterableIterator<T> {
  let lastVersion = options.afterVersion ?? 0;
  let dirty = true;
  let closed = false;
  let wake: (() => void) | null = null;
  let stopListening: (() => void) | null = null;
  let listening: Promise<void> | null = null;

  const poke = () => {
    dirty = true;
    wake?.();
  };
  const close = () => {
    closed = true;
    stopListening?.();
    stopListening = null;
    wake?.();
  };
  const listen = async () => {
    const stop = await options.listen(poke);
    if (closed) stop();
    else stopListening = stop;
  };
  const untilPoked = () =>
    new Promise<void>((resolve) => {
      wake = () => {
        wake = null;
        resolve();
      };
    });
  const readOrRetry = async (): Promise<T | null | undefined> => {
    try {
      return await options.read();
    } catch {
      // The store is away for a moment: the watcher stays and reads again, as the sweep would.
      setTimeout(poke, options.retryMs ?? RETRY_MS).unref();
      return undefined;
    }
  };

  const updates: AsyncIterableIterator<T> = {
    [Symbol.asyncIterator]: () => updates,
    async next() {
      listening ??= listen();
      await listening;
      while (!closed) {
        if (!dirty) await untilPoked();
        if (closed) break;
        dirty = false;
        const value = await readOrRetry();
        if (value === undefined || closed) continue;
        if (value === null) {
          close();
          break;
        }
        const final = options.isFinal(value);
        if (final) close();
        if (options.versionOf(value) <= lastVersion) continue;
        lastVersion = options.versionOf(value);
        return { done: false, value };
      }
      return { done: true, value: undefined };
    },
    return() {
      close();
      return Promise.resolve({ done: true, value: undefined });
    },
    throw(error: unknown) {
      close();
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    },
  };
  return updates;
}
