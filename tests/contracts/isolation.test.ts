import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { BrevoMailer } from "../../src/integrations/brevo/brevo-mailer.ts";
import { OrboSkinAnalyzer } from "../../src/integrations/orbo/orbo-analyzer.ts";
import type { CallOutcome } from "../../src/platform/resilience/guard.ts";
import { onBehalfOf } from "../../src/platform/resilience/on-behalf.ts";
import { startStubs, type Stubs } from "../support/stubs/index.ts";
import { plainGuard, TIMEOUT_MS } from "./faults.ts";

let stubs: Stubs;
beforeAll(async () => {
  stubs = await startStubs({ orboPolls: 0 });
});
beforeEach(() => stubs.reset());
afterAll(() => stubs.close());

function analyzer(halfOpenAfterMs: number) {
  const outcomes: CallOutcome[] = [];
  const guard = plainGuard("orbo", {
    breaker: { failures: 5, halfOpenAfterMs },
    metrics: { onCall: ({ outcome }) => outcomes.push(outcome) },
  });
  const orbo = new OrboSkinAnalyzer({
    baseUrl: `${stubs.url}/orbo/skin/v1/`,
    clientId: "client-1",
    apiKey: "key",
    guard,
    timeoutMs: TIMEOUT_MS,
    pollMs: 1,
    allowInsecureUrls: true,
  });
  const analyze = () =>
    orbo
      .analyze({
        image: Buffer.from("picture"),
        focus: "GENERAL",
        session: null,
        saveSession: () => Promise.resolve(),
        onProgress: () => undefined,
        signal: new AbortController().signal,
      })
      .then(
        () => "read",
        () => "failed",
      );
  return { guard, outcomes, analyze };
}

test("a provider that is down is left alone within 5 s, the others work on, and it comes back", async () => {
  const { guard, outcomes, analyze } = analyzer(40);
  stubs.script("orbo", { status: 503, times: 1_000 });
  const startedAt = performance.now();
  while (guard.breakerState !== "open") await analyze();
  expect(performance.now() - startedAt).toBeLessThan(5_000);
  const asked = stubs.requests("orbo").length;
  // Five callers, of whom each tries twice; the last one no more.
  expect(asked).toBe(9);

  const shed = performance.now();
  expect(await analyze()).toBe("failed");
  expect(performance.now() - shed).toBeLessThan(20);
  expect(outcomes.at(-1)).toBe("shed");
  expect(stubs.requests("orbo")).toHaveLength(asked);

  const mailer = new BrevoMailer({
    baseUrl: `${stubs.url}/brevo/v3`,
    apiKey: "key",
    from: { email: "hello@facet.example", name: "facet" },
    timeoutMs: TIMEOUT_MS,
    guard: plainGuard("brevo"),
  });
  await mailer.send({ id: "eml_1", to: "a@example.com", subject: "s", text: "t", html: "h" });

  stubs.reset();
  const deadline = Date.now() + 5_000;
  while ((await analyze()) !== "read" && Date.now() < deadline);
  expect(guard.breakerState).toBe("closed");
});

test("a job that a provider cannot bear counts once, however often it tries, and others are served", async () => {
  const { guard, outcomes, analyze } = analyzer(60_000);
  const ofJob = (id: string) => onBehalfOf(id, analyze);
  stubs.script("orbo", { status: 500, times: 40 });
  for (let tries = 0; tries < 20; tries += 1) expect(await ofJob("ana_bad")).toBe("failed");
  expect(outcomes.filter((outcome) => outcome === "retryable")).toHaveLength(40);
  expect(guard.breakerState).toBe("closed");
  expect(await ofJob("ana_good")).toBe("read");

  stubs.script("orbo", { status: 500, times: 1_000 });
  for (const job of ["ana_1", "ana_2", "ana_3", "ana_4"]) await ofJob(job);
  expect(guard.breakerState).toBe("closed");
  expect(await ofJob("ana_5")).toBe("failed");
  expect(guard.breakerState).toBe("open");
});

test("a provider that hangs is found as fast: five time limits in parallel", async () => {
  const { guard, analyze } = analyzer(60_000);
  stubs.script("orbo", { delayMs: 5_000, times: 1_000 });
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: 5 }, analyze));
  expect(guard.breakerState).toBe("open");
  expect(performance.now() - startedAt).toBeLessThan(5_000);
});
