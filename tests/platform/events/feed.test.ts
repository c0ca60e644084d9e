import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { FeedEntry } from "../../../src/platform/events/feed.ts";
import { followFeed, type FeedUpdate } from "../../../src/platform/events/follow-feed.ts";
import { openWorkshop, type Workshop } from "../../support/workshop.ts";

const idle = { run: () => Promise.resolve() };
let writer: Workshop;
let reader: Workshop;

beforeAll(async () => {
  writer = await openWorkshop(idle);
  reader = await openWorkshop(idle, { databaseUrl: writer.databaseUrl, nodeId: 2 });
});
afterAll(async () => {
  await reader.close();
  await writer.close();
});

const append = (userId: string, version: number) =>
  writer.unitOfWork.run((tx) =>
    writer.feed.append(tx, userId, { topic: "JOB", refId: "crf_1", version }),
  );

const follow = (userId: string, after: number | null) =>
  followFeed({
    feed: reader.feed,
    sweep: reader.feedSweep,
    userId,
    after,
  });

async function take(updates: AsyncIterableIterator<FeedUpdate>, count: number) {
  const taken: FeedUpdate[] = [];
  while (taken.length < count) taken.push((await updates.next()).value as FeedUpdate);
  return taken;
}

const numbers = (updates: readonly FeedUpdate[]) =>
  updates.map((update) => (update as FeedEntry).seq);
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

test("entries of eight writers at once are contiguous, and a reader gets each once and in order", async () => {
  const updates = follow("usr_writers", 0);
  const reading = take(updates, 400);
  await Promise.all(
    Array.from({ length: 8 }, async (_, lane) => {
      for (let step = 0; step < 50; step += 1) await append("usr_writers", lane * 50 + step);
    }),
  );
  expect(numbers(await reading)).toEqual(upTo(400));
  await updates.return?.();
});

test("a change that is rolled back leaves no hole", async () => {
  await append("usr_rollback", 1);
  await expect(
    writer.unitOfWork.run(async (tx) => {
      await writer.feed.append(tx, "usr_rollback", { topic: "JOB", refId: "crf_1", version: 2 });
      throw new Error("power cut");
    }),
  ).rejects.toThrow("power cut");
  await append("usr_rollback", 3);
  expect(numbers(await take(follow("usr_rollback", 0), 2))).toEqual([1, 2]);
});

test("a reader that is cut off again and again resumes without loss or repetition", async () => {
  const seen: number[] = [];
  const reading = (async () => {
    while (seen.length < 300) {
      const updates = follow("usr_resume", seen.at(-1) ?? 0);
      const share = 1 + Math.floor(Math.random() * Math.min(30, 299 - seen.length));
      seen.push(...numbers(await take(updates, share)));
      await updates.return?.();
    }
  })();
  for (let version = 1; version <= 300; version += 1) await append("usr_resume", version);
  await reading;
  expect(seen).toEqual(upTo(300));
});

test("a cursor that is older than the log gives a reset to its end, then what follows", async () => {
  for (let version = 1; version <= 5; version += 1) await append("usr_old", version);
  await writer.database.query(
    "update feed_events set created_at = now() - interval '8 days' where user_id = 'usr_old' and seq <= 3",
  );
  expect(await writer.feed.prune()).toBe(3);
  const behind = follow("usr_old", 1);
  expect(await take(behind, 1)).toEqual([{ resetTo: 5 }]);
  const next = take(behind, 1);
  await append("usr_old", 6);
  expect(numbers(await next)).toEqual([6]);
  expect(numbers(await take(follow("usr_old", 3), 2))).toEqual([4, 5]);
  expect(await take(follow("usr_old", 99), 1)).toEqual([{ resetTo: 6 }]);
});

test("without a cursor it begins with what comes next", async () => {
  await append("usr_now", 1);
  const updates = follow("usr_now", null);
  const next = take(updates, 1);
  // The follower has read where the log ends once it listens and waits.
  await new Promise((resolve) => setTimeout(resolve, 100));
  await append("usr_now", 2);
  expect(numbers(await next)).toEqual([2]);
});
