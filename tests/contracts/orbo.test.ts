import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { OrboSkinAnalyzer, type OrboOptions } from "../../src/integrations/orbo/orbo-analyzer.ts";
import type { SkinAnalysisRequest } from "../../src/integrations/orbo/skin-reading.ts";
import { startStubs, type Behaviour, type Stubs } from "../support/stubs/index.ts";
import { everyFault, failure, nobody, plainGuard, TIMEOUT_MS } from "./faults.ts";

const API_KEY = "orbo-secret-key";
const SECRETS = [API_KEY, "X-Amz-Signature", "/orbo/bucket/"];
const IMAGE = Buffer.from("the bytes of a clean picture");
let stubs: Stubs;
beforeAll(async () => {
  stubs = await startStubs({ orboPolls: 2 });
});
beforeEach(() => stubs.reset());
afterAll(() => stubs.close());

const analyzer = (options: Partial<OrboOptions> = {}) =>
  new OrboSkinAnalyzer({
    baseUrl: `${stubs.url}/orbo/skin/v1/`,
    clientId: "client-1",
    apiKey: API_KEY,
    guard: plainGuard("orbo"),
    timeoutMs: TIMEOUT_MS,
    pollMs: 2,
    maxPollMs: 3_000,
    allowInsecureUrls: true,
    ...options,
  });

function job(change: Partial<SkinAnalysisRequest> = {}) {
  const saved: string[] = [];
  const fractions: number[] = [];
  const request: SkinAnalysisRequest = {
    image: IMAGE,
    focus: "GENERAL",
    session: null,
    saveSession: (session) => Promise.resolve(void saved.push(session)),
    onProgress: (fraction) => fractions.push(fraction),
    signal: new AbortController().signal,
    ...change,
  };
  return { request, saved, fractions };
}
const asked = () =>
  stubs
    .requests("orbo")
    .map(({ method, path }) => `${method} ${path.replace(/[0-9a-f]{24}.*/, "*")}`);
const POLL = "GET /skin/v1/analysis";
const SESSION = "GET /skin/v1/image";
const UPLOAD = "PUT /bucket/*";

test("takes a session, uploads, polls until ready and reads the result", async () => {
  const sequence: string[] = [];
  const { request, saved, fractions } = job({
    saveSession: (session) => {
      saved.push(session);
      sequence.push(...asked().splice(sequence.length));
      return Promise.resolve();
    },
  });
  const reading = await analyzer().analyze(request);

  expect(asked().slice(0, 5)).toEqual([SESSION, UPLOAD, POLL, POLL, POLL]);
  expect(sequence).toEqual([SESSION, UPLOAD]);
  const [issued, uploaded] = saved;
  expect(issued).toBe(`issued:${uploaded}`);
  expect(stubs.requests("orbo")[1]?.byteSize).toBe(IMAGE.byteLength);
  expect(stubs.requests("orbo")[2]?.headers).toMatchObject({
    "x-session-id": uploaded,
    "x-api-key": API_KEY,
  });
  // Neither key nor client id goes to the storage.
  for (const { headers } of stubs
    .requests("orbo")
    .filter(({ path }) => path.startsWith("/bucket"))) {
    expect(headers).not.toHaveProperty("x-api-key");
    expect(headers).not.toHaveProperty("x-client-id");
  }
  expect(reading).toMatchObject({
    provider: "orbo",
    mappingVersion: "orbo-2",
    skinType: null,
    skinTone: null,
    acneDetail: null,
  });
  expect(Object.keys(reading.rawScores)).toHaveLength(16);
  expect(reading.metrics.hydration).toBe(reading.rawScores["hydration"]);
  expect(reading.metrics.darkCircles).toBe(reading.rawScores["dark_circle"]);
  expect(reading.annotations.map(({ concern }) => concern)).toEqual(["acne", "redness"]);
  expect(reading.annotations[0]?.image.byteLength).toBeGreaterThan(50);
  expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
  expect(fractions.at(-1)).toBe(1);
});

test("the same picture gives the same reading", async () => {
  const scores = async () => (await analyzer().analyze(job().request)).rawScores;
  expect(await scores()).toEqual(await scores());
});

describe("resuming", () => {
  test("polls a stored session and uploads nothing", async () => {
    const first = job();
    const reading = await analyzer().analyze(first.request);
    stubs.reset();
    const again = job({ session: first.saved[1] ?? "" });
    expect((await analyzer().analyze(again.request)).metrics).toEqual(reading.metrics);
    expect(asked().filter((one) => one === SESSION || one === UPLOAD)).toEqual([]);
    expect(again.saved).toEqual([]);
  });

  test("also when the process died between the upload and the second note", async () => {
    const first = job();
    await analyzer().analyze(first.request);
    stubs.reset();
    await analyzer().analyze(job({ session: first.saved[0] ?? "" }).request);
    expect(asked()).not.toContain(SESSION);
  });

  test("a session whose picture never came is soon replaced", async () => {
    const first = job({ saveSession: () => Promise.reject(new Error("killed")) });
    await expect(analyzer().analyze(first.request)).rejects.toThrow("killed");
    expect(asked()).toEqual([SESSION]);
    const again = job({ session: "issued:0123456789abcdef01234567" });
    await analyzer().analyze(again.request);
    expect(again.saved).toHaveLength(2);
    expect(asked().indexOf(SESSION, 1)).toBeLessThanOrEqual(1 + 4);
  });

  test("a session that never gets ready is replaced by a new one", async () => {
    const again = job({ session: "0123456789abcdef01234567" });
    await analyzer({ maxPollMs: 250 }).analyze(again.request);
    expect(again.saved).toHaveLength(2);
  });
});

describe("refused pictures", () => {
  const refusals: [Behaviour["body"], string][] = [
    [{ error: { message: "Face not detected", description: "…" } }, "NO_FACE"],
    [{ message: "Image Resolution is too small" }, "IMAGE_TOO_SMALL"],
    [
      { error: { message: "Validation failed", description: "Face is out of focus" } },
      "IMAGE_TOO_BLURRED",
    ],
    [{ message: "Face angle tilted" }, "FACE_TILTED"],
    [{ message: "Something new" }, "PROVIDER_REJECTED"],
    ["not even JSON", "PROVIDER_REJECTED"],
  ];
  test.each(refusals)("400 %j is %s", async (body, code) => {
    stubs.script("orbo", { match: POLL, status: 400, body });
    const error = await failure(analyzer().analyze(job().request), SECRETS);
    expect(error).toMatchObject({ outcome: "refused_input", code });
    expect(error.message).toMatch(/\.$/);
    expect(asked().filter((one) => one === POLL)).toHaveLength(1);
  });

  test("the same inside a 200", async () => {
    const body = { success: false, error: { message: "Face not detected" } };
    stubs.script("orbo", { match: POLL, status: 200, body });
    expect(await failure(analyzer().analyze(job().request), SECRETS)).toMatchObject({
      code: "NO_FACE",
    });
  });
});

describe("faults", () => {
  // Taking a session is free and repeatable, so a lost answer is retryable: two attempts.
  test.each(everyFault("retryable").filter(({ name }) => name !== "429 with seconds to wait"))(
    "of the session: $name",
    async ({ behaviour, expected }) => {
      stubs.script("orbo", { ...behaviour, match: SESSION, times: 5 });
      const error = await failure(analyzer().analyze(job().request), SECRETS);
      expect(error).toMatchObject(expected);
      const read = asked().filter((one) => one === SESSION).length;
      const attempts = behaviour.cut === "before" ? 0 : expected.outcome === "retryable" ? 2 : 1;
      expect(read).toBe(attempts);
      expect(asked()).not.toContain(UPLOAD);
    },
  );

  test("waits as told after a 429 and goes on", async () => {
    stubs.script("orbo", { match: SESSION, status: 429, headers: { "retry-after-ms": "30" } });
    const startedAt = performance.now();
    await analyzer().analyze(job().request);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(29);
  });

  test("nobody listens", async () => {
    const error = await failure(
      analyzer({ baseUrl: await nobody() }).analyze(job().request),
      SECRETS,
    );
    expect(error).toMatchObject({ outcome: "retryable", code: "PROVIDER_UNAVAILABLE" });
  });

  test("an upload that breaks is sent again to the same session", async () => {
    stubs.script("orbo", { match: "PUT /bucket", cut: "after" });
    const { request, saved } = job();
    await analyzer().analyze(request);
    expect(asked().slice(0, 4)).toEqual([SESSION, UPLOAD, UPLOAD, POLL]);
    expect(saved).toHaveLength(2);
  });

  test("a refused upload is passing trouble, and the picture is not analysed", async () => {
    stubs.script("orbo", { match: "PUT /bucket", status: 403, body: "<Error/>", times: 2 });
    const { request, saved } = job();
    const error = await failure(analyzer().analyze(request), SECRETS);
    expect(error).toMatchObject({ outcome: "retryable", status: 403 });
    expect(saved).toHaveLength(1);
    expect(asked()).not.toContain(POLL);
  });

  test("polling outlives passing trouble without a second upload", async () => {
    stubs.script(
      "orbo",
      { match: POLL, status: 503, times: 3 },
      { match: POLL, cut: "mid" },
      { match: POLL, status: 200, body: "{oops}" },
      { match: POLL, status: 409, body: { message: "busy" } },
    );
    const { metrics } = await analyzer().analyze(job().request);
    expect(metrics.overallSkinHealthScore).not.toBeNull();
    expect(asked().filter((one) => one === UPLOAD)).toHaveLength(1);
  });

  test("a wrong key while polling is not waited out", async () => {
    stubs.script("orbo", { match: POLL, status: 401 });
    const error = await failure(analyzer().analyze(job().request), SECRETS);
    expect(error).toMatchObject({ outcome: "misconfigured", status: 401 });
  });

  test("never ready: retryable, in the time that was set", async () => {
    stubs.script("orbo", { match: POLL, status: 200, body: { success: false }, times: 1_000 });
    const error = await failure(analyzer({ maxPollMs: 40 }).analyze(job().request), SECRETS);
    expect(error).toMatchObject({ outcome: "retryable", code: "PROVIDER_TIMEOUT" });
  });

  test("a result without scores is no result", async () => {
    const body = { success: true, data: { output_score: [] } };
    stubs.script("orbo", { match: POLL, status: 200, body });
    const error = await failure(analyzer().analyze(job().request), SECRETS);
    expect(error).toMatchObject({ outcome: "retryable", code: "PROVIDER_BAD_ANSWER" });
  });

  test("annotations that cannot be had are left out", async () => {
    stubs.script(
      "orbo",
      { match: "acne.jpg", status: 403 },
      { match: "redness.jpg", status: 200, body: "text" },
    );
    const reading = await analyzer().analyze(job().request);
    expect(reading.annotations).toEqual([]);
    expect(reading.metrics.acne).not.toBeNull();
  });
});

test("in production neither upload nor annotation goes to an address that is not public https", async () => {
  const { request, saved } = job();
  const error = await failure(analyzer({ allowInsecureUrls: false }).analyze(request), SECRETS);
  expect(error.code).toBe("PROVIDER_BAD_ANSWER");
  expect([asked(), saved]).toEqual([[SESSION], []]);

  const first = job();
  await analyzer().analyze(first.request);
  const resumed = job({ session: first.saved[1] ?? "" });
  expect(
    (await analyzer({ allowInsecureUrls: false }).analyze(resumed.request)).annotations,
  ).toEqual([]);
});

test("a cancelled job stops polling at once with its own reason", async () => {
  const stop = new AbortController();
  const reason = new Error("canceled by the user");
  stubs.script("orbo", { match: POLL, status: 200, body: { success: false }, times: 1_000 });
  const { request } = job({
    signal: stop.signal,
    onProgress: (fraction) => fraction >= 0.25 && setImmediate(() => stop.abort(reason)),
  });
  const startedAt = performance.now();
  await expect(analyzer({ pollMs: 60_000, maxPollMs: 600_000 }).analyze(request)).rejects.toBe(
    reason,
  );
  expect(performance.now() - startedAt).toBeLessThan(2_000);
});
