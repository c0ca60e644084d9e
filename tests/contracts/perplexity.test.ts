import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { NoProductFinder } from "../../src/integrations/perplexity/local/no-product-finder.ts";
import { PerplexityProductFinder } from "../../src/integrations/perplexity/perplexity-product-finder.ts";
import { perplexityAnswer, startStubs, type Stubs } from "../support/stubs/index.ts";
import { everyFault, failure, nobody, plainGuard, TIMEOUT_MS } from "./faults.ts";

const API_KEY = "pplx-secret-key";
let stubs: Stubs;
beforeAll(async () => {
  stubs = await startStubs();
});
beforeEach(() => stubs.reset());
afterAll(() => stubs.close());

const finder = (baseUrl = `${stubs.url}/perplexity/v1`) =>
  new PerplexityProductFinder({
    baseUrl,
    apiKey: API_KEY,
    model: "perplexity/sonar",
    timeoutMs: TIMEOUT_MS,
    guard: plainGuard("perplexity"),
  });
const search = () => ({
  skinType: "DRY",
  concerns: ["DRYNESS"],
  language: "EN" as const,
  signal: new AbortController().signal,
});
const page = (url: string) => ({ title: "A page", url });
const find = (url: string) => ({ ...page(url), price: null, why: "Because." });

test("returns the products whose pages the search found", async () => {
  const result = await finder().find(search());
  expect(result.grounded).toBe(true);
  expect(result.finds[0]).toEqual({
    title: "Calm Barrier Cream",
    url: "https://shop.example/p/calm-barrier-cream",
    price: "$12.90",
    why: "It suits dry skin.",
  });
  const [sent] = stubs.requests("perplexity");
  expect(sent).toMatchObject({ method: "POST", path: "/v1/responses" });
  expect(sent?.json).toMatchObject({
    model: "perplexity/sonar",
    store: false,
    tools: [{ type: "web_search" }],
  });
  expect(JSON.parse(sent?.json.input)).toEqual({ skinType: "DRY", concerns: ["DRYNESS"] });
});

test("an answer without a search is not grounded and gives nothing", async () => {
  stubs.script("perplexity", {
    status: 200,
    body: perplexityAnswer({ pages: null, finds: [find("https://shop.example/x")] }),
  });
  expect(await finder().find(search())).toMatchObject({ finds: [], grounded: false });
});

test("drops invented, insecure and private addresses", async () => {
  const urls = [
    "https://shop.example/real/",
    "https://shop.example/invented",
    "http://shop.example/plain",
    "https://127.0.0.1/admin",
    "https://10.0.0.7/",
    "javascript:alert(1)",
    "https://user:pw@shop.example/real",
  ];
  const pages = urls.filter((url) => !url.includes("invented")).map(page);
  stubs.script("perplexity", {
    status: 200,
    body: perplexityAnswer({ pages, finds: urls.map(find) }),
  });
  const { finds } = await finder().find(search());
  expect(finds.map(({ url }) => url)).toEqual(["https://shop.example/real/"]);
});

describe("faults", () => {
  test.each(everyFault("unknown"))("$name", async ({ behaviour, expected }) => {
    stubs.script("perplexity", { ...behaviour, times: 5 });
    expect(await failure(finder().find(search()), [API_KEY])).toMatchObject(expected);
    expect(stubs.requests("perplexity").length).toBeLessThanOrEqual(1);
  });

  test("nobody listens: certainly not sent", async () => {
    const error = await failure(finder(`${await nobody()}/v1`).find(search()), [API_KEY]);
    expect(error.outcome).toBe("retryable");
  });

  test.each([
    ["a failure", { code: "server_error", message: "x", type: "server_error" }, "retryable"],
    ["a rate limit", { code: 429, message: "x", type: "rate_limit" }, "retryable"],
    ["a wrong key", { code: 401, message: "x", type: "invalid_api_key" }, "misconfigured"],
    [
      "a wrong model",
      { code: "invalid_model", message: "x", type: "invalid_model" },
      "misconfigured",
    ],
  ])("status 200 with %s inside", async (_name, error, outcome) => {
    stubs.script("perplexity", {
      status: 200,
      body: perplexityAnswer({ status: "failed", error }),
    });
    expect(await failure(finder().find(search()), [API_KEY])).toMatchObject({ outcome });
  });

  test("status 200 with text that is no JSON", async () => {
    const body = perplexityAnswer({
      text: "Here are some products:",
      pages: [page("https://shop.example/1")],
    });
    stubs.script("perplexity", { status: 200, body });
    expect(await failure(finder().find(search()), [API_KEY])).toMatchObject({
      outcome: "unknown",
      code: "PROVIDER_BAD_ANSWER",
    });
  });
});

test("without a provider there are no finds, and it says why", async () => {
  const result = await new NoProductFinder().find(search());
  expect(result).toMatchObject({ finds: [], grounded: false });
  expect(result.reason).toBeTruthy();
});
