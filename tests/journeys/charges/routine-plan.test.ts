import { afterAll, beforeAll, test } from "@jest/globals";
import { openAiResponse } from "../../support/stubs/index.ts";
import { expectBill, openChargeBed, type ChargeBed, type Ending } from "./charge-bed.ts";
import { ROUTINE_PLAN } from "./products.ts";

let bed: ChargeBed;
beforeAll(async () => {
  bed = await openChargeBed();
}, 60_000);
afterAll(() => bed.stop());

const ASK = "/v1/responses";
const HANGS = { delayMs: 60_000 };
const REFUSAL = { status: 200, body: openAiResponse({ refusal: "No." }) };
const NONSENSE = { status: 200, body: openAiResponse({ text: "{" }), times: 99 };

/** A routine counts like a plan of goals; it does not fail for want of words. */
const ENDINGS: readonly Ending<{ analysisIsGone: boolean }>[] = [
  { how: "it succeeds", status: "SUCCEEDED", cost: 1 },
  {
    how: "it succeeds in our own words, because the provider is down",
    outside: (stubs) => stubs.script("openai", { status: 500, times: 99 }),
    status: "SUCCEEDED",
    cost: 1,
  },
  {
    how: "it succeeds in our own words, because the provider refuses",
    outside: (stubs) => stubs.script("openai", REFUSAL),
    status: "SUCCEEDED",
    cost: 1,
  },
  {
    how: "it succeeds in our own words, because nothing that can be read is answered",
    outside: (stubs) => stubs.script("openai", NONSENSE),
    status: "SUCCEEDED",
    cost: 1,
  },
  { how: "it is canceled while it waits", cancel: "queued", status: "CANCELED", cost: 0 },
  {
    how: "it is canceled after the provider was asked",
    outside: (stubs) => stubs.script("openai", HANGS),
    cancel: ASK,
    status: "CANCELED",
    cost: 1,
  },
  {
    how: "its analysis is gone when its turn comes",
    order: { analysisIsGone: true },
    deadlineMs: 60_000,
    status: "FAILED",
    code: "ANALYSIS_NOT_READY",
    cost: 0,
  },
  {
    how: "its time is over",
    outside: (stubs) => stubs.script("openai", HANGS),
    deadlineMs: 700,
    status: "FAILED",
    code: "DEADLINE_EXCEEDED",
    cost: 0,
  },
];

test.each(ENDINGS.map((ending) => [ending.how, ending] as const))(
  "what a plan of a routine counts when %s",
  (_how, ending) => expectBill(bed, ROUTINE_PLAN, ending),
);
