import type { Sweep } from "../realtime/sweep.ts";
import { watch } from "../realtime/watch.ts";
import type { Nudges } from "../realtime/nudges.ts";
import { feedTopic, type Feed, type FeedEntry, type FeedGap } from "./feed.ts";

/** Either an entry of the feed, or the news that older entries are gone. */
export type FeedUpdate = FeedEntry | FeedGap;

export interface FollowFeedOptions {
  readonly feed: Feed;
  readonly nudges: Nudges;
  readonly sweep: Sweep;
  readonly userId: string;
  /** The last number that the client has; null starts at the present end. */
  readonly after: number | null;
}

/**
 * Replays a user's feed after a number, then follows it: each entry once and in order.
 * Entries wait in PostgreSQL, not in memory, while the client reads slowly.
 */
export function followFeed(options: FollowFeedOptions): AsyncIterableIterator<FeedUpdate> {
  const { feed, nudges, sweep, userId } = options;
  let cursor = options.after;
  let pending: FeedEntry[] = [];
  let steps = 0;

  const readNext = async (): Promise<{ step: number; update: FeedUpdate | null }> => {
    cursor ??= await feed.lastSeq(userId);
    if (pending.length === 0) {
      const batch = await feed.after(userId, cursor);
      if ("resetTo" in batch) {
        cursor = batch.resetTo;
        return { step: ++steps, update: batch };
      }
      pending = [...batch];
    }
    const entry = pending.shift();
    if (!entry) {
      sweep.saw(userId, cursor);
      return { step: steps, update: null };
    }
    cursor = entry.seq;
    return { step: ++steps, update: entry };
  };

  let poke = () => {};
  const steady = watch({
    listen: async (onNudge) => {
      poke = onNudge;
      const stopSweep = sweep.add(userId, onNudge);
      const stopNudges = await nudges.listen(feedTopic(userId), onNudge);
      return () => {
        stopSweep();
        stopNudges();
      };
    },
    read: async () => {
      const next = await readNext();
      // More may be waiting behind this entry: look again once the client took it.
      if (next.update) poke();
      return next;
    },
    versionOf: (value) => value.step,
    isFinal: () => false,
  });
  const updates: AsyncIterableIterator<FeedUpdate> = {
    [Symbol.asyncIterator]: () => updates,
    async next() {
      const result = await steady.next();
      return result.done === true
        ? { done: true, value: undefined }
        : { done: false, value: result.value.update as FeedUpdate };
    },
    async return() {
      await steady.return?.();
      return { done: true, value: undefined };
    },
    async throw(error: unknown) {
      await steady.return?.();
      throw error;
    },
  };
  return updates;
}
