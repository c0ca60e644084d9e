import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { World } from "../../support/world.ts";
import {
  ended,
  messagesOf,
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

test("replies of a room are written one after the other, those of another room beside them", async () => {
  const ada = await world.person();
  const [one, two] = [await newRoom(ada), await newRoom(ada)];
  const slow = await say(ada, one, wish("a1", { words: 10, paceMs: 60 }));
  const next = await say(ada, one, wish("a2", { words: 3 }));
  const beside = await say(ada, two, wish("b1", { words: 3 }));
  const [first, second, other] = await Promise.all(
    [slow, next, beside].map(({ reply }) => ended(ada, reply.id)),
  );
  expect([first, second, other].map(({ status }) => status)).toEqual(Array(3).fill("SUCCEEDED"));
  expect(Date.parse(other.finishedAt)).toBeLessThan(Date.parse(first.finishedAt));
  expect(Date.parse(second.startedAt)).toBeGreaterThanOrEqual(Date.parse(first.finishedAt));
  const told = bed.stubs.requests("gemini").find(({ text }) => text.includes("a2 stub"));
  expect(told?.json.contents.map(({ role }: any) => role)).toEqual(["user", "model", "user"]);
  expect(told?.json.contents[1].parts[0].text).toBe(first.content);
  expect((await messagesOf(ada, one)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
});

test("a reply that fails or is canceled lets the next go on", async () => {
  const bea = await world.person();
  const room = await newRoom(bea);
  const failing = await say(bea, room, wish("f1", { words: 1, firstMs: 400, finish: "LANGUAGE" }));
  const waiting = await say(bea, room, wish("f2", { words: 3 }));
  const last = await say(bea, room, wish("f3", { words: 3 }));
  await bea.must(OPERATION.cancel, { input: { id: waiting.reply.id } });
  expect(await ended(bea, failing.reply.id)).toMatchObject({
    status: "FAILED",
    failure: { code: "REPLY_LANGUAGE", canRetry: false },
  });
  expect((await ended(bea, waiting.reply.id)).status).toBe("CANCELED");
  expect((await ended(bea, last.reply.id)).status).toBe("SUCCEEDED");
  expect(prompts(bed.stubs).some((prompt) => prompt.startsWith("f2"))).toBe(false);
  expect(await usedMessages(bea)).toBe(1);
});

test("the last reply can be written anew; the old one stays and is told to nobody", async () => {
  const fay = await world.person();
  const room = await newRoom(fay);
  const old = await say(fay, room, wish("g1", { words: 4 }));
  const earlier = await ended(fay, old.reply.id);
  const input = { messageId: old.reply.id, idempotencyKey: "again" };
  const answers = await Promise.all([0, 1, 2].map(() => fay.must(OPERATION.regenerate, { input })));
  const ids = new Set(answers.map(({ regenerateReply }) => regenerateReply.reply.id));
  expect(ids.size).toBe(1);
  const { reply } = answers[0].regenerateReply;
  expect(reply).toMatchObject({
    seq: 3,
    replaces: { id: old.reply.id, replacedBy: { id: reply.id } },
  });
  const fresh = await ended(fay, reply.id);
  expect(fresh.status).toBe("SUCCEEDED");
  expect(await usedMessages(fay)).toBe(2);
  const asked = bed.stubs.requests("gemini").filter(({ text }) => text.includes("g1 stub"));
  const streamed = asked.filter(({ path }) => path.includes("stream"));
  expect(streamed.map(({ json }) => json.contents.length)).toEqual([1, 1]);

  const twice = await fay.must(OPERATION.regenerate, { input: { messageId: old.reply.id } });
  expect(twice.regenerateReply.problems).toMatchObject([{ code: "REPLY_NOT_LAST" }]);
  const question = await fay.must(OPERATION.regenerate, {
    input: { messageId: old.userMessage.id },
  });
  expect(question.regenerateReply.problems).toMatchObject([{ code: "REPLY_NOT_LAST" }]);
  const after = await say(fay, room, wish("g2", { words: 2 }));
  await ended(fay, after.reply.id);
  const told = bed.stubs.requests("gemini").find(({ text }) => text.includes("g2 stub"));
  const models = told?.json.contents.filter(({ role }: any) => role === "model");
  expect(models.flatMap(({ parts }: any) => parts.map(({ text }: any) => text))).toEqual([
    fresh.content,
  ]);
  expect(earlier.content).toBe(fresh.content);
});

test("Basic may write 5 messages a day: 50 at once, on two nodes, are 5", async () => {
  const gil = await world.person();
  const room = await newRoom(gil);
  const other = gil.at(world.nodes[1]!.url);
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, index) =>
      (index % 2 ? gil : other).must(OPERATION.send, {
        input: { chatroomId: room, content: `message ${index}` },
      }),
    ),
  );
  const problems = answers.flatMap(({ sendMessage }) => sendMessage.problems);
  expect(problems).toHaveLength(45);
  for (const problem of problems) {
    expect(problem).toMatchObject({ code: "QUOTA_EXCEEDED", limitName: "CHAT_MESSAGES", limit: 5 });
  }
  expect(await usedMessages(gil)).toBe(5);
  const messages = await messagesOf(gil, room);
  expect(messages.map(({ seq }) => seq)).toEqual(
    Array.from({ length: 10 }, (_, index) => index + 1),
  );
  await Promise.all(
    messages.filter(({ id }) => id.startsWith("rpl")).map(({ id }) => ended(gil, id)),
  );
});

test("the same key is one message, with one reply and one count; other input is a mismatch", async () => {
  const hal = await world.person();
  const room = await newRoom(hal);
  const sent = await Promise.all([0, 1, 2, 3].map(() => say(hal, room, "once", "key")));
  expect(new Set(sent.map(({ reply }) => reply.id)).size).toBe(1);
  expect(new Set(sent.map(({ userMessage }) => userMessage.id)).size).toBe(1);
  expect(await usedMessages(hal)).toBe(1);
  const input = { chatroomId: room, content: "twice", idempotencyKey: "key" };
  const mismatch = await hal.send(OPERATION.send, { input });
  expect(mismatch.errors?.[0]?.extensions.code).toBe("IDEMPOTENCY_MISMATCH");
});

test("a room with 20 unfinished replies takes no message until one of them has ended", async () => {
  const jon = await world.person();
  const room = await newRoom(jon);
  const { database } = world.nodes[0]!.stores;
  const counted = () => database.query("update usage_counters set used = 0");
  const first = await say(jon, room, wish("w", { words: 2, firstMs: 20_000 }));
  for (let index = 1; index < 20; index += 1) {
    await counted();
    await say(jon, room, `waits ${index}`);
  }
  await counted();
  const input = { chatroomId: room, content: "one too many" };
  const { sendMessage } = await jon.must(OPERATION.send, { input });
  expect(sendMessage.problems).toMatchObject([{ code: "CHATROOM_BUSY" }]);
  expect(await usedMessages(jon)).toBe(0);
  expect(await messagesOf(jon, room)).toHaveLength(40);
  await jon.must(OPERATION.stop, { input: { id: first.reply.id } });
  await ended(jon, first.reply.id);
  await say(jon, room, "now there is room");
  await jon.must(OPERATION.remove, { input: { id: room } });
});
