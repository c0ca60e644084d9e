import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { openChargeBed, type ChargeBed } from "./charge-bed.ts";
import { countOf, HANGS, killAmidst, type Interruption } from "./killed-bed.ts";
import { GOAL_PLAN, PAL, ROUTINE_PLAN } from "./products.ts";

let bed: ChargeBed;
beforeAll(async () => {
  bed = await openChargeBed();
}, 60_000);
afterAll(() => bed.stop());

/** Each is under way when the next one begins. */
const INTERRUPTIONS: readonly Interruption[] = [
  {
    at: "a plan of goals, while they are written",
    product: GOAL_PLAN,
    behaviours: [{ ...HANGS }],
    asked: "/responses",
    times: 1,
    status: "SUCCEEDED",
    cost: 1,
  },
  {
    at: "a routine, while it is worded",
    product: ROUTINE_PLAN,
    behaviours: [{ ...HANGS }],
    asked: "/responses",
    times: 2,
    status: "SUCCEEDED",
    cost: 1,
  },
  {
    at: "a question to Pal, before the first word of its reply",
    product: PAL,
    order: { words: 3, firstMs: 60_000, times: 1 },
    asked: "/responses",
    times: 3,
    status: "SUCCEEDED",
    cost: 1,
  },
  {
    at: "a question to Pal, in the middle of its reply",
    product: PAL,
    order: { words: 50, paceMs: 20 },
    asked: "/responses",
    times: 4,
    status: "SUCCEEDED",
    cost: 1,
  },
];

test("a worker that is killed while answers are written: each is asked for once more, and each job counts once", async () => {
  await killAmidst(bed, INTERRUPTIONS);
  expect(countOf(bed, "openai", "/responses")).toBe(2 * INTERRUPTIONS.length);
}, 30_000);
