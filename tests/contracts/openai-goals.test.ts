import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { GoalRequest } from "../../src/integrations/openai/goals.ts";
import { RuleBasedGoalWriter } from "../../src/integrations/openai/local/rule-based-goal-writer.ts";
import { OpenAiGoalWriter } from "../../src/integrations/openai/openai-goal-writer.ts";
import { openAiResponse, QUOTA_GONE, startStubs, type Stubs } from "../support/stubs/index.ts";
import { everyFault, failure, nobody, plainGuard, TIMEOUT_MS } from "./faults.ts";

const API_KEY = "sk-secret-key-of-openai";
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

describe("faults", () => {
  test.each(everyFault("unknown"))("$name", async ({ behaviour, expected }) => {
    stubs.script("openai", { ...behaviour, times: 5 });
    const error = await failure(writer().propose(request()), [API_KEY, "sk-"]);
    expect(error).toMatchObject(expected);
    expect(stubs.requests("openai").length).toBeLessThanOrEqual(1);
  });

  test("nobody listens: certainly not sent", async () => {
    const error = await failure(writer({ baseUrl: `${await nobody()}/v1` }).propose(request()), [
      API_KEY,
    ]);
    expect(error).toMatchObject({ outcome: "retryable", code: "PROVIDER_UNAVAILABLE" });
  });

  test("an exhausted quota is a 429 that needs an operator, and is asked once", async () => {
    stubs.script("openai", { ...QUOTA_GONE, times: 5 });
    const error = await failure(writer().propose(request()), [API_KEY]);
    expect(error).toMatchObject({ outcome: "misconfigured", status: 429 });
    expect(stubs.requests("openai")).toHaveLength(1);
  });

  test.each([
    ["a refusal", { refusal: "I cannot help with that." }, "refused_input", "PROVIDER_REJECTED"],
    [
      "a content filter",
      { status: "incomplete", reason: "content_filter" },
      "refused_input",
      "PROVIDER_REJECTED",
    ],
    [
      "the token limit",
      { status: "incomplete", reason: "max_output_tokens", text: '{"goals":[{"ti' },
      "misconfigured",
      "PROVIDER_BAD_ANSWER",
    ],
    [
      "a failure inside",
      { status: "failed", errorCode: "server_error" },
      "retryable",
      "PROVIDER_UNAVAILABLE",
    ],
    [
      "a refused prompt",
      { status: "failed", errorCode: "invalid_prompt" },
      "refused_input",
      "PROVIDER_REJECTED",
    ],
    [
      "JSON of another shape",
      { text: '{"goals":[{"title":"A","targetMetric":"luck"}]}' },
      "unknown",
      "PROVIDER_BAD_ANSWER",
    ],
    ["half of the JSON", { text: '{"goals":[{"ti' }, "unknown", "PROVIDER_BAD_ANSWER"],
    ["no text at all", { text: "" }, "unknown", "PROVIDER_BAD_ANSWER"],
    ["an answer that is not finished", { status: "in_progress" }, "unknown", "PROVIDER_BAD_ANSWER"],
  ])("status 200 with %s", async (_name, body, outcome, code) => {
    stubs.script("openai", { status: 200, body: openAiResponse(body) });
    expect(await failure(writer().propose(request()), [API_KEY])).toMatchObject({ outcome, code });
  });
});

test("a cancelled job ends the call at once with its own reason", async () => {
  stubs.script("openai", { delayMs: 5_000 });
  const stop = new AbortController();
  const reason = new Error("canceled by the user");
  const writing = writer({ timeoutMs: 10_000 }).propose(request({ signal: stop.signal }));
  setTimeout(() => stop.abort(reason), 20);
  await expect(writing).rejects.toBe(reason);
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
