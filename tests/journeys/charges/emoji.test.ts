import { mkdtempSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, test } from "@jest/globals";
import plans from "../../../src/domains/billing/plans/default-config.json" with { type: "json" };
import { until } from "../../support/until.ts";
import {
  expectBill,
  expectTrueBooks,
  openChargeBed,
  type ChargeBed,
  type Ending,
} from "./charge-bed.ts";
import { EMOJI } from "./products.ts";

let bed: ChargeBed;
beforeAll(async () => {
  setTerms(false);
  bed = await openChargeBed({ DYNAMIC_CONFIG_FILE: TERMS });
}, 60_000);
afterAll(async () => {
  await expectTrueBooks(bed.world);
  await bed.stop();
  await rm(FOLDER, { recursive: true });
});

const FOLDER = mkdtempSync(join(tmpdir(), "facet-terms-"));
const TERMS = join(FOLDER, "plans.json");
function setTerms(refundOnFailure: boolean): void {
  writeFileSync(TERMS, JSON.stringify({ ...plans, emoji: { ...plans.emoji, refundOnFailure } }));
}

const PRICE = 10;
const SPENT = { cost: PRICE, entries: [`CONSUME ${-PRICE}`] };
const GIVEN_BACK = { cost: 0, entries: [`CONSUME ${-PRICE}`, `REFUND ${PRICE}`] };
const DETECT = "/face-detect";
const CREATE = "/video-synthesis";
const ASK = "GET /api/v1/tasks/";
const HANGS = { delayMs: 60_000 };

/**
 * Points are spent when the task is asked for. They come back only where nobody knows whether the provider did the work, or
 * where it was never asked to in all the time that the task had.
 */
const ENDINGS: readonly Ending[] = [
  { how: "it succeeds", status: "SUCCEEDED", ...SPENT },
  {
    how: "the provider refuses the picture",
    outside: (stubs) =>
      stubs.script("dashscope", {
        match: DETECT,
        body: { output: { code: "InvalidFile.NoHuman", message: "" } },
      }),
    status: "FAILED",
    code: "NO_FACE",
    ...SPENT,
  },
  {
    how: "the provider answers 500 to the creation, and may have begun all the same",
    outside: (stubs) => stubs.script("dashscope", { match: CREATE, status: 500 }),
    status: "FAILED",
    code: "PROVIDER_ANSWER_LOST",
    ...GIVEN_BACK,
  },
  {
    how: "the provider refuses our account",
    outside: (stubs) =>
      stubs.script("dashscope", {
        match: CREATE,
        status: 400,
        body: { code: "Arrearage", message: "", request_id: "r" },
      }),
    status: "FAILED",
    code: "PROVIDER_MISCONFIGURED",
    ...SPENT,
  },
  {
    how: "the provider answers 429 until the attempts are used up",
    outside: (stubs) => stubs.script("dashscope", { match: CREATE, status: 429, times: 99 }),
    status: "FAILED",
    code: "PROVIDER_RATE_LIMITED",
    ...SPENT,
  },
  {
    how: "the answer to the creation is lost",
    outside: (stubs) => stubs.script("dashscope", { match: CREATE, cut: "after" }),
    status: "FAILED",
    code: "PROVIDER_ANSWER_LOST",
    ...GIVEN_BACK,
  },
  {
    how: "its film is gone when it is fetched",
    outside: (stubs) => stubs.script("dashscope", { match: "/result/", status: 403 }),
    status: "FAILED",
    code: "PROVIDER_ANSWER_LOST",
    ...GIVEN_BACK,
  },
  {
    how: "its time is over before the provider was asked to begin",
    outside: (stubs) => stubs.script("dashscope", { match: DETECT, ...HANGS }),
    deadlineMs: 400,
    status: "FAILED",
    code: "DEADLINE_EXCEEDED",
    ...GIVEN_BACK,
  },
  {
    how: "its time is over while the provider works",
    outside: (stubs) => stubs.script("dashscope", { match: ASK, ...HANGS }),
    deadlineMs: 3_000,
    status: "FAILED",
    code: "DEADLINE_EXCEEDED",
    ...SPENT,
  },
  { how: "it is canceled while it waits", cancel: "queued", status: "CANCELED", ...SPENT },
  {
    how: "it is canceled before the provider began",
    outside: (stubs) => stubs.script("dashscope", { match: DETECT, ...HANGS }),
    cancel: DETECT,
    status: "CANCELED",
    ...SPENT,
  },
  {
    how: "it is canceled while the provider works",
    outside: (stubs) => stubs.script("dashscope", { match: ASK, ...HANGS }),
    cancel: "/api/v1/tasks/",
    status: "CANCELED",
    ...SPENT,
  },
];

test.each(ENDINGS.map((ending) => [ending.how, ending] as const))(
  "what an emoji task costs when %s",
  (_how, ending) => expectBill(bed, EMOJI, ending),
);

test("where the terms say so, a task that failed or was canceled costs nothing", async () => {
  const { planDocument } = bed.world.nodes[0]!.parts;
  await bed.stopWorker();
  setTerms(true);
  await until(() => planDocument.current().emoji.refundOnFailure);
  for (const how of ["the provider refuses the picture", "it is canceled while it waits"]) {
    const ending = ENDINGS.find((one) => one.how === how)!;
    await expectBill(bed, EMOJI, { ...ending, ...GIVEN_BACK });
  }
});
