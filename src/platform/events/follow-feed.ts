import type { Sweep, SweptWatcher } from "../realtime/sweep.ts";
import { watch } from "../realtime/watch.ts";
import { feedTopic, type Feed, type FeedEntry, type FeedGap } from "./feed.ts";

/** Either an entry of the feed, or the news that older entries are gone. */
export type FeedUpdate = FeedEntry | FeedGap;

export interface FollowFeedOptions {
  readonly feed: Feed;
  readonly sweep: Sweep;
  readonly userId: string;
  /** The last number that the client has; null starts at the present end. */
  readonly after: number | null;
}

/**
 * Replays a user's feed after a number, then follows it: each entry once and in order.
 * Entries wait in PostgreSQL, not in memory, while the client reads slowly.
 */
export const followFeed = (options: FollowFeedOptions): AsyncIterableIterator<FeedUpdate> =>
  new FeedFollower(options);

/** What a read of the feed gave; `step` rises with each update, so that `watch` takes it for a version. */
interface Reading {
  readonly step: number;
  readonly update: FeedUpdate | null;
}

class FeedFollower implements AsyncIterableIterator<FeedUpdate> {
  private cursor: number | null;
  private waiting: FeedEntry[] = [];
  private step = 0;
  private poke: () => void = () => undefined;
  private place: SweptWatcher | null = null;
  private readonly readings: AsyncIterableIterator<Reading>;

  constructor(private readonly options: FollowFeedOptions) {
    this.cursor = options.after;
    this.readings = watch<Reading>({
      listen: (onNudge) => this.listen(onNudge),
      read: () => this.read(),
      versionOf: (reading) => reading.step,
      isFinal: () => false,
    });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<FeedUpdate>> {
    const reading = await this.readings.next();
    if (reading.done === true) return { done: true, value: undefined };
    return { done: false, value: reading.value.update as FeedUpdate };
  }

  async return(): Promise<IteratorResult<FeedUpdate>> {
    await this.readings.return?.();
    return { done: true, value: undefined };
  }

  async throw(error: unknown): Promise<IteratorResult<FeedUpdate>> {
    await this.readings.return?.();
    throw error;
  }

  private async listen(onNudge: () => void): Promise<() => void> {
    const { sweep, userId } = this.options;
    this.poke = onNudge;
    const place = (this.place = await sweep.listen(userId, feedTopic(userId), onNudge));
    return () => {
      place.stop();
    };
  }

  private async read(): Promise<Reading> {
    const update = await this.nextUpdate();
    // More may wait behind this one: look again once the client took it.
    if (update) this.poke();
    return { step: update ? ++this.step : this.step, update };
  }

  private async nextUpdate(): Promise<FeedUpdate | null> {
    const { feed, userId } = this.options;
    this.cursor ??= await feed.lastSeq(userId);
    if (this.waiting.length === 0) {
      const batch = await feed.after(userId, this.cursor);
      if ("resetTo" in batch) {
        this.cursor = batch.resetTo;
        return batch;
      }
      this.waiting = [...batch];
    }
    const entry = this.waiting.shift();
    if (!entry) {
      this.place?.saw(this.cursor);
      return null;
    }
    this.cursor = entry.seq;
    return entry;
  }
}
