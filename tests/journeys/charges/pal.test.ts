import { afterAll, beforeAll, test } from "@jest/globals";
import { expectBill, openChargeBed, type ChargeBed, type Ending } from "./charge-bed.ts";
import { PAL } from "./products.ts";

let bed: ChargeBed;
beforeAll(async () => {
  bed = await openChargeBed();
}, 60_000);
afterAll(() => bed.stop());

const STREAM = "POST /v1/responses";
const SILENT = { words: 3, firstMs: 60_000 };

/** A question to Pal counts in the day when it is sent; one that got no reply does not. */
const ENDINGS: readonly Ending<object>[] = [
  { how: "it is answered", status: "SUCCEEDED", cost: 1 },
  {
    how: "the provider holds the reply back",
    order: { words: 3, finish: "content_filter" },
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
    order: { words: 50, paceMs: 1_000 },
    cancel: STREAM,
    cancelWhen: "its text begins",
    status: "CANCELED",
    cost: 1,
  },
];

test.each(ENDINGS.map((ending) => [ending.how, ending] as const))(
  "what a question to Pal counts when %s",
  (_how, ending) => expectBill(bed, PAL, ending),
);
