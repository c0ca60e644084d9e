import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { QUOTA_GONE } from "../../support/stubs/index.ts";
import { until } from "../../support/until.ts";
import type { World } from "../../support/world.ts";
import { ended, hear, newRoom, OPERATION, say, talkingWorld, wish } from "./chat-bed.ts";
import { analysed, palRoom, usedOf } from "./pal-bed.ts";

let bed: Awaited<ReturnType<typeof talkingWorld>>;
let world: World;
beforeAll(async () => {
  bed = await talkingWorld({ openAi: true });
  ({ world } = bed);
}, 60_000);
afterAll(() => bed.stop());

/** What Pal was told with a question. */
function told(question: string) {
  const asked = bed.stubs
    .requests("openai")
    .filter(({ json }) => json.stream && json.input.at(-1).content.includes(question));
  const request = asked.at(-1);
  return {
    times: asked.length,
    text: request?.text ?? "",
    data: JSON.parse(request?.json.input[0].content ?? "null"),
    said: request?.json.input.slice(1) as { role: string; content: string }[],
  };
}

test("Pal streams as chat does, and knows the newest analyses and the goals of the asker, and nobody else's", async () => {
  const [ada, bea] = [await world.person(), await world.person()];
  await analysed(world, bea, { hydration: 96.125 }, "Only for Bea.");
  await analysed(world, ada, { hydration: 31, redness: 80 }, "From the first time.");
  const newest = await analysed(world, ada, { hydration: 42, redness: 77 });
  const title = "Less dry";
  const goal = { title, targetMetric: "HYDRATION", baseline: 42, target: 60, deadline: inDays(30) };
  const { createGoal } = await ada.must(CREATE_GOAL, { input: goal });
  expect(createGoal.problems).toEqual([]);
  const room = await palRoom(ada);
  const { reply } = await say(ada, room, wish("q1", { words: 20, paceMs: 5 }));
  const { text, frames, last } = await hear(ada.at(world.nodes[1]!.url), reply.id);
  expect(frames.length).toBeGreaterThan(1);
  expect(last.status).toBe("SUCCEEDED");
  expect(text).toBe((await ended(ada, reply.id)).content);

  const { data, text: sent } = told("q1");
  expect(data.analyses).toHaveLength(2);
  expect(data.analyses[0]).toMatchObject({
    metrics: { hydration: 42, redness: 77, acne: null },
    skinType: "DRY",
    concerns: [{ concern: "DRYNESS", severity: "MODERATE", affectedAreas: ["CHEEKS"] }],
    feedback: { actions: ["Drink water."] },
  });
  expect(data.analyses[1]).toMatchObject({ metrics: { hydration: 31 }, feedback: null });
  expect(data.goals).toMatchObject([{ title, metric: "hydration", target: 60 }]);
  for (const foreign of ["96.125", "Only for Bea", bea.userId, ada.userId, newest, "selfies/"]) {
    expect(sent).not.toContain(foreign);
  }
});

test("what Pal knows is as new as the reply; the conversation goes along, and no name, e-mail or phone", async () => {
  const cleo = await world.person();
  const { database } = world.nodes[0]!.stores;
  await database.query(
    "update users set first_name = 'Cleo', last_name = 'Quartz', email = 'cleo@quartz.example', phone = '+85512345678' where id = $1",
    [cleo.userId],
  );
  const room = await palRoom(cleo);
  const first = await say(cleo, room, "how is my skin");
  const answer = (await ended(cleo, first.reply.id)).content;
  expect(told("how is my skin").data.analyses).toEqual([]);
  await analysed(world, cleo, { hydration: 55 });
  const second = await say(cleo, room, "and now");
  await ended(cleo, second.reply.id);
  const { data, said, text } = told("and now");
  expect(data.analyses).toMatchObject([{ metrics: { hydration: 55 } }]);
  expect(said.map(({ content }) => content)).toEqual(["how is my skin", answer, "and now"]);
  for (const secret of ["Cleo", "Quartz", "quartz.example", "85512345678", cleo.userId]) {
    expect(text).not.toContain(secret);
  }
});

test("questions to Pal have a limit of their own", async () => {
  const dora = await world.person();
  const [pal, general] = [await palRoom(dora), await newRoom(dora, "general")];
  const input = (index: number) => ({ input: { chatroomId: pal, content: `question ${index}` } });
  const answers = await Promise.all(
    [0, 1, 2, 3, 4, 5, 6].map((index) => dora.must(OPERATION.send, input(index))),
  );
  const problems = answers.flatMap(({ sendMessage }) => sendMessage.problems);
  expect(problems).toHaveLength(2);
  expect(problems[0]).toMatchObject({
    code: "QUOTA_EXCEEDED",
    limitName: "PAL_QUESTIONS",
    limit: 5,
  });
  expect(await usedOf(dora, "CHAT_MESSAGES")).toBe(0);
  await ended(dora, (await say(dora, general, "hello")).reply.id);
  expect(await usedOf(dora, "CHAT_MESSAGES")).toBe(1);
  expect(await usedOf(dora, "PAL_QUESTIONS")).toBe(5);
});

test.each([
  ["a provider that cannot take it", { status: 400 }, "ASSISTANT_REFUSED_REQUEST"],
  ["a content filter", { words: 3, finish: "content_filter" }, "REPLY_BLOCKED"],
])("a question without a reply does not count: %s", async (name, facts, code) => {
  const eve = await world.person();
  const { reply } = await say(eve, await palRoom(eve), wish(name, facts));
  expect(await ended(eve, reply.id)).toMatchObject({
    status: "FAILED",
    content: "",
    failure: { code, canRetry: false },
  });
  expect(await usedOf(eve, "PAL_QUESTIONS")).toBe(0);
});

test("an account without money is not asked twice", async () => {
  const fay = await world.person();
  bed.stubs.script("openai", QUOTA_GONE);
  const { reply } = await say(fay, await palRoom(fay), "out of money");
  expect(await ended(fay, reply.id)).toMatchObject({
    status: "FAILED",
    failure: { code: "ASSISTANT_UNAVAILABLE" },
  });
  expect(told("out of money").times).toBe(1);
  expect(await usedOf(fay, "PAL_QUESTIONS")).toBe(0);
});

test("a stream that ends without its last event is no reply: it is written anew", async () => {
  const gil = await world.person();
  const content = wish("anew", { words: 6, finish: null, times: 1 });
  const { reply } = await say(gil, await palRoom(gil), content);
  expect(await ended(gil, reply.id)).toMatchObject({
    status: "SUCCEEDED",
    ending: "COMPLETE",
    generation: 2,
  });
  expect(told("anew").times).toBe(2);
  expect(await usedOf(gil, "PAL_QUESTIONS")).toBe(1);
});

test("one may have several rooms with Pal; each gets its title from Pal", async () => {
  const hal = await world.person();
  const rooms = [await palRoom(hal, null), await palRoom(hal, null)];
  expect(new Set(rooms).size).toBe(2);
  await ended(hal, (await say(hal, rooms[0]!, "what about redness")).reply.id);
  const named = async () => (await hal.must(OPERATION.rooms)).viewer.chatrooms.nodes;
  const list = await until(named, (all: any[]) => all.some(({ name }) => name !== "New chat"));
  expect(list.map(({ assistant }: any) => assistant)).toEqual(["PAL", "PAL"]);
  expect(list[0].name).toMatch(/^About \d+$/);
});

const CREATE_GOAL = `mutation($input: CreateGoalInput!) { createGoal(input: $input) { goal { id } problems { code message } } }`;
const inDays = (days: number): string =>
  new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
