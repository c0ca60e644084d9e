import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { createWorld, type World } from "../../support/world.ts";
import {
  achievementsOf,
  finishAnalysis,
  goalOf,
  log,
  makeGoal,
  measured,
  newsOf,
  registered,
  rewardsOf,
} from "./goals-bed.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld({ nodes: 2, workers: 0 });
});
afterAll(() => world.stop());

test("twenty analyses and logs at once: each milestone, the end, the unlock and the reward once", async () => {
  const person = await registered(world);
  const id = await makeGoal(person);
  const values = Array.from({ length: 20 }, (_, index) => 42 + index);
  await Promise.all(
    values.map((value, index) =>
      index % 2 === 0
        ? finishAnalysis(world, person.userId, measured({ hydration: value }), index / 2)
        : log(person.at(world.nodes[index % 4 === 1 ? 0 : 1]!.url), { goalId: id, value }),
    ),
  );
  await log(person, { goalId: id, value: 60 });
  const goal = await goalOf(person, id);
  expect(goal).toMatchObject({ status: "COMPLETED", progress: 1 });
  expect(goal.milestones.every((each: any) => each.reachedAt !== null)).toBe(true);
  const told = await newsOf(world, person.userId, "GOAL_MILESTONE");
  const keys = told.map(({ key }) => key);
  expect(new Set(keys).size).toBe(keys.length);
  expect(keys).toContain(`${id}:milestone:100`);
  expect(await rewardsOf(world, person.userId)).toEqual([
    { name: "FIRST_GOAL_COMPLETED", delta: 20 },
    { name: "TEN_SCANS", delta: 20 },
  ]);
  const unlocked = (await achievementsOf(person)).filter(({ isUnlocked }) => isUnlocked);
  expect(unlocked.map(({ name }) => name).sort()).toEqual([
    "FIRST_GOAL_COMPLETED",
    "FIRST_SCAN",
    "TEN_SCANS",
  ]);
  expect(await newsOf(world, person.userId, "ACHIEVEMENT_UNLOCKED")).toHaveLength(3);
});

test("twenty logs at once with one key: one entry; with other input the key is refused", async () => {
  const person = await world.person();
  const id = await makeGoal(person);
  const input = { goalId: id, value: 45, note: "A good week", idempotencyKey: "once" };
  const answers = await Promise.all(Array.from({ length: 20 }, () => log(person, input)));
  expect(new Set(answers.map(({ goal }) => goal.progress))).toEqual(new Set([0.25]));
  expect((await goalOf(person, id)).history.nodes).toEqual([
    { value: 45, progress: 0.25, note: "A good week", analysis: null },
  ]);
  const other = person.must(
    "mutation ($input: LogGoalProgressInput!) { logGoalProgress(input: $input) { problems { code } } }",
    {
      input: { ...input, value: 46 },
    },
  );
  await expect(other).rejects.toThrow("IDEMPOTENCY_MISMATCH");
});

test("a milestone stays reached when the metric falls back, and is told once", async () => {
  const person = await world.person();
  const id = await makeGoal(person, {
    baseline: 70,
    target: 50,
    milestones: [
      { percentage: 10, title: "Begun" },
      { percentage: 29, title: "Going on" },
    ],
  });
  for (const value of [64.2, 69, 64.2]) await log(person, { goalId: id, value });
  const goal = await goalOf(person, id);
  expect(goal.progress).toBe(0.29);
  expect(goal.milestones.map((each: any) => each.reachedAt !== null)).toEqual([true, true]);
  expect(await newsOf(world, person.userId, "GOAL_MILESTONE")).toEqual([
    {
      key: `${id}:milestone:29`,
      facts: { goalTitle: "Drink more water", percentage: 29, title: "Going on" },
    },
  ]);
});

test("a rolled-back change leaves nothing: no entry, no unlock, no points", async () => {
  const person = await world.person();
  const id = await makeGoal(person);
  const { parts } = world.nodes[0]!;
  const facts = {
    userId: person.userId,
    analysisId: "ana_lost",
    metrics: measured({ hydration: 60 }),
  };
  const cut = parts.unitOfWork.run(async (tx) => {
    await parts.goals.goals.measured(tx, facts);
    throw new Error("power cut");
  });
  await expect(cut).rejects.toThrow("power cut");
  expect(await goalOf(person, id)).toMatchObject({ status: "ACTIVE", history: { nodes: [] } });
  expect(await rewardsOf(world, person.userId)).toEqual([]);
});
