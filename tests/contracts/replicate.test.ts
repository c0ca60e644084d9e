import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { ReplicateStylist } from "../../src/integrations/replicate/replicate-stylist.ts";
import { ReplicateWebhooks } from "../../src/integrations/replicate/replicate-webhooks.ts";
import type { StylingRequest, View } from "../../src/integrations/replicate/styling.ts";
import { StopRun } from "../../src/platform/jobs/run.ts";
import type { ProviderError } from "../../src/platform/resilience/provider-error.ts";
import {
  replicateDelivery,
  startStubs,
  STUB_REPLICATE,
  STYLED_PICTURE,
  viewOf,
  type Stubs,
} from "../support/stubs/index.ts";
import { until } from "../support/until.ts";
import { everyFault, plainGuard, TIMEOUT_MS } from "./faults.ts";

const CREATE = "POST /v1/models";
let stubs: Stubs;
beforeAll(async () => {
  stubs = await startStubs();
});
beforeEach(() => {
  stubs.reset();
  stubs.replicate.forget();
});
afterAll(() => stubs.close());

/** A job that asks for views, and remembers what it was told. */
function job(views: readonly View[], session: unknown = null) {
  const sessions: any[] = [];
  const styled = new Map<View, { picture: Uint8Array; reference: string | null }>();
  const failed = new Map<View, ProviderError>();
  const stopper = new AbortController();
  const request: StylingRequest = {
    jobId: "hto_1",
    image: STYLED_PICTURE,
    imageUrl: "https://files.example/source.jpg",
    style: { prompt: "a bob", category: "MEDIUM", color: null, hasFringe: false },
    views,
    session: session === null ? null : JSON.stringify(session),
    saveSession: (text) => Promise.resolve(void sessions.push(JSON.parse(text))),
    awaitNews: (_view, ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    onStyled: (view, result) => Promise.resolve(void styled.set(view, result)),
    onFailed: (view, fault) => Promise.resolve(void failed.set(view, fault)),
    signal: stopper.signal,
  };
  return { request, sessions, styled, failed, stop: (reason: StopRun) => stopper.abort(reason) };
}

const stylist = (options: Partial<ConstructorParameters<typeof ReplicateStylist>[0]> = {}) =>
  new ReplicateStylist({
    baseUrl: `${stubs.url}/replicate/v1`,
    token: STUB_REPLICATE.token,
    model: "bytedance/seedream-4",
    timeoutMs: TIMEOUT_MS,
    pollMs: 10,
    webhookUrl: () => "https://facet.example/webhooks/replicate",
    guard: plainGuard("replicate", { concurrency: 16 }),
    allowInsecureUrls: true,
    ...options,
  });
const asked = (method: string, what: string) =>
  stubs
    .requests("replicate")
    .filter((request) => request.method === method && request.path.includes(what)).length;
const creations = () => asked("POST", "/v1/models");
const webhook = (view: View, tries = 1) =>
  `https://facet.example/webhooks/replicate?job=hto_1&view=${view}&try=${tries}`;
const creating = (view: View) => ({
  views: { [view]: { step: "CREATING", tries: 1, sinceMs: Date.now() } },
});

test("each view is a prediction of its own, known before anything waits for it", async () => {
  const { request, sessions, styled } = job(["FRONT", "RIGHT", "LEFT", "BACK"]);
  await stylist().style(request);
  expect([...styled.keys()].sort()).toEqual(["BACK", "FRONT", "LEFT", "RIGHT"]);
  expect(Buffer.from(styled.get("BACK")!.picture)).toEqual(STYLED_PICTURE);
  const created = stubs.requests("replicate").filter(({ path }) => path.includes("/models/"));
  expect(new Set(created.map(({ json }) => json.input.prompt)).size).toBe(4);
  const front = created.find(({ json }) => viewOf(json) === "FRONT")!;
  expect(front.json).toMatchObject({
    input: {
      image_input: ["https://files.example/source.jpg"],
      aspect_ratio: "match_input_image",
      max_images: 1,
    },
    webhook: webhook("FRONT"),
    webhook_events_filter: ["completed"],
  });
  expect(front.json.input.prompt).toContain("a bob");
  expect(front.headers["authorization"]).toBe(`Bearer ${STUB_REPLICATE.token}`);
  // Before the first one was sent, it was known that all of them may be.
  expect(Object.values<any>(sessions[0].views).map(({ step }) => step)).toEqual(
    Array(4).fill("CREATING"),
  );
  expect(Object.values<any>(sessions.at(-1).views).map(({ step }) => step)).toEqual(
    Array(4).fill("CREATED"),
  );
});

test("goes on with the predictions that an earlier attempt created", async () => {
  const first = job(["FRONT", "BACK"]);
  await stylist().style(first.request);
  const second = job(["FRONT", "BACK"], first.sessions.at(-1));
  await stylist().style(second.request);
  expect(second.styled.size).toBe(2);
  expect(creations()).toBe(2);
});

describe("a creation that was not answered", () => {
  test("is found by its webhook and never sent again", async () => {
    stubs.script("replicate", { match: CREATE, cut: "after" });
    const { request, styled } = job(["LEFT"]);
    await stylist().style(request);
    expect(styled.get("LEFT")?.reference).toBe(stubs.replicate.predictions()[0]!.id);
    expect(creations()).toBe(1);
  });

  test("is found on a later page, after the worker has died", async () => {
    const other = job(["LEFT"]);
    await stylist().style(other.request);
    await stylist().style({ ...job(["FRONT", "RIGHT", "BACK"]).request, jobId: "hto_2" });
    const { request, styled } = job(["LEFT"], creating("LEFT"));
    await stylist().style(request);
    expect(styled.has("LEFT")).toBe(true);
    expect(creations()).toBe(4);
    expect(asked("GET", "/v1/predictions")).toBeGreaterThan(2);
  });

  test("and cannot be found is given up", async () => {
    const { request, failed, sessions } = job(["BACK"], creating("BACK"));
    await stylist().style(request);
    expect(failed.get("BACK")).toMatchObject({
      outcome: "unknown",
      code: "PROVIDER_ANSWER_LOST",
    });
    expect(sessions).toEqual([]);
    expect(creations()).toBe(0);
  });

  test("is not given up while nobody can look", async () => {
    stubs.script("replicate", { match: "GET /v1/predictions", status: 503, times: 9 });
    const { request, failed } = job(["BACK"], creating("BACK"));
    await stylist().style(request);
    expect(failed.get("BACK")).toMatchObject({ outcome: "retryable" });
  });
});

describe("faults of creation", () => {
  test.each(everyFault("unknown"))("$name", async ({ behaviour, expected }) => {
    stubs.script("replicate", { ...behaviour, match: CREATE });
    const { request, failed, styled, sessions } = job(["FRONT"]);
    await stylist().style(request);
    expect(creations()).toBeLessThanOrEqual(1);
    // What was done although nobody heard of it has been found.
    if (styled.size > 0) {
      expect(expected.outcome).toBe("unknown");
      return;
    }
    const lost = expected.outcome === "unknown";
    expect(failed.get("FRONT")).toMatchObject(lost ? { code: "PROVIDER_ANSWER_LOST" } : expected);
    expect(sessions.at(-1).views.FRONT.step).toBe(lost ? "CREATING" : "NONE");
    expect(JSON.stringify(failed.get("FRONT"))).not.toContain(STUB_REPLICATE.token);
  });
});

describe("a prediction that ends without a picture", () => {
  const SENSITIVE =
    "The input or output was flagged as sensitive. Please try again with different inputs. (E005)";
  test.each([
    ["failed", SENSITIVE, { outcome: "refused_input", code: "CONTENT_REFUSED" }],
    ["failed", "CUDA out of memory", { outcome: "unknown", code: "PROVIDER_UNAVAILABLE" }],
    ["canceled", null, { outcome: "unknown" }],
    ["aborted", null, { outcome: "retryable" }],
  ])("%s, %s", async (status, error, expected) => {
    stubs.replicate.outcome("FRONT", { status, error });
    const { request, failed, styled } = job(["FRONT", "BACK"]);
    await stylist().style(request);
    expect(failed.get("FRONT")).toMatchObject(expected);
    // The other view is none the worse.
    expect(styled.has("BACK")).toBe(true);
  });

  test("one that was never begun is created anew, under another webhook", async () => {
    stubs.replicate.outcome("FRONT", { status: "aborted" });
    const first = job(["FRONT"]);
    await stylist().style(first.request);
    stubs.replicate.outcome("FRONT", { status: "succeeded" });
    const second = job(["FRONT"], first.sessions.at(-1));
    await stylist().style(second.request);
    expect(stubs.replicate.predictions().map((one) => one.webhook)).toEqual([
      webhook("FRONT", 1),
      webhook("FRONT", 2),
    ]);
  });
});

describe("faults while it is waited for cost nothing", () => {
  test.each(everyFault("retryable").filter(({ behaviour }) => behaviour.status !== 404))(
    "$name",
    async ({ behaviour, expected }) => {
      stubs.script("replicate", { ...behaviour, match: "GET /v1/predictions/" });
      const { request, failed, sessions } = job(["FRONT"]);
      await stylist().style(request);
      expect(failed.get("FRONT")).toMatchObject(expected);
      expect(sessions.at(-1).views.FRONT.step).toBe("CREATED");
    },
  );
});

test("a canceled job cancels its predictions, one that moves to another worker does not", async () => {
  stubs.replicate.outcome("FRONT", { status: "processing" });
  for (const [reason, cancels] of [
    ["SHUTDOWN", 0],
    ["CANCELED", 1],
  ] as const) {
    const { request, sessions, stop } = job(["FRONT"]);
    const running = stylist().style(request);
    running.catch(() => undefined);
    await until(() => sessions.at(-1)?.views.FRONT.step === "CREATED");
    stop(new StopRun(reason));
    await expect(running).rejects.toThrow(StopRun);
    expect(asked("POST", "/cancel")).toBe(cancels);
  }
});

test("results come from the provider's own store alone", async () => {
  const { request, failed } = job(["FRONT"]);
  await stylist({ allowInsecureUrls: false }).style(request);
  expect(failed.get("FRONT")).toMatchObject({ code: "PROVIDER_BAD_ANSWER" });
});

describe("webhooks", () => {
  const webhooks = new ReplicateWebhooks([STUB_REPLICATE.webhookSecret]);
  const prediction = {
    id: "prd1",
    webhook: webhook("LEFT"),
    created_at: "2026-11-21T02:00:00.000Z",
    status: "succeeded",
    output: ["https://replicate.delivery/x.jpg"],
    error: null,
    completed_at: "2026-11-21T02:00:13.000Z",
  };
  const judged = (delivery: ReturnType<typeof replicateDelivery>, now = new Date()) =>
    webhooks.verify(Buffer.from(delivery.body), delivery.headers, now).ok;

  test("the published vector of Standard Webhooks holds", () => {
    const vector = new ReplicateWebhooks(["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]);
    const headers = {
      "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
      "webhook-timestamp": "1614265330",
      "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    };
    const body = Buffer.from('{"test": 2432232314}');
    expect(vector.verify(body, headers, new Date(1_614_265_330_000))).toEqual({ ok: true });
    expect(vector.verify(body, headers, new Date(1_614_265_330_000 + 301_000)).ok).toBe(false);
  });

  test("genuine ones pass; forged, old, future-dated and changed ones do not", () => {
    expect(judged(replicateDelivery(prediction))).toBe(true);
    const secret = "whsec_d3Jvbmctc2VjcmV0";
    expect(judged(replicateDelivery(prediction, { secret }))).toBe(false);
    for (const minutes of [-6, 6]) {
      const at = new Date(Date.now() + minutes * 60_000);
      expect(judged(replicateDelivery(prediction, { at }))).toBe(false);
    }
    const genuine = replicateDelivery(prediction);
    const body = genuine.body.replace("succeeded", "failed");
    expect(judged({ ...genuine, body })).toBe(false);
  });

  test("only ends are told, by the address that we gave", () => {
    expect(webhooks.ended(prediction)).toEqual({ jobId: "hto_1", view: "LEFT" });
    expect(webhooks.ended({ ...prediction, status: "processing" })).toBeNull();
    expect(webhooks.ended({ ...prediction, webhook: null })).toBeNull();
    expect(webhooks.describe(prediction, { "webhook-id": "msg_1" })).toMatchObject({
      eventId: "msg_1",
      type: "prediction.succeeded",
      subject: "prd1",
    });
    expect(() => webhooks.describe({ hello: "world" }, { "webhook-id": "msg_1" })).toThrow();
  });
});
