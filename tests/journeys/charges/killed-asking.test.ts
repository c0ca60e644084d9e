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
    at: "an emoji task, while its face is looked for",
    product: EMOJI,
    behaviours: [{ match: "/face-detect", ...HANGS }],
    asked: "/face-detect",
    status: "SUCCEEDED",
    cost: 10,
    entries: ["CONSUME -10"],
  },
  {
    at: "an emoji task, whose creation was sent and not answered",
    product: EMOJI,
    behaviours: [{ match: "/video-synthesis", ...HANGS }],
    asked: "/video-synthesis",
    status: "FAILED",
    code: "PROVIDER_ANSWER_LOST",
    cost: 0,
    entries: ["CONSUME -10", "REFUND 10"],
  },
  {
    at: "a try-on, both of whose creations are done and not answered",
    product: TRY_ON,
    behaviours: [
      { match: "POST /v1/models/", cut: "after", times: 2 },
      { match: "GET /v1/predictions", times: 2, ...HANGS },
    ],
    asked: "GET /v1/predictions",
    times: 2,
    status: "SUCCEEDED",
    cost: 2,
    entries: ["CAPTURE -2"],
  },
  {
    at: "an analysis, while a session is asked for",
    product: ANALYSIS,
    behaviours: [{ match: "/skin/v1/image", ...HANGS }],
    asked: "/skin/v1/image",
    status: "SUCCEEDED",
    cost: 1,
  },
  {
    at: "an analysis, while its picture is sent",
    product: ANALYSIS,
    behaviours: [{ match: "PUT /bucket/", ...HANGS }],
    asked: "PUT /bucket/",
    status: "SUCCEEDED",
    cost: 1,
  },
  {
    at: "a chat message, before the first word of its reply",
    product: CHAT,
    order: { words: 3, firstMs: 60_000, times: 1 },
    asked: "streamGenerateContent",
    status: "SUCCEEDED",
    cost: 1,
  },
];

test("a worker that is killed while providers are asked to begin: what each job ends as, and costs", async () => {
  await killAmidst(bed, INTERRUPTIONS);
  // One of each task: the request that was not answered is never sent again.
  expect(countOf(bed, "dashscope", "/video-synthesis")).toBe(2);
  expect(countOf(bed, "replicate", "POST /v1/models/")).toBe(2);
}, 30_000);
