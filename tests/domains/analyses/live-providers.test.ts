import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { startAnalysis, watchToEnd } from "../../support/analyses.ts";
import { startStubs, type Stubs } from "../../support/stubs/index.ts";
import { createWorld, type World } from "../../support/world.ts";

let stubs: Stubs;
let world: World;
beforeAll(async () => {
  stubs = await startStubs({ orboPolls: 1 });
  world = await createWorld({
    nodes: 1,
    env: {
      ORBO_MODE: "live",
      ORBO_BASE_URL: `${stubs.url}/orbo/skin/v1/`,
      ORBO_CLIENT_ID: "client",
      ORBO_API_KEY: "key",
      ORBO_POLL_MS: "20",
      OPENAI_MODE: "live",
      OPENAI_BASE_URL: `${stubs.url}/openai/v1`,
      OPENAI_API_KEY: "sk-test",
      PERPLEXITY_MODE: "live",
      PERPLEXITY_BASE_URL: `${stubs.url}/perplexity/v1`,
      PERPLEXITY_API_KEY: "pplx-test",
    },
  });
}, 60_000);
afterAll(async () => {
  await world.stop();
  await stubs.close();
});

const RESULT = `query($id: ID!) { skinAnalysis(id: $id) { result {
  metrics { hydration darkCircles } feedback { summary } webFinds { url } warnings { part code } } } }`;

const resultOf = async (input: Record<string, unknown> = {}) => {
  const person = await world.person();
  const id = await startAnalysis(world, person, input);
  const last = (await watchToEnd(person, id)).at(-1)!;
  return { last, result: (await person.must(RESULT, { id })).skinAnalysis.result };
};

test("the live providers are reached by their own protocols and their answers come through", async () => {
  stubs.reset();
  const { last, result } = await resultOf({ notes: "I swim a lot." });
  expect(last.status).toBe("SUCCEEDED");
  expect(result.metrics.hydration).toEqual(expect.any(Number));
  expect(stubs.requests("orbo").map(({ method }) => method)).toEqual(
    expect.arrayContaining(["GET", "PUT"]),
  );
  expect(stubs.requests("openai")).toHaveLength(1);
  expect(stubs.requests("perplexity")).toHaveLength(1);
});

test("without feedback and web finds the analysis still succeeds and says what is missing", async () => {
  stubs.reset();
  stubs.script("openai", { status: 500, times: 9 });
  stubs.script("perplexity", { status: 429, times: 9 });
  const { last, result } = await resultOf();
  expect(last.status).toBe("SUCCEEDED");
  expect(result.feedback).toBeNull();
  expect(result.webFinds).toBeNull();
  expect(result.warnings.map(({ part }: { part: string }) => part).sort()).toEqual([
    "FEEDBACK",
    "WEB_FINDS",
  ]);
});

test("a picture that the analyser refuses fails with its reason and calls nobody else", async () => {
  stubs.reset();
  stubs.script("orbo", {
    match: "/analysis",
    status: 400,
    body: { error: { message: "Face not detected" } },
    times: 1,
  });
  const person = await world.person();
  const id = await startAnalysis(world, person);
  const last = (await watchToEnd(person, id)).at(-1);
  expect(last).toMatchObject({ status: "FAILED", failure: { code: "NO_FACE", canRetry: false } });
  expect(stubs.requests("openai")).toHaveLength(0);
});
