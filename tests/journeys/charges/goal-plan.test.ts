import { afterAll, beforeAll, test } from "@jest/globals";
import { openAiResponse } from "../../support/stubs/index.ts";
import { expectBill, openChargeBed, type ChargeBed, type Ending } from "./charge-bed.ts";
import { GOAL_PLAN } from "./products.ts";

let bed: ChargeBed;
beforeAll(async () => {
  bed = await openChargeBed();
}, 60_000);
afterAll(() => bed.stop());

const ASK = "/v1/responses";
const HANGS = { delayMs: 60_000 };
const REFUSAL = { status: 200, body: openAiResponse({ refusal: "No." }) };
const NONSENSE = { status: 200, body: openAiResponse({ text: "{" }) };

/** A plan of goals counts in the day when it is begun; one that failed does not, nor one canceled before the provider was asked. */
const ENDINGS: readonly Ending<{ analysisIsGone: boolean }>[] = [
  { how: "it succeeds", status: "SUCCEEDED", cost: 1 },
  {
    how: "the provider is back for the second attempt",
    outside: (stubs) => stubs.script("openai", { status: 500 }),
    status: "SUCCEEDED",
    cost: 1,
  },
  {
    how: "the provider refuses",
    outside: (stubs) => stubs.script("openai", REFUSAL),
    status: "FAILED",
    code: "PROVIDER_REJECTED",
    cost: 0,
  },
  {
    how: "the provider answers 500 until the attempts are used up",
    outside: (stubs) => stubs.script("openai", { status: 500, times: 99 }),
    status: "FAILED",
    code: "PROVIDER_UNAVAILABLE",
    cost: 0,
  },
  {
    how: "the provider answers nothing that can be read",
    outside: (stubs) => stubs.script("openai", NONSENSE),
    status: "FAILED",
    code: "PROVIDER_BAD_ANSWER",
    cost: 0,
  },
  {
    how: "the provider refuses the account",
    outside: (stubs) => stubs.script("openai", { status: 401 }),
    status: "FAILED",
    code: "PROVIDER_MISCONFIGURED",
    cost: 0,
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
    code: "ANALYSIS_GONE",
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
  "what a plan of goals counts when %s",
  (_how, ending) => expectBill(bed, GOAL_PLAN, ending),
);
