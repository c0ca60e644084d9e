import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { until } from "../../support/until.ts";
import type { World } from "../../support/world.ts";
import {
  ended,
  hear,
  newRoom,
  OPERATION,
  prompts,
  say,
  talkingWorld,
  usedMessages,
  wish,
} from "./chat-bed.ts";

let bed: Awaited<ReturnType<typeof talkingWorld>>;
let world: World;
beforeAll(async () => {
  bed = await talkingWorld();
  ({ world } = bed);
}, 60_000);
afterAll(() => bed.stop());

test("a stop from another device keeps what came, at once, and counts", async () => {
  const cleo = await world.person();
  const { reply } = await say(cleo, await newRoom(cleo), wish("s", { words: 900, paceMs: 20 }));
  const other = cleo.at(world.nodes[1]!.url);
  let askedAtMs = 0;
  const { text, last } = await hear(cleo, reply.id, async (_frame, soFar) => {
    if (askedAtMs > 0 || soFar.length < 60) return;
    askedAtMs = performance.now();
    const { stopReply } = await other.must(OPERATION.stop, { input: { id: reply.id } });
    expect(stopReply.problems).toEqual([]);
  });
  expect(performance.now() - askedAtMs).toBeLessThan(1_000);
  expect(last.status).toBe("SUCCEEDED");
  const stored = await ended(cleo, reply.id);
  expect(stored).toMatchObject({ ending: "STOPPED", content: text });
  expect(await usedMessages(cleo)).toBe(1);
  const again = await cleo.must(OPERATION.stop, { input: { id: reply.id } });
  expect(again.stopReply.reply).toMatchObject({ status: "SUCCEEDED", ending: "STOPPED" });
});

test("a stop before the first word cancels and does not count; canceling in the middle does, and keeps the text", async () => {
  const dora = await world.person();
  const room = await newRoom(dora);
  const silent = await say(dora, room, wish("q", { words: 2, firstMs: 20_000 }));
  await until(() => prompts(bed.stubs).some((prompt) => prompt.startsWith("q stub")));
  await dora.must(OPERATION.stop, { input: { id: silent.reply.id } });
  expect(await ended(dora, silent.reply.id)).toMatchObject({ status: "CANCELED", content: "" });
  expect(await usedMessages(dora)).toBe(0);

  const talking = await say(dora, room, wish("r", { words: 900, paceMs: 20 }));
  let canceled = false;
  const { text } = await hear(dora, talking.reply.id, async (_frame, soFar) => {
    if (canceled || soFar.length < 30) return;
    canceled = true;
    await dora.must(OPERATION.cancel, { input: { id: talking.reply.id } });
  });
  expect(await ended(dora, talking.reply.id)).toMatchObject({ status: "CANCELED", content: text });
  expect(await usedMessages(dora)).toBe(1);
});

test("a reply that is blocked in the middle is taken back from every screen", async () => {
  const eve = await world.person();
  const content = wish("x", { words: 12, paceMs: 20, finish: "SAFETY" });
  const { reply } = await say(eve, await newRoom(eve), content);
  const { text, frames, last } = await hear(eve, reply.id);
  expect(frames.some(({ appended }) => appended !== "")).toBe(true);
  expect(text).toBe("");
  expect(last).toMatchObject({
    status: "FAILED",
    failure: { code: "REPLY_BLOCKED", canRetry: false },
  });
  expect((await ended(eve, reply.id)).content).toBe("");
  expect(await usedMessages(eve)).toBe(0);
});

test("a stop takes effect at once on a reply that waits for its next try", async () => {
  const ida = await world.person();
  const room = await newRoom(ida);
  const { reply } = await say(ida, room, wish("t", { words: 9, paceMs: 90, cutAfter: 4 }));
  const { database } = world.nodes[0]!.stores;
  const waits = () =>
    database.query(
      `update graphile_worker._private_jobs set run_at = now() + interval '1 hour'
       where key = $1 and locked_at is null and run_at > now() returning id`,
      [reply.id],
    );
  await until(waits, (rows) => rows.length > 0);
  const { stopReply } = await ida.must(OPERATION.stop, { input: { id: reply.id } });
  expect(stopReply.problems).toEqual([]);
  const stored = await ended(ida, reply.id);
  expect(stored).toMatchObject({ status: "SUCCEEDED", ending: "STOPPED" });
  expect(stored.content).not.toBe("");
  expect(prompts(bed.stubs).filter((prompt) => prompt.startsWith("t stub"))).toHaveLength(1);
});

test("a stop whose nudge was lost reaches a reply that has fallen silent all the same", async () => {
  const lou = await world.person();
  const { reply } = await say(lou, await newRoom(lou), wish("u", { words: 2, paceMs: 15_000 }));
  const { database } = world.nodes[0]!.stores;
  const stop = () =>
    database.query(
      "update chat_replies set stop_requested_at = now() where id = $1 and length > 0 returning id",
      [reply.id],
    );
  await until(stop, (rows) => rows.length > 0);
  const stored = await ended(lou, reply.id);
  expect(stored).toMatchObject({ status: "SUCCEEDED", ending: "STOPPED" });
  expect(stored.content).not.toBe("");
});
