import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { expectTrueBooks, openChargeBed, type ChargeBed } from "./charge-bed.ts";
import { countOf, HANGS, killAmidst, type Interruption } from "./killed-bed.ts";
import { ANALYSIS, CHAT, EMOJI, TRY_ON } from "./products.ts";

let bed: ChargeBed;
beforeAll(async () => {
  bed = await openChargeBed();
}, 60_000);
afterAll(async () => {
  await expectTrueBooks(bed.world);
  await bed.stop();
});

const INTERRUPTIONS: readonly Interruption[] = [
  {
    at: "an emoji task, while its film is fetched",
    product: EMOJI,
    behaviours: [{ match: "/result/", ...HANGS }],
    asked: "/result/",
    status: "SUCCEEDED",
    cost: 10,
    entries: ["CONSUME -10"],
  },
  {
    at: "an emoji task, while the provider works",
    product: EMOJI,
    behaviours: [{ match: "GET /api/v1/tasks/task-2", ...HANGS }],
    asked: "GET /api/v1/tasks/task-2",
    status: "SUCCEEDED",
    cost: 10,
    entries: ["CONSUME -10"],
  },
  {
    at: "a try-on, while the provider works on one view and the other one is there",
    product: TRY_ON,
    asked: "/delivery/",
    status: "SUCCEEDED",
    cost: 2,
    entries: ["CAPTURE -2"],
  },
  {
    at: "an analysis, while the provider works",
    product: ANALYSIS,
    behaviours: [{ match: "/skin/v1/analysis", ...HANGS }],
    asked: "/skin/v1/analysis",
    status: "SUCCEEDED",
    cost: 1,
  },
  {
    at: "an analysis, while its feedback is written",
    product: ANALYSIS,
    provider: "openai",
    behaviours: [{ ...HANGS }],
    asked: "/responses",
    status: "SUCCEEDED",
    cost: 1,
  },
  {
    at: "a chat message, in the middle of its reply",
    product: CHAT,
    order: { words: 50, paceMs: 20 },
    asked: "streamGenerateContent",
    status: "SUCCEEDED",
    cost: 1,
  },
];

test("a worker that is killed while providers work: nothing is begun twice, and each job costs what it should", async () => {
  bed.stubs.replicate.outcome("BACK", { status: "processing" });
  await killAmidst(bed, INTERRUPTIONS, () =>
    bed.stubs.replicate.outcome("BACK", { status: "succeeded" }),
  );
  expect(countOf(bed, "dashscope", "/video-synthesis")).toBe(2);
  expect(countOf(bed, "replicate", "POST /v1/models/")).toBe(2);
  expect(countOf(bed, "orbo", "/skin/v1/image")).toBe(2);
  expect(countOf(bed, "orbo", "PUT /bucket/")).toBe(2);
}, 30_000);
