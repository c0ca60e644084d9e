import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { ReplyText } from "../../../src/client/index.ts";
import type { TestClient } from "../../support/client.ts";
import type { World } from "../../support/world.ts";
import {
  ended,
  hear,
  newRoom,
  OPERATION,
  say,
  talkingWorld,
  wish,
  type Frame,
} from "./chat-bed.ts";

let bed: Awaited<ReturnType<typeof talkingWorld>>;
let world: World;
beforeAll(async () => {
  bed = await talkingWorld();
  ({ world } = bed);
}, 60_000);
afterAll(() => bed.stop());

/** Follows a reply on sockets that break at random; the text as the device has it at the end. */
async function unsteadyDevice(
  person: TestClient,
  id: string,
  drops: number,
): Promise<{ text: string; dropped: number; regressions: number }> {
  const text = new ReplyText();
  let dropped = 0;
  let regressions = 0;
  for (let isOver = false; !isOver;) {
    const lives = dropped < drops ? Math.floor(Math.random() * 2) : Infinity;
    const { fromOffset, generation } = text.position;
    const socket = person.socket();
    const variables = { id, fromOffset, ...(generation === null ? {} : { generation }) };
    const frames = socket.iterate({ query: OPERATION.watchReply, variables });
    let seen = 0;
    isOver = true;
    for await (const result of frames as AsyncIterable<any>) {
      const before = text.text;
      text.add(result.data.chatReplyStreamed as Frame);
      if (!text.text.startsWith(before)) regressions += 1;
      seen += 1;
      if (seen > lives) {
        isOver = false;
        break;
      }
    }
    if (!isOver) dropped += 1;
    await socket.dispose();
  }
  return { text: text.text, dropped, regressions };
}

test("two devices that are cut off 100 times at two nodes have exactly the stored text", async () => {
  const ada = await world.person();
  const room = await newRoom(ada);
  const { reply } = await say(ada, room, wish("long", { words: 500, paceMs: 8 }));
  const devices = await Promise.all([
    unsteadyDevice(ada, reply.id, 50),
    unsteadyDevice(ada.at(world.nodes[1]!.url), reply.id, 50),
  ]);
  const stored = await ended(ada, reply.id);
  expect(stored).toMatchObject({ status: "SUCCEEDED", ending: "COMPLETE", generation: 1 });
  expect(stored.content).toHaveLength(stored.content.toWellFormed().length);
  for (const device of devices) {
    expect(device.text).toBe(stored.content);
    expect(device.regressions).toBe(0);
    expect(device.dropped).toBe(50);
  }
});

test("at most 20 frames a second, each where the one before ended, none inside a character", async () => {
  const bea = await world.person();
  const { reply } = await say(bea, await newRoom(bea), wish("fast", { words: 600, paceMs: 2 }));
  const times: number[] = [];
  let length = 0;
  const { text, frames } = await hear(bea, reply.id, (frame) => {
    times.push(performance.now());
    expect(frame.offset).toBe(length);
    expect(frame.appended.isWellFormed()).toBe(true);
    length += frame.appended.length;
  });
  expect(frames.length).toBeGreaterThan(10);
  for (let index = 21; index < times.length - 1; index += 1) {
    expect(times[index]! - times[index - 21]!).toBeGreaterThan(950);
  }
  expect(text).toBe((await ended(bea, reply.id)).content);
});

test("a subscriber who comes late, after the end, in the middle of a pair or from beyond gets the rest, exactly", async () => {
  const cleo = await world.person();
  const { reply } = await say(cleo, await newRoom(cleo), wish("late", { words: 40 }));
  const { content } = await ended(cleo, reply.id);
  const middle = content.indexOf("😀") + 1;
  for (const fromOffset of [0, 5, middle, content.length, content.length + 50]) {
    const stream = cleo.watch(OPERATION.watchReply, { id: reply.id, fromOffset });
    const frames: Frame[] = [];
    for await (const { data } of stream) frames.push(data.chatReplyStreamed as Frame);
    expect(frames).toHaveLength(1);
    const [{ offset, appended }] = frames as [Frame];
    expect(offset).toBe(
      fromOffset === middle ? middle - 1 : fromOffset > content.length ? 0 : fromOffset,
    );
    expect(content.slice(0, offset) + appended).toBe(content);
  }
  const [gone] = await Promise.all([
    cleo.watch(OPERATION.watchReply, { id: reply.id, fromOffset: -1 }).next(),
  ]);
  expect(gone.value.errors[0].extensions.code).toBe("BAD_USER_INPUT");
});

test("a reply that was cut is written anew: the text starts again, and every device ends with what is stored", async () => {
  const dora = await world.person();
  const content = wish("twice", { words: 30, paceMs: 15, cutAfter: 12, times: 1 });
  const { reply } = await say(dora, await newRoom(dora), content);
  const other = hear(dora.at(world.nodes[1]!.url), reply.id);
  const [device, { text, frames }] = await Promise.all([unsteadyDevice(dora, reply.id, 5), other]);
  const stored = await ended(dora, reply.id);
  expect(stored).toMatchObject({ status: "SUCCEEDED", generation: 2 });
  expect(text).toBe(stored.content);
  expect(device.text).toBe(stored.content);
  const restart = frames.findIndex(({ generation }) => generation === 2);
  expect(restart).toBeGreaterThan(0);
  expect(frames[restart]?.offset).toBe(0);
});

test("messages of a room come once and in order, also to a device that was away", async () => {
  const eve = await world.person();
  const room = await newRoom(eve);
  const seen: number[] = [];
  const follow = async (count: number) => {
    const afterSeq = seen.at(-1) ?? 0;
    for await (const { data } of eve.at(world.nodes[1]!.url).watch(OPERATION.watchRoom, {
      chatroomId: room,
      afterSeq,
    })) {
      seen.push(data.chatMessageAdded.seq as number);
      expect(data.chatMessageAdded.message.seq).toBe(seen.at(-1));
      if (seen.length >= count) return;
    }
  };
  const first = follow(4);
  await say(eve, room, "one");
  await say(eve, room, "two");
  await first;
  await say(eve, room, "three");
  await follow(6);
  expect(seen).toEqual([1, 2, 3, 4, 5, 6]);
});
