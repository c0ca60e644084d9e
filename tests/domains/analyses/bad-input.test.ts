import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { ANALYZE, watchToEnd } from "../../support/analyses.ts";
import { createWorld, portrait, type World } from "../../support/world.ts";
import { failed, refused, stateOf } from "./refusals.ts";

let world: World;

beforeAll(async () => {
  world = await createWorld({ nodes: 1, workers: 1, env: { SKIN_ANALYSES_PER_MONTH: "2" } });
});
afterAll(() => world.stop());

describe("the quota", () => {
  test("that is used up says how much, and when it is fresh again", async () => {
    const ada = await world.person();
    for (let use = 0; use < 2; use += 1) {
      const uploadId = await world.upload(ada, portrait());
      const { analyzeSkin } = await ada.must(ANALYZE, { input: { uploadId } });
      await watchToEnd(ada, analyzeSkin.skinAnalysis.id);
    }
    const uploadId = await world.upload(ada, portrait());
    const now = new Date();
    const nextMonth = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1));
    expect(await refused(world, ada, { uploadId, idempotencyKey: "third" })).toMatchObject({
      code: "QUOTA_EXCEEDED",
      limitName: "SKIN_ANALYSES",
      limit: 2,
      used: 2,
      resetsAt: expect.stringContaining(nextMonth.toISOString().slice(0, 19)),
    });
  });
});

describe("values", () => {
  test.each([
    ["notes of more than a thousand characters", { notes: "x".repeat(1_001) }, "notes"],
    ["an empty key", { idempotencyKey: "" }, "idempotencyKey"],
    ["a key of more than 128 characters", { idempotencyKey: "x".repeat(129) }, "idempotencyKey"],
    ["a key with a line break", { idempotencyKey: "a\nb" }, "idempotencyKey"],
  ])("%s: BAD_USER_INPUT with the path", async (_what, input, field) => {
    const ada = await world.person();
    const uploadId = await world.upload(ada, portrait());
    expect(await failed(world, ada, { uploadId, ...input })).toMatchObject({
      code: "BAD_USER_INPUT",
      fields: [{ path: ["input", field] }],
    });
  });

  test.each([
    ["an unknown focus", { focus: "EVERYTHING" }],
    ["an unknown concern", { concerns: ["BOREDOM"] }],
    ["notes that are a number", { notes: 5 }],
    ["a field that does not exist", { price: 0 }],
    ["no upload", { uploadId: null }],
  ])("%s: BAD_USER_INPUT", async (_what, input) => {
    const ada = await world.person();
    expect(await failed(world, ada, { uploadId: "upl_0", ...input })).toMatchObject({
      code: "BAD_USER_INPUT",
    });
  });

  test("a key stands for one input", async () => {
    const ada = await world.person();
    const [first, second] = [
      await world.upload(ada, portrait()),
      await world.upload(ada, portrait()),
    ];
    const key = { idempotencyKey: "once" };
    const { analyzeSkin } = await ada.must(ANALYZE, { input: { uploadId: first, ...key } });
    await watchToEnd(ada, analyzeSkin.skinAnalysis.id);
    expect(await failed(world, ada, { uploadId: second, ...key })).toMatchObject({
      code: "IDEMPOTENCY_MISMATCH",
    });
    const again = await ada.must(ANALYZE, { input: { uploadId: first, ...key } });
    expect(again.analyzeSkin.skinAnalysis.id).toBe(analyzeSkin.skinAnalysis.id);
    expect(await stateOf(world, ada)).toMatchObject({ jobs: "1", used: "1" });
  });

  test("an unknown metric is no metric", async () => {
    const ada = await world.person();
    const inText = await ada.send("{ viewer { skinProgress(metric: CHARM) { change } } }");
    expect(inText.errors![0]!.extensions.code).toBe("GRAPHQL_VALIDATION_FAILED");
    const query = "query ($m: SkinMetric!) { viewer { skinProgress(metric: $m) { change } } }";
    for (const m of ["CHARM", "", 5, null]) {
      const { errors } = await ada.send(query, { m });
      expect(errors![0]!.extensions.code).toBe("BAD_USER_INPUT");
    }
  });

  test("times that contradict each other or do not exist", async () => {
    const ada = await world.person();
    const query =
      "query ($a: DateTime, $b: DateTime) { viewer { skinProgress(metric: ACNE, from: $a, to: $b) { change } } }";
    const day = "2026-01-02T00:00:00Z";
    for (const [a, b] of [
      [day, day],
      ["2026-02-30T00:00:00Z", null],
      ["soon", null],
    ]) {
      const { errors } = await ada.send(query, { a, b });
      expect(errors![0]!.extensions.code).toBe("BAD_USER_INPUT");
    }
  });

  test("garbage in the place of a cursor", async () => {
    const ada = await world.person();
    const cursor = (...parts: unknown[]) =>
      Buffer.from(JSON.stringify(parts)).toString("base64url");
    const orders = ["analysis.newest", "job.newest", "sessions", "products NEWEST"];
    const garbage = ["", "%", "x", "null", cursor(), cursor("other", "x"), cursor({}, [])];
    const odd = [null, 1e308, -1, "x", "\ud800", "ska_0", "' or true --"];
    for (const field of ["skinAnalyses", "jobs", "sessions", "products"]) {
      const list = `${field}(first: 1, after: $after) { nodes { id } }`;
      const query = `query ($after: String) { ${field === "products" ? list : `viewer { ${list} }`} }`;
      for (const after of garbage) {
        const { errors } = await ada.send(query, { after });
        expect(errors![0]!.extensions.code).toBe("BAD_USER_INPUT");
      }
      // Well-formed cursors with keys that no row has: an empty page or a refusal, never a fault.
      for (const order of orders) {
        for (const key of odd) {
          const { errors } = await ada.send(query, { after: cursor(order, key, "prd_0") });
          const one = await ada.send(query, { after: cursor(order, key) });
          for (const error of [...(errors ?? []), ...(one.errors ?? [])]) {
            expect(error.extensions.code).toBe("BAD_USER_INPUT");
          }
        }
      }
    }
  });
});
