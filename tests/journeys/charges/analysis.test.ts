import { afterAll, beforeAll, test } from "@jest/globals";
import {
  either,
  expectBill,
  expectTrueBooks,
  openChargeBed,
  type ChargeBed,
  type Ending,
} from "./charge-bed.ts";
import { ANALYSIS } from "./products.ts";

let bed: ChargeBed;
beforeAll(async () => {
  bed = await openChargeBed();
}, 60_000);
afterAll(async () => {
  await expectTrueBooks(bed.world);
  await bed.stop();
});

const SESSION = "/skin/v1/image";
const ASK = "/skin/v1/analysis";
const HANGS = { delayMs: 60_000 };

/** An analysis counts in the month when it is begun; one that failed does not, nor one canceled before the provider had work of it. */
const ENDINGS: readonly Ending[] = [
  { how: "it succeeds", status: "SUCCEEDED", cost: 1 },
  {
    how: "it succeeds without feedback, because that provider is down",
    outside: (stubs) => stubs.script("openai", { status: 500, times: 99 }),
    status: "SUCCEEDED",
    cost: 1,
  },
  {
    how: "the provider refuses the picture",
    outside: (stubs) =>
      stubs.script("orbo", {
        match: ASK,
        status: 400,
        body: { error: { message: "Face not detected" } },
      }),
    status: "FAILED",
    code: "NO_FACE",
    cost: 0,
  },
  {
    how: "the provider answers 500 until the attempts are used up",
    outside: (stubs) => stubs.script("orbo", { status: 500, times: 99 }),
    status: "FAILED",
    code: "PROVIDER_UNAVAILABLE",
    cost: 0,
  },
  {
    how: "the provider answers nothing that can be read until the attempts are used up",
    outside: (stubs) => stubs.script("orbo", { match: SESSION, body: "{", times: 99 }),
    status: "FAILED",
    // That of the breaker, if it is still open by then.
    code: either("PROVIDER_UNAVAILABLE", "PROVIDER_BAD_ANSWER"),
    cost: 0,
  },
  {
    how: "the provider refuses the account",
    outside: (stubs) => stubs.script("orbo", { match: SESSION, status: 401 }),
    status: "FAILED",
    code: "PROVIDER_MISCONFIGURED",
    cost: 0,
  },
  {
    how: "its time is over",
    outside: (stubs) => stubs.script("orbo", { match: ASK, ...HANGS }),
    deadlineMs: 700,
    status: "FAILED",
    code: "DEADLINE_EXCEEDED",
    cost: 0,
  },
  { how: "it is canceled while it waits", cancel: "queued", status: "CANCELED", cost: 0 },
  {
    how: "it is canceled before the provider began",
    outside: (stubs) => stubs.script("orbo", { match: SESSION, ...HANGS }),
    cancel: SESSION,
    status: "CANCELED",
    cost: 0,
  },
  {
    how: "it is canceled while the provider works",
    outside: (stubs) => stubs.script("orbo", { match: ASK, ...HANGS }),
    cancel: ASK,
    status: "CANCELED",
    cost: 1,
  },
];

test.each(ENDINGS.map((ending) => [ending.how, ending] as const))(
  "what an analysis counts when %s",
  (_how, ending) => expectBill(bed, ANALYSIS, ending),
);
