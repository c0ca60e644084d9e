import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { until } from "../../support/until.ts";
import type { World } from "../../support/world.ts";
import { ended, newRoom, OPERATION, say, talkingWorld } from "./chat-bed.ts";

const BUDGET = 300;
let bed: Awaited<ReturnType<typeof talkingWorld>>;
let world: World;
beforeAll(async () => {
  bed = await talkingWorld({ nodes: 1, env: { CHAT_CONTEXT_TOKENS: String(BUDGET) } });
  ({ world } = bed);
}, 60_000);
afterAll(() => bed.stop());

const told = (name: string) => {
  const request = bed.stubs
    .requests("gemini")
    .find(({ path, text }) => path.includes("stream") && text.includes(name));
  const texts = request?.json.contents.flatMap(({ parts }: any) =>
    parts.map(({ text }: any) => text),
  );
  return {
    texts: texts as string[],
    instruction: request?.json.systemInstruction.parts[0].text as string,
  };
};
const tokens = (texts: string[]) =>
  texts.reduce((sum, text) => sum + Math.floor((Buffer.byteLength(text) + 3) / 4) + 4, 0);

test("an assistant is told the newest messages that fit, and a summary of those before", async () => {
  const ada = await world.person();
  const room = await newRoom(ada, "named");
  const { database } = world.nodes[0]!.stores;
  await database.query("update usage_counters set used = 0");
  for (let index = 0; index < 5; index += 1) {
    await database.query("update usage_counters set used = 0");
    const { reply } = await say(ada, room, `m${index} ${"ខ្មែរ ".repeat(9)}`);
    await ended(ada, reply.id);
  }
  const summaryOf = async () =>
    (
      await database.query<{ summary: string; seq: number }>(
        "select summary, summarized_seq as seq from chat_rooms where id = $1",
        [room],
      )
    )[0]!;
  await until(summaryOf, (row) => row.seq > 0);
  // Each of the last replies may have asked for one.
  await until(
    () =>
      database.query("select 1 from graphile_worker.jobs where task_identifier = 'summarize_chat'"),
    (tasks) => tasks.length === 0,
  );
  const { summary, seq } = await summaryOf();
  expect(summary).toMatch(/^About \d+$/);
  await database.query("update usage_counters set used = 0");
  const { reply } = await say(ada, room, "last-one");
  await ended(ada, reply.id);
  const { texts, instruction } = told("last-one");
  expect(texts.at(-1)).toBe("last-one");
  expect(instruction).toContain(summary);
  expect(tokens(texts)).toBeLessThanOrEqual(BUDGET);
  const after = await database.query<{ content: string }>(
    "select content from chat_messages where room_id = $1 and seq > $2 and id <> $3 order by seq",
    [room, seq, reply.id],
  );
  expect(after.map(({ content }) => content).slice(-texts.length)).toEqual(texts);
});

test("one message that is larger than the budget is told all the same, alone", async () => {
  const bea = await world.person();
  const room = await newRoom(bea, "named");
  await ended(bea, (await say(bea, room, "small")).reply.id);
  const { reply } = await say(bea, room, `big ${"x".repeat(3_000)}`);
  await ended(bea, reply.id);
  expect(told("big x").texts).toHaveLength(1);
});

test("the first exchange gives a room its title, unless the user gave it a name", async () => {
  const cleo = await world.person();
  const [untitled, named] = [await newRoom(cleo), await newRoom(cleo, "mine")];
  for (const room of [untitled, named]) await ended(cleo, (await say(cleo, room, "hi")).reply.id);
  const names = async () =>
    (await cleo.must(OPERATION.rooms)).viewer.chatrooms.nodes.map(({ name }: any) => name);
  expect(await until(names, (list) => !list.includes("New chat"))).toEqual(
    expect.arrayContaining(["mine", expect.stringMatching(/^About \d+$/)]),
  );
});
