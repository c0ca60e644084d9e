import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import type { GoalRequest } from "../../src/integrations/openai/goals.ts";
import { RuleBasedGoalWriter } from "../../src/integrations/openai/local/rule-based-goal-writer.ts";
import { OpenAiGoalWriter } from "../../src/integrations/openai/openai-goal-writer.ts";
import { startStubs, type Stubs } from "../support/stubs/index.ts";
import { plainGuard, TIMEOUT_MS } from "./faults.ts";
import { API_KEY, testFaults } from "./openai-faults.ts";

let stubs: Stubs;
beforeAll(async () => {
  stubs = await startStubs();
  // The first call loads the SDK, which must not count as a slow answer.
  await writer({ timeoutMs: 20_000 }).propose(request());
});
beforeEach(() => stubs.reset());
afterAll(() => stubs.close());

const writer = (
  options: { baseUrl?: string; timeoutMs?: number; apiKey?: string; model?: string } = {},
) => {
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  return new OpenAiGoalWriter({
    baseUrl: `${stubs.url}/openai/v1`,
    apiKey: API_KEY,
    model: "gpt-5-mini",
    guard: plainGuard("openai", { timeoutMs }),
    ...options,
    timeoutMs,
  });
};
const request = (change: Partial<GoalRequest> = {}): GoalRequest => ({
  metrics: { overallSkinHealthScore: 66, hydration: 50, redness: 70, acne: null },
  choices: ["overallSkinHealthScore", "hydration", "redness"],
  skinType: null,
  concerns: [{ concern: "REDNESS", severity: "SEVERE" }],
  count: 2,
  language: "EN",
  userHash: "hash-of-a-user",
  signal: new AbortController().signal,
  ...change,
});

test("asks for strict JSON, stores nothing at the provider and names the user by hash only", async () => {
  const goals = await writer().propose(request());
  expect(goals).toHaveLength(2);
  expect(goals[0]).toMatchObject({
    title: "Stubbed title.",
    targetMetric: "overallSkinHealthScore",
    target: 1,
    milestones: [{ percentage: 1, title: "Stubbed title." }, {}],
  });
  const [sent] = stubs.requests("openai");
  expect(sent).toMatchObject({ method: "POST", path: "/v1/responses" });
  expect(sent?.headers["authorization"]).toBe(`Bearer ${API_KEY}`);
  expect(sent?.json).toMatchObject({
    model: "gpt-5-mini",
    store: false,
    safety_identifier: "hash-of-a-user",
    text: { format: { type: "json_schema", strict: true, name: "skin_goals" } },
  });
  expect(sent?.json.instructions).toContain("at most 2 goals");
  expect(JSON.parse(sent?.json.input[0].content[0].text)).toMatchObject({
    choices: ["overallSkinHealthScore", "hydration", "redness"],
    metrics: { hydration: 50, acne: null },
  });
});

test("no more goals than asked for, in the language asked for", async () => {
  expect(await writer().propose(request({ count: 1, language: "KH" }))).toHaveLength(1);
  expect(stubs.requests("openai")[0]?.json.instructions).toContain("Khmer");
});

testFaults(() => stubs, {
  ask: ({ signal, ...options }) => writer(options).propose(request(signal && { signal })),
  otherShape: '{"goals":[{"title":"A","targetMetric":"luck"}]}',
  half: '{"goals":[{"ti',
});

test("without the provider: the weakest first, severe concerns before, the same text each time", async () => {
  const local = new RuleBasedGoalWriter();
  const goals = await local.propose(request({ metrics: { hydration: 50, redness: 60 } }));
  expect(goals.map(({ targetMetric, target }) => [targetMetric, target])).toEqual([
    ["redness", 70],
    ["hydration", 63],
  ]);
  expect(goals[1]).toMatchObject({
    title: "Bring hydration to 63",
    weeks: 9,
    milestones: [25, 50, 75, 100].map((percentage) => ({ percentage })),
  });
  expect(await local.propose(request({ metrics: { hydration: 50, redness: 60 } }))).toEqual(goals);
  const khmer = await local.propose(request({ language: "KH" }));
  expect(khmer.every(({ title }) => /[\u1780-\u17ff]/.test(title))).toBe(true);
});
