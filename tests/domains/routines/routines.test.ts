import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { watchToEnd } from "../../support/analyses.ts";
import { TestClient } from "../../support/client.ts";
import { largeColumnsReadBy } from "../../support/large-columns.ts";
import { openAiResponse, type Stubs } from "../../support/stubs/index.ts";
import { LOGIN_WITH_DEVICE, type World } from "../../support/world.ts";
import { analysisOf, LIST, recommend, RECOMMEND, routineWorld } from "./routines-bed.ts";

let bed: Awaited<ReturnType<typeof routineWorld>>;
let stubs: Stubs;
let world: World;
beforeAll(async () => {
  bed = await routineWorld();
  ({ world, stubs } = bed);
}, 60_000);
beforeEach(() => stubs.reset());
afterAll(() => bed.stop());

const PLAN = /* GraphQL */ `
  fragment Steps on RoutineStep {
    kind
    instruction
    gap
    helpsWith
    product {
      id
      name
      price {
        amount
      }
      categories {
        slug
      }
    }
  }
  query ($id: ID!) {
    routinePlan(id: $id) {
      status
      analysis {
        id
      }
      routine {
        summary
        tips
        skinType
        concerns
        morning {
          ...Steps
        }
        evening {
          ...Steps
        }
        total {
          amount
          currency
        }
        warnings {
          code
          message
        }
      }
    }
  }
`;
async function planOf(person: TestClient): Promise<{ id: string; plan: any }> {
  const analysisId = await analysisOf(world, person);
  const { routinePlan } = await recommend(person, { analysisId });
  const seen = await watchToEnd(person, routinePlan.id);
  expect(seen.at(-1)).toMatchObject({ __typename: "RoutinePlan", status: "SUCCEEDED" });
  const { routinePlan: plan } = await person.must(PLAN, { id: routinePlan.id });
  expect(plan.analysis).toEqual({ id: analysisId });
  return { id: routinePlan.id as string, plan };
}

/** The model words every step that it is asked about. */
function modelWords(person = "the person"): void {
  const steps = ["MORNING", "EVENING"].flatMap((half) =>
    ["CLEANSE", "TREAT", "EYES", "MOISTURIZE", "PROTECT"].map((kind) => ({
      step: `${half}_${kind}`,
      instruction: `Words for ${half} ${kind}`,
    })),
  );
  const text = JSON.stringify({ summary: `For ${person}.`, steps, tips: ["Drink."] });
  stubs.script("openai", { status: 200, body: openAiResponse({ text }) });
}

test("an analysis becomes a morning and an evening with products of the shop", async () => {
  modelWords();
  const person = await world.person();
  const { plan } = await planOf(person);
  const { routine } = plan;
  expect(routine).toMatchObject({
    summary: "For the person.",
    tips: ["Drink."],
    skinType: "OILY",
    warnings: [],
  });
  expect(routine.concerns.toSorted()).toEqual(["ACNE", "DARK_CIRCLES"]);
  expect(routine.morning.map((step: any) => step.kind)).toEqual([
    "CLEANSE",
    "TREAT",
    "EYES",
    "MOISTURIZE",
    "PROTECT",
  ]);
  expect(routine.evening.at(-1).kind).toBe("MOISTURIZE");
  expect(routine.morning[0].instruction).toBe("Words for MORNING CLEANSE");
  const steps = [...routine.morning, ...routine.evening];
  for (const { product, gap } of steps) expect((product === null) !== (gap === null)).toBe(true);
  const cleanser = routine.morning[0].product;
  expect(cleanser.categories.map(({ slug }: any) => slug)).toContain("cleansers");
  const prices = new Map(
    steps.flatMap(({ product }) => (product ? [[product.id, product.price.amount]] : [])),
  );
  const cents = [...prices.values()].reduce((sum, amount) => sum + Math.round(amount * 100), 0);
  expect(routine.total).toEqual({ amount: (cents / 100).toFixed(2), currency: "USD" });
  const [asked] = stubs.requests("openai");
  expect(asked!.text).not.toContain(person.userId);
  expect(asked!.json.text.format.name).toBe("skin_routine");
});

const FAULTS: [string, Parameters<Stubs["script"]>[1], string][] = [
  ["is down", { status: 500, times: 9 }, "PROVIDER_UNAVAILABLE"],
  ["is not paid", { status: 401, times: 9 }, "PROVIDER_MISCONFIGURED"],
  ["is cut off", { cut: "after", times: 9 }, "PROVIDER_ANSWER_LOST"],
  [
    "leaves steps out",
    { status: 200, body: openAiResponse({ text: '{"summary":"S","steps":[],"tips":[]}' }) },
    "PROVIDER_BAD_ANSWER",
  ],
  ["declines", { status: 200, body: openAiResponse({ refusal: "No." }) }, "PROVIDER_REJECTED"],
];
test.each(FAULTS)(
  "when the model %s, the plan has our words and a warning",
  async (_why, fault, code) => {
    stubs.script("openai", fault);
    const { plan } = await planOf(await world.person());
    expect(plan.routine.warnings).toEqual([{ code, message: expect.any(String) }]);
    expect(plan.routine.summary).toMatch(/^A routine for the morning and the evening\./);
    expect(plan.routine.morning[0].instruction).toMatch(/^Massage /);
    expect(plan.routine.tips[0]).toMatch(/dermatologist/);
    expect(stubs.requests("openai")).toHaveLength(1);
  },
);

test("our own words are Khmer for Khmer readers", async () => {
  stubs.script("openai", { status: 503, times: 9 });
  const input = { deviceId: randomUUID(), deviceSecret: randomUUID(), platform: "IOS" };
  const khmer = { "accept-language": "km" };
  const { data } = await world.stranger().send(LOGIN_WITH_DEVICE, { input }, khmer);
  const { viewer, ...tokens } = data.loginWithDevice.session;
  const { plan } = await planOf(new TestClient(world.url, { ...tokens, userId: viewer.id }));
  const { summary, tips, morning, evening } = plan.routine;
  const texts = [summary, ...tips, ...[...morning, ...evening].map((step) => step.instruction)];
  for (const text of texts) expect(text).toMatch(/[\u1780-\u17FF].*។$/);
});

test("an analysis that is foreign, missing or has no result is refused alike, and nothing is queued", async () => {
  const [person, other] = [await world.person(), await world.person()];
  const foreign = await analysisOf(world, other);
  const unfinished = await analysisOf(world, person, { status: "CANCELED" });
  for (const analysisId of [foreign, unfinished, "ana_0000000000000", "nonsense"]) {
    const { routinePlan, problems } = await recommend(person, { analysisId });
    expect(routinePlan).toBeNull();
    expect(problems).toEqual([{ code: "ANALYSIS_NOT_READY", path: ["input", "analysisId"] }]);
  }
  expect((await person.must(LIST)).viewer.routinePlans.nodes).toEqual([]);
});

test("plans belong to their user: others neither see, delete nor watch them", async () => {
  modelWords();
  const [person, other] = [await world.person(), await world.person()];
  const { id } = await planOf(person);
  expect((await other.must(PLAN, { id })).routinePlan).toBeNull();
  const DELETE = `mutation ($id: ID!) { deleteRoutinePlan(input: { id: $id }) { deletedId } }`;
  const refused = await other.send(DELETE, { id });
  expect(refused.errors?.[0]?.extensions.code).toBe("NOT_FOUND");
  expect((await person.must(DELETE, { id })).deleteRoutinePlan.deletedId).toBe(id);
  expect((await person.must(PLAN, { id })).routinePlan).toBeNull();
  const left = await world.nodes[0]!.stores.database.query(
    "select 1 from routine_steps where plan_id = $1",
    [id],
  );
  expect(left).toEqual([]);
});

test("the same key answers the same plan, also when asked many times at once", async () => {
  modelWords();
  const person = await world.person();
  const input = { analysisId: await analysisOf(world, person), idempotencyKey: "once" };
  const answers = await Promise.all(Array.from({ length: 5 }, () => recommend(person, input)));
  expect(new Set(answers.map(({ routinePlan }) => routinePlan.id)).size).toBe(1);
  const other = { ...input, analysisId: await analysisOf(world, person) };
  const mismatch = await person.send(RECOMMEND, { input: other });
  expect(mismatch.errors?.[0]?.extensions.code).toBe("IDEMPOTENCY_MISMATCH");
  await watchToEnd(person, answers[0].routinePlan.id);
});

test("a product that is taken off sale leaves its step with a reason, and the total", async () => {
  modelWords();
  const person = await world.person();
  const { id, plan } = await planOf(person);
  const gone = plan.routine.morning.find((step: any) => step.product !== null).product;
  const { database } = world.nodes[0]!.stores;
  await database.query("update products set status = 'archived' where id = $1", [gone.id]);
  const { routine } = (await person.must(PLAN, { id })).routinePlan;
  await database.query("update products set status = 'active' where id = $1", [gone.id]);
  const step = routine.morning.find(({ gap }: any) => gap === "NO_LONGER_SOLD");
  expect(step).toMatchObject({ product: null, instruction: expect.any(String) });
  const before = Number(plan.routine.total.amount);
  expect(Number(routine.total.amount)).toBeCloseTo(before - Number(gone.price.amount), 2);
});

test("products of a plan are read once, without the texts that nobody asks for", async () => {
  modelWords();
  const person = await world.person();
  const { id } = await planOf(person);
  const readBy = async (fields: string) => {
    const query = `query ($id: ID!) { routinePlan(id: $id) { routine { ${fields} } } }`;
    const { columns, statements } = await largeColumnsReadBy(world.nodes[0]!.stores.database, () =>
      person.must(query, { id }),
    );
    return { columns, statements };
  };
  const sums = "total { amount } evening { gap }";
  expect(await readBy(sums)).toEqual({ columns: [], statements: 1 });
  expect(await readBy(`${sums} morning { product { name imageUrl price { amount } } }`)).toEqual({
    columns: [],
    statements: 1,
  });
  expect(await readBy(`${sums} morning { product { description } }`)).toEqual({
    columns: ["description_en"],
    statements: 1,
  });
});
