import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { graphql } from "graphql";
import { countStatements } from "../../../src/platform/db/statements.ts";
import type { TestClient } from "../../support/client.ts";
import { createWorld, type World } from "../../support/world.ts";
import { CREATE_GOAL, goalOf, inDays, log, makeGoal, wish } from "./goals-bed.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld({ nodes: 1, workers: 0 });
});
afterAll(() => world.stop());

const UPDATE = /* GraphQL */ `
  mutation ($input: UpdateGoalInput!) {
    updateGoal(input: $input) {
      goal {
        title
        description
        target
        status
        progress
        deadline
      }
      problems {
        code
        path
      }
    }
  }
`;
const END = /* GraphQL */ `
  mutation ($complete: CompleteGoalInput!, $abandon: AbandonGoalInput!) {
    completeGoal(input: $complete) {
      goal {
        status
        progress
      }
      problems {
        code
      }
    }
    abandonGoal(input: $abandon) {
      goal {
        status
      }
      problems {
        code
      }
    }
  }
`;

const update = async (person: TestClient, input: Record<string, unknown>) =>
  (await person.must(UPDATE, { input })).updateGoal;

test.each([
  ["an empty title", { title: "  " }, "INVALID_INPUT"],
  ["a title that is too long", { title: "x".repeat(121) }, "INVALID_INPUT"],
  ["control characters", { title: "a\u0007b" }, "INVALID_INPUT"],
  ["a description that is too long", { description: "x".repeat(1_001) }, "INVALID_INPUT"],
  ["a value below the scale", { baseline: -1 }, "INVALID_INPUT"],
  ["a value above the scale", { target: 100.5 }, "INVALID_INPUT"],
  ["a target where it begins", { target: 40.001 }, "TARGET_EQUALS_BASELINE"],
  ["a deadline today", { deadline: inDays(0) }, "DEADLINE_OUT_OF_RANGE"],
  ["a deadline in the past", { deadline: "2001-02-03" }, "DEADLINE_OUT_OF_RANGE"],
  ["a deadline in three years", { deadline: inDays(1_095) }, "DEADLINE_OUT_OF_RANGE"],
  ["a milestone at 0 %", { milestones: [{ percentage: 0, title: "a" }] }, "INVALID_INPUT"],
  [
    "a milestone beyond the end",
    { milestones: [{ percentage: 101, title: "a" }] },
    "INVALID_INPUT",
  ],
  ["a milestone without a title", { milestones: [{ percentage: 5, title: "" }] }, "INVALID_INPUT"],
  [
    "two milestones at one place",
    { milestones: ["a", "b"].map((title) => ({ percentage: 5, title })) },
    "INVALID_INPUT",
  ],
  [
    "eleven milestones",
    { milestones: Array.from({ length: 11 }, (_, n) => ({ percentage: n + 1, title: "a" })) },
    "INVALID_INPUT",
  ],
])("%s is refused, and nothing is stored", async (_what, change, code) => {
  const person = await world.person();
  const { createGoal } = await person.must(CREATE_GOAL, { input: wish(change) });
  expect(createGoal).toMatchObject({ goal: null, problems: [{ code }] });
  const { database } = world.nodes[0]!.stores;
  const rows = await database.query("select 1 from goal_profiles where user_id = $1", [
    person.userId,
  ]);
  expect(rows).toEqual([]);
});

test.each([
  ["an unknown metric", { targetMetric: "LUCK" }],
  ["a day that is none", { deadline: "2026-02-31" }],
  ["a number that is none", { target: "high" }],
  ["an empty key", { idempotencyKey: "" }],
])("%s is a bad request", async (_what, change) => {
  const person = await world.person();
  const { errors } = await person.send(CREATE_GOAL, { input: wish(change) });
  expect(errors?.[0]?.extensions.code).toBe("BAD_USER_INPUT");
});

test("thirty goals at once: twenty are open, ten are refused", async () => {
  const person = await world.person();
  const answers = await Promise.all(
    Array.from({ length: 30 }, () => person.must(CREATE_GOAL, { input: wish() })),
  );
  const codes = answers.map(({ createGoal }) => createGoal.problems[0]?.code ?? "made");
  expect(codes.filter((code) => code === "made")).toHaveLength(20);
  expect(codes.filter((code) => code === "GOAL_LIMIT_REACHED")).toHaveLength(10);
});

test("a goal is changed, completed by a target that lies behind, and closed then", async () => {
  const person = await world.person();
  const goalId = await makeGoal(person);
  await log(person, { goalId, value: 55 });
  const { goal } = await update(person, { goalId, title: " Water ", deadline: inDays(3) });
  expect(goal).toMatchObject({ title: "Water", deadline: inDays(3), progress: 0.75 });
  expect(await update(person, { goalId, target: 40 })).toMatchObject({
    goal: null,
    problems: [{ code: "TARGET_EQUALS_BASELINE", path: ["input", "target"] }],
  });
  expect((await update(person, { goalId, target: 50 })).goal).toMatchObject({
    status: "COMPLETED",
    progress: 1,
  });
  for (const answer of [
    await update(person, { goalId }),
    await log(person, { goalId, value: 1 }),
  ]) {
    expect(answer).toMatchObject({ goal: null, problems: [{ code: "GOAL_NOT_ACTIVE" }] });
  }
});

test("completing by hand leaves the metric; a goal ends once", async () => {
  const person = await world.person();
  const goalId = await makeGoal(person);
  const variables = { complete: { goalId }, abandon: { goalId } };
  const { completeGoal, abandonGoal } = await person.must(END, variables);
  expect(completeGoal.goal).toEqual({ status: "COMPLETED", progress: 0 });
  expect(abandonGoal).toMatchObject({ goal: null, problems: [{ code: "GOAL_NOT_ACTIVE" }] });
});

test("nobody else's goal can be seen or changed", async () => {
  const [owner, other] = [await world.person(), await world.person()];
  const goalId = await makeGoal(owner);
  expect(await goalOf(other, goalId)).toBeNull();
  for (const [query, input] of [
    [UPDATE, { input: { goalId, title: "Mine" } }],
    [END, { complete: { goalId }, abandon: { goalId } }],
  ] as const) {
    const { errors } = await other.send(query, input);
    expect(errors?.[0]?.extensions.code).toBe("NOT_FOUND");
  }
  const { data } = await other.send("query ($id: ID!) { node(id: $id) { id } }", { id: goalId });
  expect(data.node).toBeNull();
  expect(await goalOf(owner, goalId)).toMatchObject({ title: "Drink more water" });
});

test("a list of fifty goals costs as many statements as one of one", async () => {
  const person = await world.person();
  const { database, ids } = world.nodes[0]!.stores;
  await makeGoal(person);
  const { engine } = world.nodes[0]!.parts;
  const count = async () => {
    const source = `{ viewer { goals(first: 100) { nodes {
      id progress targetMetric deadline milestones { title } } } } }`;
    const contextValue = {
      signedIn: { userId: person.userId, role: "CUSTOMER" },
      language: "EN",
      loaders: engine.createLoaders(),
    };
    const { result, count: counted } = await countStatements(() =>
      graphql({ schema: engine.schema, source, contextValue }),
    );
    const { viewer } = result.data as any;
    return [viewer.goals.nodes.length, counted.statements];
  };
  const [, one] = await count();
  for (let index = 0; index < 49; index += 1) {
    await database.query(
      `insert into goals (id, user_id, title, description, metric, baseline, target, value, deadline,
         profile_version, created_at)
       values ($1, $2, 'Goal', '', 'acne', 40, 60, 40, '2099-01-01', 1, now())`,
      [ids.next("gol"), person.userId],
    );
  }
  expect(await count()).toEqual([50, one]);
  expect(one).toBeLessThanOrEqual(3);
});
