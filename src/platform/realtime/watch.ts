import { Follower, type FollowerOptions } from "./follower.ts";

/** What `watch` needs to know about the thing that is watched. */
export interface WatchOptions<T> extends FollowerOptions {
  /** Reads the present state; null ends the stream, such as after a deletion. */
  readonly read: () => Promise<T | null>;
  readonly versionOf: (value: T) => number;
  readonly isFinal: (value: T) => boolean;
  /** The newest version that the client has; older and equal ones are not sent. */
  readonly afterVersion?: number;
}

/**
 * Follows one thing until its final state. Only rising versions come out: a slow consumer skips states but never misses
 * the final one.
 */
export const watch = <T>(options: WatchOptions<T>): AsyncIterableIterator<T> => new Watch(options);

class Watch<T> extends Follower<T, T> {
  private lastVersion: number;

  constructor(private readonly options: WatchOptions<T>) {
    super(options);
    this.lastVersion = options.afterVersion ?? 0;
  }

  protected read(): Promise<T | null> {
    return this.options.read();
  }

  protected isFinal(value: T): boolean {
    return this.options.isFinal(value);
  }

  protected newsOf(value: T): T | undefined {
    const version = this.options.versionOf(value);
    if (version <= this.lastVersion) return undefined;
    this.lastVersion = version;
    return value;
  }
}
