import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { startAnalysis, watchToEnd } from "../../support/analyses.ts";
import type { TestClient } from "../../support/client.ts";
import { openAiResponse, startStubs, type Stubs } from "../../support/stubs/index.ts";
import { until } from "../../support/until.ts";
import { createWorld, type World } from "../../support/world.ts";
import { inDays, makeGoal } from "./goals-bed.ts";

let stubs: Stubs;
let world: World;
beforeAll(async () => {
  stubs = await startStubs();
  world = await createWorld({
    nodes: 1,
    env: {
      OPENAI_MODE: "live",
      OPENAI_BASE_URL: `${stubs.url}/openai/v1`,
      OPENAI_API_KEY: "sk-test",
    },
  });
});
beforeEach(() => stubs.reset());
afterAll(async () => {
  await world.stop();
  await stubs.close();
});

const GENERATE = /* GraphQL */ `
  mutation ($input: GenerateGoalsInput!) {
    generateGoals(input: $input) {
      goalPlan {
        id
        status
      }
      problems {
        code
        path
      }
    }
  }
`;
const PLAN = /* GraphQL */ `
  query ($id: ID!) {
    goalPlan(id: $id) {
      id
      status
      analysis {
        id
      }
      goals {
        title
        targetMetric
        baseline
        target
        deadline
        milestones {
          percentage
          title
        }
        history {
          nodes {
            value
            analysis {
              id
            }
          }
        }
      }
    }
    viewer {
      goalPlans {
        nodes {
          id
        }
      }
      usage {
        name
        used
      }
    }
  }
`;

const generate = async (person: TestClient, input: Record<string, unknown>): Promise<any> =>
  (await person.must(GENERATE, { input })).generateGoals;

const read = async (person: TestClient, id: string): Promise<any> => {
  const { goalPlan, viewer } = await person.must(PLAN, { id });
  const used = viewer.usage.find(({ name }: any) => name === "CARE_PLANS").used as number;
  return { ...goalPlan, used, listed: viewer.goalPlans.nodes.map(({ id: each }: any) => each) };
};

/** Somebody with an analysis whose metrics the test chooses. */
async function analysed(metrics: Record<string, number | null>) {
  const person = await world.person();
  const { stores } = world.nodes[0]!;
  const analysisId = stores.ids.next("ana");
  await stores.database.query(
    `insert into ai_jobs (id, user_id, kind, status, input, slot, finished_at)
     values ($1, $2, 'SKIN_ANALYSIS', 'SUCCEEDED', '{}', 0, now())`,
    [analysisId, person.userId],
  );
  const document = { userId: person.userId, reading: { metrics, concerns: [], skinType: null } };
  await stores.mongo.db
    .collection<{ _id: string }>("skin_analyses")
    .insertOne({ _id: analysisId, ...document });
  return { person, analysisId };
}

const answering = (goals: readonly Record<string, unknown>[]) => {
  stubs.script("openai", {
    status: 200,
    body: openAiResponse({ text: JSON.stringify({ goals }) }),
  });
};

const proposal = (change: Record<string, unknown> = {}) => ({
  title: "Calm your skin",
  description: "Wash with lukewarm water.",
  targetMetric: "redness",
  target: 62,
  weeks: 6,
  milestones: [
    { percentage: 100, title: "Calm" },
    { percentage: 50, title: "Calmer" },
  ],
  ...change,
});

test("what an analysis found becomes goals that begin where it measured", async () => {
  const { person, analysisId } = await analysed({ redness: 50.123, hydration: 30, acne: 99 });
  answering([
    proposal(),
    proposal({ targetMetric: "hydration", target: 12, weeks: 900, milestones: [] }),
    proposal({ targetMetric: "acne" }),
    proposal({ targetMetric: "redness", title: "Again" }),
  ]);
  const { goalPlan } = await generate(person, { analysisId });
  const seen = await watchToEnd(person, goalPlan.id);
  expect(seen.at(-1)).toMatchObject({ __typename: "GoalPlan", status: "SUCCEEDED" });
  const plan = await read(person, goalPlan.id);
  expect(plan).toMatchObject({ analysis: { id: analysisId }, used: 1, listed: [goalPlan.id] });
  expect(plan.goals).toMatchObject([
    {
      title: "Calm your skin",
      targetMetric: "REDNESS",
      baseline: 50.12,
      target: 62,
      deadline: inDays(42),
      milestones: [
        { percentage: 50, title: "Calmer" },
        { percentage: 100, title: "Calm" },
      ],
    },
    { targetMetric: "HYDRATION", baseline: 30, target: 32, deadline: inDays(182) },
  ]);
  expect(plan.goals[1].milestones).toHaveLength(4);
  const [sent] = stubs.requests("openai");
  expect(JSON.parse(sent?.json.input[0].content[0].text).choices).toEqual(["hydration", "redness"]);
});

test("a metric that has an open goal is not offered, and without any nobody is asked", async () => {
  const { person, analysisId } = await analysed({ hydration: 30 });
  await makeGoal(person);
  const { goalPlan } = await generate(person, { analysisId });
  expect((await watchToEnd(person, goalPlan.id)).at(-1)).toMatchObject({ status: "SUCCEEDED" });
  expect((await read(person, goalPlan.id)).goals).toEqual([]);
  expect(stubs.requests("openai")).toEqual([]);
});

test("one key, twenty calls at once: one plan, one count, one call", async () => {
  const { person, analysisId } = await analysed({ redness: 50 });
  answering([proposal()]);
  const input = { analysisId, idempotencyKey: "once" };
  const answers = await Promise.all(Array.from({ length: 20 }, () => generate(person, input)));
  const ids = new Set(answers.map(({ goalPlan }) => goalPlan.id as string));
  expect(ids.size).toBe(1);
  await watchToEnd(person, [...ids][0]!);
  expect((await read(person, [...ids][0]!)).used).toBe(1);
  expect(stubs.requests("openai")).toHaveLength(1);
});

test("without a result of one's own nothing is planned", async () => {
  const { analysisId } = await analysed({ redness: 50 });
  const person = await world.person();
  for (const id of [analysisId, "ana_0000000000000"]) {
    expect(await generate(person, { analysisId: id })).toMatchObject({
      goalPlan: null,
      problems: [{ code: "ANALYSIS_NOT_READY", path: ["input", "analysisId"] }],
    });
  }
});

test.each([
  ["a refusal", { refusal: "No." }, "PROVIDER_REJECTED"],
  ["goals of another shape", { text: '{"goals":[{"title":1}]}' }, "PROVIDER_BAD_ANSWER"],
])("%s fails the plan, gives the count back and makes no goal", async (_what, body, code) => {
  const { person, analysisId } = await analysed({ redness: 50 });
  stubs.script("openai", { status: 200, body: openAiResponse(body), times: 9 });
  const { goalPlan } = await generate(person, { analysisId });
  expect((await watchToEnd(person, goalPlan.id)).at(-1)).toMatchObject({
    status: "FAILED",
    failure: { code },
  });
  expect(await read(person, goalPlan.id)).toMatchObject({ goals: [], used: 0 });
});

test("a plan that is canceled once the provider was asked is used up, and made again counts again", async () => {
  const { person, analysisId } = await analysed({ redness: 50 });
  stubs.script("openai", { delayMs: 60_000 });
  const { goalPlan } = await generate(person, { analysisId });
  await until(() => stubs.requests("openai").length);
  await person.must("mutation ($id: ID!) { cancelJob(input: { id: $id }) { problems { code } } }", {
    id: goalPlan.id,
  });
  expect((await watchToEnd(person, goalPlan.id)).at(-1)).toMatchObject({ status: "CANCELED" });
  expect(await read(person, goalPlan.id)).toMatchObject({ goals: [], used: 1 });
  answering([proposal()]);
  const { retryJob } = await person.must(
    "mutation ($id: ID!) { retryJob(input: { id: $id }) { job { id } problems { code } } }",
    { id: goalPlan.id },
  );
  await watchToEnd(person, retryJob.job.id);
  const again = await read(person, retryJob.job.id);
  expect(again).toMatchObject({ status: "SUCCEEDED", used: 2 });
  expect(again.goals).toHaveLength(1);
});

test("six plans a day are one too many", async () => {
  const { person, analysisId } = await analysed({ acne: 99 });
  const answers = await Promise.all(
    Array.from({ length: 6 }, () => generate(person, { analysisId })),
  );
  const codes = answers.map(({ problems }) => problems[0]?.code ?? "started");
  expect(codes.sort()).toEqual([...["QUOTA_EXCEEDED"], ...Array(5).fill("started")]);
});

test("a real analysis takes the goals on that it measured, and counts as a scan", async () => {
  const person = await world.person();
  const goalId = await makeGoal(person, {
    targetMetric: "OVERALL_SKIN_HEALTH",
    baseline: 0,
    target: 100,
  });
  const id = await startAnalysis(world, person);
  await watchToEnd(person, id);
  const { goal, viewer } = await until(
    () =>
      person.must(
        `query ($id: ID!) { goal(id: $id) { currentValue progress history { nodes { value analysis { id } } } }
           viewer { achievements { name isUnlocked } } }`,
        { id: goalId },
      ),
    ({ goal: { progress } }) => progress > 0,
  );
  expect(goal.history.nodes).toEqual([{ value: goal.currentValue, analysis: { id } }]);
  expect(goal.progress).toBeCloseTo(goal.currentValue / 100, 5);
  expect(viewer.achievements[0]).toEqual({ name: "FIRST_SCAN", isUnlocked: true });
});
