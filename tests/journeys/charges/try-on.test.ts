import { afterAll, beforeAll, test } from "@jest/globals";
import {
  either,
  expectBill,
  expectTrueBooks,
  openChargeBed,
  type ChargeBed,
  type Ending,
} from "./charge-bed.ts";
import { TRY_ON } from "./products.ts";

let bed: ChargeBed;
beforeAll(async () => {
  bed = await openChargeBed();
}, 60_000);
afterAll(async () => {
  await expectTrueBooks(bed.world);
  await bed.stop();
});

const CREATE = "POST /v1/models/";
const ASK = "GET /v1/predictions/";
const HANGS = { delayMs: 60_000 };
const REFUSED = { status: "failed", error: "The input was flagged as sensitive (E005)" };
const BOTH = { cost: 2, entries: ["CAPTURE -2"] };
const ONE = { cost: 1, entries: ["CAPTURE -1"] };
const NOTHING = { cost: 0, entries: [] };

/** A credit for each of the two views is set aside; those of the views that came are spent, the others are free again. */
const ENDINGS: readonly Ending<readonly string[]>[] = [
  { how: "both views come", status: "SUCCEEDED", ...BOTH },
  {
    how: "the provider refuses one of two views",
    outside: ({ replicate }) => replicate.outcome("BACK", REFUSED),
    status: "SUCCEEDED",
    ...ONE,
  },
  {
    how: "the provider refuses both views",
    outside: ({ replicate }) =>
      ["FRONT", "BACK"].forEach((view) => replicate.outcome(view, REFUSED)),
    status: "FAILED",
    code: "CONTENT_REFUSED",
    ...NOTHING,
  },
  {
    how: "the provider answers 500 until the attempts are used up",
    outside: (stubs) => stubs.script("replicate", { match: CREATE, status: 500, times: 99 }),
    status: "FAILED",
    code: "PROVIDER_UNAVAILABLE",
    ...NOTHING,
  },
  {
    how: "the provider answers 429 until the attempts are used up",
    outside: (stubs) => stubs.script("replicate", { match: CREATE, status: 429, times: 99 }),
    status: "FAILED",
    // That of the breaker, if it is still open by then.
    code: either("PROVIDER_UNAVAILABLE", "PROVIDER_RATE_LIMITED"),
    ...NOTHING,
  },
  {
    how: "the provider refuses the account",
    outside: (stubs) => stubs.script("replicate", { match: CREATE, status: 402, times: 2 }),
    status: "FAILED",
    code: "PROVIDER_MISCONFIGURED",
    ...NOTHING,
  },
  {
    how: "the answer to a creation is lost, and the run is found",
    outside: (stubs) => stubs.script("replicate", { match: CREATE, cut: "after" }),
    status: "SUCCEEDED",
    ...BOTH,
  },
  {
    how: "the answer to a creation is lost, and nothing is found",
    outside: (stubs) => stubs.script("replicate", { match: CREATE, cut: "before" }),
    status: "SUCCEEDED",
    ...ONE,
  },
  {
    how: "its time is over before a view came",
    outside: (stubs) => stubs.script("replicate", { match: ASK, times: 2, ...HANGS }),
    deadlineMs: 700,
    status: "FAILED",
    code: "DEADLINE_EXCEEDED",
    ...NOTHING,
  },
  {
    how: "its time is over after one of two views",
    outside: ({ replicate }) => replicate.outcome("BACK", { status: "processing" }),
    deadlineMs: 1_200,
    status: "FAILED",
    code: "DEADLINE_EXCEEDED",
    ...ONE,
  },
  { how: "it is canceled while it waits", cancel: "queued", status: "CANCELED", ...NOTHING },
  {
    how: "it is canceled before the provider began",
    outside: (stubs) => stubs.script("replicate", { match: CREATE, times: 2, delayMs: 300 }),
    cancel: CREATE,
    status: "CANCELED",
    ...NOTHING,
  },
  {
    how: "it is canceled while the provider works",
    outside: (stubs) => stubs.script("replicate", { match: ASK, times: 2, ...HANGS }),
    cancel: ASK,
    status: "CANCELED",
    ...NOTHING,
  },
  {
    how: "it is canceled after one of two views",
    outside: ({ replicate }) => replicate.outcome("BACK", { status: "processing" }),
    cancel: "/delivery/",
    cancelWhen: "a view is there",
    status: "CANCELED",
    ...ONE,
  },
];

test.each(ENDINGS.map((ending) => [ending.how, ending] as const))(
  "what a try-on costs when %s",
  (_how, ending) => expectBill(bed, TRY_ON, ending),
);
