import type { Redis } from "ioredis";

/** A value together with the version that it belongs to, both from one snapshot of the store. */
export interface Versioned<T> {
  readonly version: string;
  readonly value: T;
}

export interface VersionedCacheOptions {
  readonly redis: Redis;
  /** Begins every key. */
  readonly prefix: string;
  readonly ttlSeconds: number;
}

/**
 * Keeps JSON in Redis under its key and its version, which the store itself tells. A value is never found under another
 * version than its own: who reads the version first gets nothing older, however slowly somebody else writes, and
 * nothing needs to be deleted. Without Redis every value comes from the store.
 */
export class VersionedCache<T> {
  private readonly loading = new Map<string, Promise<T>>();

  constructor(private readonly options: VersionedCacheOptions) {}

  /**
   * The value of a key at a version, or a newer one. Callers of one process who want the same wait for one load.
   * @param version Never used twice for a key with another value.
   * @param load Reads value and version in one snapshot.
   */
  read(key: string, version: string, load: () => Promise<Versioned<T>>): Promise<T> {
    const place = this.placeOf(key, version);
    const underway = this.loading.get(place);
    if (underway) return underway;
    const reading = this.find(place, key, load).finally(() => this.loading.delete(place));
    this.loading.set(place, reading);
    return reading;
  }

  private async find(place: string, key: string, load: () => Promise<Versioned<T>>): Promise<T> {
    const { redis, ttlSeconds } = this.options;
    const found = redis.status === "ready" ? await redis.get(place).catch(() => null) : null;
    if (found !== null) return JSON.parse(found) as T;
    const { version, value } = await load();
    // Nobody waits for the cache.
    redis
      .set(this.placeOf(key, version), JSON.stringify(value), "EX", ttlSeconds)
      .catch(() => undefined);
    return value;
  }

  private placeOf(key: string, version: string): string {
    return `${this.options.prefix}:${version}:${key}`;
  }
}
