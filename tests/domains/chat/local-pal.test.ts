import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { TestClient } from "../../support/client.ts";
import { createWorld, type World } from "../../support/world.ts";
import { hear, say } from "./chat-bed.ts";
import { analysed, palRoom } from "./pal-bed.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld({ nodes: 1 });
}, 60_000);
afterAll(() => world.stop());

const ask = async (person: TestClient, room: string, question: string) =>
  hear(person, (await say(person, room, question)).reply.id);

test("without an analysis Pal knows nothing, says so, and says that it is the local one", async () => {
  const ada = await world.person();
  const room = await palRoom(ada);
  const { text, frames, last } = await ask(ada, room, "How is my skin?");
  expect(text).toContain("there is no analysis of yours");
  expect(text).toContain("I am the local Pal");
  expect(frames.length).toBeGreaterThan(3);
  expect(last.status).toBe("SUCCEEDED");
  const khmer = (await ask(ada, room, "ស្បែកខ្ញុំយ៉ាងណា?")).text;
  expect(khmer).toContain("មិនទាន់មានការវិភាគ");
  expect(khmer).not.toContain("I am");
});

test("it answers from the newest numbers and the open goals", async () => {
  const bea = await world.person();
  const early = { overallSkinHealthScore: 60, hydration: 31.4, redness: 80, acne: 70 };
  await analysed(world, bea, early);
  await analysed(world, bea, { ...early, overallSkinHealthScore: 64, hydration: 42, redness: 77 });
  const room = await palRoom(bea);
  const metric = (await ask(bea, room, "Why is my skin so dry?")).text;
  expect(metric).toContain("hydration was at 42 of 100");
  expect(metric).toContain("rose from 31 to 42");
  const changed = (await ask(bea, room, "What has changed since last time?")).text;
  expect(changed).toContain("overall skin health rose from 60 to 64");
  expect(changed).toContain("calmness of the skin fell from 80 to 77");
  expect(changed).not.toContain("acne");
  expect((await ask(bea, room, "Which ingredients?")).text).toBe(
    "Ingredients that suit you now: Glycerin. Better avoid: Menthol.",
  );

  const { createGoal } = await bea.must(
    "mutation($input: CreateGoalInput!) { createGoal(input: $input) { problems { code } } }",
    { input: { title: "Less dry", targetMetric: "HYDRATION", baseline: 42, target: 60, deadline } },
  );
  expect(createGoal.problems).toEqual([]);
  expect((await ask(bea, room, "How are my goals?")).text).toContain(
    `“Less dry”: you are at 42, the goal is 60 by ${deadline}.`,
  );
  const khmer = (await ask(bea, await palRoom(await again(bea)), "ស្បែកខ្ញុំយ៉ាងណា?")).text;
  expect(khmer).toContain("64");
});

const deadline = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);

/** The same person, with today's questions counted anew. */
async function again(person: TestClient): Promise<TestClient> {
  await world.nodes[0]!.stores.database.query("update usage_counters set used = 0");
  return person;
}
