import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { Behaviour } from "../support/stubs/index.ts";
import { until } from "../support/until.ts";
import { openStickerBed, runningTask, type StickerBed, type StickerJob } from "./sticker-bed.ts";

const CREATE = "/video-synthesis";
let bed: StickerBed;
beforeAll(async () => {
  bed = await openStickerBed();
});
beforeEach(() => bed.reset());
afterAll(() => bed.close());

const refusedCancel: Behaviour = {
  match: "/cancel",
  status: 400,
  body: { code: "UnsupportedOperation", message: "", request_id: "r" },
};
const creations = () => bed.asked(CREATE);
const polls = (job: StickerJob) => bed.asked(`GET /api/v1/tasks/${job.sessions.at(-1)?.taskId}`);

/** Begins a task that does not end at the provider, and a second one that waits for it. */
async function oneWorksOneWaits() {
  bed.stubs.script("dashscope", runningTask(), refusedCancel);
  const first = bed.detected("emj_1");
  const making = bed.make(first);
  making.catch(() => undefined);
  await until(() => first.sessions.at(-1)?.step === "CREATED" && polls(first) > 2);
  const other = bed.detected("emj_2");
  const second = bed.make(other);
  await until(async () => {
    const waiting = "select 1 from provider_turns where holder = 'emj_2'";
    return (await bed.database.query(waiting)).length > 0;
  });
  return { first, making, second, other };
}

/** Tells that somebody other than its own run looks after the task. */
const lookedAfter = (job: StickerJob) => {
  const before = polls(job);
  return until(() => polls(job) > before);
};

describe("while a task works at the provider, no second one is created", () => {
  test("though its job was canceled, until it has ended", async () => {
    const { first, making, second } = await oneWorksOneWaits();
    first.stop("CANCELED");
    await expect(making).rejects.toThrow();
    await until(() => bed.asked("/cancel") === 1);
    await lookedAfter(first);
    expect(creations()).toBe(1);
    bed.stubs.reset();
    await second;
    expect(creations()).toBe(1);
  });

  test("though its job ran out of attempts at asking", async () => {
    const { first, making, second } = await oneWorksOneWaits();
    bed.stubs.reset();
    bed.stubs.script("dashscope", { match: "GET /api/v1/tasks/", status: 503 }, runningTask());
    await expect(making).rejects.toMatchObject({ outcome: "retryable" });
    await lookedAfter(first);
    expect(creations()).toBe(0);
    const again = bed.make(first.again());
    bed.stubs.reset();
    await Promise.all([again, second]);
    expect(creations()).toBe(1);
  });

  test("though its worker handed it over, who goes on with it", async () => {
    const { first, making, second, other } = await oneWorksOneWaits();
    first.stop("SHUTDOWN");
    await expect(making).rejects.toThrow();
    const again = bed.make(first.again());
    await lookedAfter(first);
    expect([creations(), bed.asked("/cancel")]).toEqual([1, 0]);
    // An address of the picture does not hold for as long as a turn may be away.
    expect([first.addresses(), other.addresses()]).toEqual([1, 0]);
    bed.stubs.reset();
    await Promise.all([again, second]);
    expect([creations(), other.addresses()]).toEqual([1, 1]);
  });
});

test("a task that the provider had not begun is canceled with its job, and the next one goes on", async () => {
  bed.stubs.script("dashscope", { match: "GET /api/v1/tasks/", delayMs: 60_000 });
  const first = bed.detected("emj_1");
  const making = bed.make(first);
  making.catch(() => undefined);
  await until(() => polls(first) === 1);
  const second = bed.make(bed.detected("emj_2"));
  first.stop("DEADLINE");
  await second;
  expect([creations(), bed.asked("/cancel")]).toEqual([2, 1]);
  expect(polls(first)).toBe(1);
});
