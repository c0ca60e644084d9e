import { afterAll, beforeAll, test } from "@jest/globals";
import {
  expectBill,
  expectTrueBooks,
  openChargeBed,
  type ChargeBed,
  type Ending,
} from "./charge-bed.ts";
import { CHAT } from "./products.ts";

let bed: ChargeBed;
beforeAll(async () => {
  bed = await openChargeBed();
}, 60_000);
afterAll(async () => {
  await expectTrueBooks(bed.world);
  await bed.stop();
});

const STREAM = "/v1beta/models/";
/** The first words come, and then no more for long. */
const SLOW = { words: 50, paceMs: 1_000 };
const SILENT = { words: 3, firstMs: 60_000 };

/** A message counts in the day when it is sent; one that got no reply does not. */
const ENDINGS: readonly Ending<object>[] = [
  { how: "it is answered", status: "SUCCEEDED", cost: 1 },
  {
    how: "the first stream is cut and the second comes to its end",
    order: { words: 6, cutAfter: 3, times: 1 },
    status: "SUCCEEDED",
    cost: 1,
  },
  {
    how: "the provider holds the reply back",
    order: { words: 3, finish: "SAFETY" },
    status: "FAILED",
    code: "REPLY_BLOCKED",
    cost: 0,
  },
  {
    how: "the provider answers 500 until the attempts are used up",
    order: { status: 500 },
    status: "FAILED",
    code: "ASSISTANT_FAILED",
    cost: 0,
  },
  {
    how: "the provider answers 429 until the attempts are used up",
    order: { status: 429 },
    status: "FAILED",
    code: "ASSISTANT_BUSY",
    cost: 0,
  },
  {
    how: "every stream is cut",
    order: { words: 6, cutAfter: 3 },
    status: "FAILED",
    // That of the breaker, which is open by then.
    code: "PROVIDER_UNAVAILABLE",
    cost: 0,
  },
  {
    how: "its time is over",
    order: SILENT,
    deadlineMs: 400,
    status: "FAILED",
    code: "DEADLINE_EXCEEDED",
    cost: 0,
  },
  { how: "it is canceled while it waits", cancel: "queued", status: "CANCELED", cost: 0 },
  {
    how: "it is canceled before the first word",
    order: SILENT,
    cancel: STREAM,
    status: "CANCELED",
    cost: 0,
  },
  {
    how: "it is canceled after the first words",
    order: SLOW,
    cancel: STREAM,
    cancelWhen: "its text begins",
    status: "CANCELED",
    cost: 1,
  },
];

test.each(ENDINGS.map((ending) => [ending.how, ending] as const))(
  "what a chat message counts when %s",
  (_how, ending) => expectBill(bed, CHAT, ending),
);
