import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { watchToEnd } from "../../support/analyses.ts";
import type { TestClient } from "../../support/client.ts";
import type { Stubs } from "../../support/stubs/index.ts";
import type { World } from "../../support/world.ts";
import { analysisOf, LIST, recommend, routineWorld } from "./routines-bed.ts";

let bed: Awaited<ReturnType<typeof routineWorld>>;
let stubs: Stubs;
let world: World;
beforeAll(async () => {
  bed = await routineWorld();
  ({ world, stubs } = bed);
}, 60_000);
beforeEach(() => {
  stubs.reset();
  // Nobody words them: our own words will do.
  stubs.script("openai", { status: 401, times: 99 });
});
afterAll(() => bed.stop());

/** Uses of the day's limit by a person. */
async function usedBy(person: TestClient): Promise<number> {
  const { viewer } = await person.must("{ viewer { usage { name used } } }");
  return viewer.usage.find(({ name }: any) => name === "CARE_PLANS").used as number;
}

/** Somebody whose plan allows twenty in a day. */
async function subscriber(): Promise<TestClient> {
  const person = await world.person();
  await world.nodes[0]!.stores.database.query(
    `insert into subscriptions (id, user_id, store, store_subscription_id, product_id, status,
       current_period_end, snapshot_at, snapshot_rank, snapshot_status)
     values ('sbn_' || $1::text, $1, 'REVENUECAT', $1 || '/premium', 'premium_monthly', 'ACTIVE',
       '2099-01-01', now(), 0, 'ACTIVE')`,
    [person.userId],
  );
  return person;
}

const GENERATE = /* GraphQL */ `
  mutation ($input: GenerateGoalsInput!) {
    generateGoals(input: $input) {
      problems {
        code
      }
    }
  }
`;

test("plans of routines and of goals share what a day allows, also when all are asked for at once", async () => {
  const person = await world.person();
  const analysisId = await analysisOf(world, person);
  const answers = await Promise.all(
    Array.from({ length: 8 }, async (_, n) =>
      n % 2 === 0
        ? recommend(person, { analysisId })
        : (await person.must(GENERATE, { input: { analysisId } })).generateGoals,
    ),
  );
  const codes = answers.map(({ problems }) => problems[0]?.code ?? "started");
  expect(codes.toSorted()).toEqual([
    ...Array(3).fill("QUOTA_EXCEEDED"),
    ...Array(5).fill("started"),
  ]);
});

test("a plan that is refused says when the next day begins and what would allow more", async () => {
  const person = await world.person();
  const analysisId = await analysisOf(world, person);
  for (let n = 0; n < 5; n++) await recommend(person, { analysisId });
  const { routinePlan, problems } = await recommend(person, { analysisId });
  expect(routinePlan).toBeNull();
  expect(problems).toEqual([
    {
      code: "QUOTA_EXCEEDED",
      path: [],
      limitName: "CARE_PLANS",
      limit: 5,
      used: 5,
      resetsAt: expect.stringMatching(/T00:00:00.000Z$/),
      upgradePlan: "PREMIUM",
    },
  ]);
  expect((await person.must(LIST)).viewer.routinePlans.nodes).toHaveLength(5);
});

test("a plan that was queued before plans were counted ends, and gives nothing back", async () => {
  const person = await world.person();
  const analysisId = await analysisOf(world, person);
  const { jobRepository, unitOfWork, jobs } = world.nodes[0]!.parts;
  const id = jobs.newId("ROUTINE_PLAN");
  const input = { analysisId: "ana_0000000000000", language: "EN" };
  await recommend(person, { analysisId });
  await unitOfWork.run((tx) =>
    jobs.start(tx, { id, userId: person.userId, kind: "ROUTINE_PLAN", input, retryOf: null }),
  );
  expect((await watchToEnd(person, id)).at(-1)).toMatchObject({ status: "FAILED" });
  expect((await jobRepository.byIds([id]))[0]!.failureCode).toBe("ANALYSIS_NOT_READY");
  expect(await usedBy(person)).toBe(1);
});

test("20 plans cost the statements of one", async () => {
  const person = await subscriber();
  const analysisId = await analysisOf(world, person);
  const started = [];
  for (let n = 0; n < 20; n++) started.push((await recommend(person, { analysisId })).routinePlan);
  for (const { id } of started) await watchToEnd(person, id);
  const costOf = async (first: number) => {
    const before = await statements();
    const { viewer } = await person.must(LIST, { first });
    expect(viewer.routinePlans.nodes).toHaveLength(first);
    expect(viewer.routinePlans.nodes.every(({ routine }: any) => routine !== null)).toBe(true);
    return (await statements()) - before;
  };
  await costOf(1);
  expect(await costOf(20)).toBe(await costOf(1));
});

/** Statements that the node has counted for operations so far. */
async function statements(): Promise<number> {
  const text = await world.nodes[0]!.metrics.registry.metrics();
  const sums = [...text.matchAll(/^facet_operation_statements_sum\{[^}]*\} (\S+)/gm)];
  return sums.reduce((sum, [, value]) => sum + Number(value), 0);
}
