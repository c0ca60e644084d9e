import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { MovingJob } from "../../support/moving-job.ts";
import { hasRedisServer, RedisServer } from "../../support/redis-server.ts";
import { openWorkshop, type Workshop } from "../../support/workshop.ts";

const idle = { run: () => Promise.resolve() };
const unhandled: unknown[] = [];
const note = (reason: unknown) => void unhandled.push(reason);

(hasRedisServer ? describe : describe.skip)("watching while Redis fails", () => {
  let server: RedisServer;
  /** One process moves jobs, the other watches them. */
  let mover: Workshop;
  let watcher: Workshop;

  beforeAll(async () => {
    process.on("unhandledRejection", note);
    server = await RedisServer.start();
    mover = await openWorkshop(idle, { redisUrl: server.url });
    const { databaseUrl } = mover;
    watcher = await openWorkshop(idle, { redisUrl: server.url, databaseUrl, nodeId: 2 });
  });
  afterEach(() => expect(unhandled).toEqual([]));
  afterAll(async () => {
    await watcher.close();
    await mover.close();
    await server.down();
    process.off("unhandledRejection", note);
  });

  /** Watches up to the final state; notes when it came. */
  async function follow(job: MovingJob, onVersion: (version: number) => void = () => undefined) {
    const versions: number[] = [];
    for await (const state of await watcher.jobs.watch(job.userId, job.id, null)) {
      versions.push(state.version);
      onVersion(state.version);
    }
    return { versions, atMs: performance.now() };
  }

  const rising = (versions: readonly number[]) =>
    versions.every((version, index) => index === 0 || version > versions[index - 1]!);

  /** A watch, and the moment when it has its first state. */
  function watching(job: MovingJob) {
    const began = Promise.withResolvers<void>();
    const end = follow(job, () => {
      began.resolve();
    });
    return { began: began.promise, end };
  }

  test("the final state arrives within a second although the sender's connection was cut just before", async () => {
    const job = await MovingJob.start(mover, "usr_cut");
    const following = watching(job);
    await following.began;
    await server.cutClients("normal");
    const finishedMs = performance.now();
    await job.finish();
    expect((await following.end).atMs - finishedMs).toBeLessThan(1_000);
  });

  test("a watcher that comes during an outage does not keep the news from an older one", async () => {
    const job = await MovingJob.start(mover, "usr_two");
    const older = watching(job);
    await older.began;
    await server.down();
    await job.finish();
    expect((await follow(job)).versions).toEqual([2]);
    const outageMs = performance.now();
    expect((await older.end).versions).toEqual([1, 2]);
    expect(performance.now() - outageMs).toBeLessThan(2_500);
    await server.up();
  });

  test("dropped, cut and without Redis for a second: versions only rise, the last one comes", async () => {
    const job = await MovingJob.start(mover, "usr_gapless");
    const versions: number[] = [];
    let moving = true;
    const subscriber = (async () => {
      let last = 0;
      for (;;) {
        const updates = await watcher.jobs.watch(job.userId, job.id, last);
        let left = 1 + Math.floor(Math.random() * 12);
        for await (const state of updates) {
          versions.push((last = state.version));
          // Dropped at random, as long as there is something to come back for.
          if (moving && --left === 0) break;
        }
        if (last === 202) return performance.now();
      }
    })();
    for (let step = 0; step < 200; step += 1) {
      await job.move();
      if (step % 20 === 7) await server.cutClients(step % 40 === 7 ? "pubsub" : "normal");
      if (step === 100) await server.down();
      if (step === 150) await server.up();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    moving = false;
    await job.finish();
    const finishedMs = performance.now();
    expect((await subscriber) - finishedMs).toBeLessThan(1_000);
    expect(rising(versions)).toBe(true);
    expect(versions.at(-1)).toBe(202);
  });

  test("a frozen Redis delays a new watch by a moment only, and its watchers still learn the end", async () => {
    const job = await MovingJob.start(mover, "usr_frozen");
    const older = watching(job);
    await older.began;
    server.freeze();
    const startMs = performance.now();
    const updates = await watcher.jobs.watch(job.userId, job.id, null);
    expect(await updates.next()).toMatchObject({ value: { version: 1 } });
    expect(performance.now() - startMs).toBeLessThan(1_500);
    await job.finish();
    const finishedMs = performance.now();
    expect(await updates.next()).toMatchObject({ value: { version: 2, status: "SUCCEEDED" } });
    expect(performance.now() - finishedMs).toBeLessThan(2_500);
    server.thaw();
    await older.end;
  });
});
