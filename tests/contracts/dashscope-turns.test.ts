import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { Behaviour } from "../support/stubs/index.ts";
import { until } from "../support/until.ts";
import { openStickerBed, type StickerBed, type StickerJob } from "./sticker-bed.ts";

const CREATE = "/video-synthesis";
let bed: StickerBed;
beforeAll(async () => {
  bed = await openStickerBed();
});
beforeEach(() => bed.reset());
afterAll(() => bed.close());

const face = { face: [20, 20, 80, 80], around: [5, 5, 95, 95] };
/** A job whose face was found already. */
const detected = (jobId: string) => bed.job(JSON.stringify({ step: "DETECTED", ...face }), jobId);
const running = (times = 999): Behaviour => ({
  match: "GET /api/v1/tasks/",
  body: { request_id: "r", output: { task_id: "t", task_status: "RUNNING" } },
  times,
});
const refusedCancel: Behaviour = {
  match: "/cancel",
  status: 400,
  body: { code: "UnsupportedOperation", message: "", request_id: "r" },
};
const creations = () => bed.asked(CREATE);
const polls = (job: StickerJob) => bed.asked(`GET /api/v1/tasks/${job.sessions.at(-1)?.taskId}`);
const timesOf = (operation: string) =>
  bed.calls.filter((call) => call.operation === operation).map(({ atMs }) => atMs);

/** Begins a task that does not end at the provider, and a second one that waits for it. */
async function oneWorksOneWaits() {
  bed.stubs.script("dashscope", running(), refusedCancel);
  const first = detected("emj_1");
  const making = bed.make(first);
  making.catch(() => undefined);
  await until(() => first.sessions.at(-1)?.step === "CREATED" && polls(first) > 2);
  const other = detected("emj_2");
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

test("faces are looked for once a second, for however many people", async () => {
  const jobs = ["emj_1", "emj_2", "emj_3"].map((id) => bed.make(bed.job(null, id)));
  await Promise.all(jobs);
  const [first, second, third] = timesOf("detect") as [number, number, number];
  expect(second - first).toBeGreaterThanOrEqual(1_000);
  expect(third - second).toBeGreaterThanOrEqual(1_000);
});

test("one task at a time for the whole account", async () => {
  await Promise.all(["emj_1", "emj_2", "emj_3"].map((id) => bed.make(detected(id))));
  const steps = bed.stubs
    .requests("dashscope")
    .map(({ path }) => (path.includes(CREATE) ? "create" : path.split("/")[4]))
    .filter((what, index, all) => what !== undefined && what !== all[index - 1]);
  const tasks = steps.filter((step) => step !== "create");
  expect(new Set(tasks).size).toBe(3);
  expect(steps).toEqual(tasks.flatMap((task) => ["create", task]));
});

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
    bed.stubs.script("dashscope", { match: "GET /api/v1/tasks/", status: 503 }, running());
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
  const first = detected("emj_1");
  const making = bed.make(first);
  making.catch(() => undefined);
  await until(() => polls(first) === 1);
  const second = bed.make(detected("emj_2"));
  first.stop("DEADLINE");
  await second;
  expect([creations(), bed.asked("/cancel")]).toEqual([2, 1]);
  expect(polls(first)).toBe(1);
});

describe("a worker that died", () => {
  const left = (state: { work: string | null; keptFor: string; seen: string }) =>
    bed.database.query(
      `insert into provider_turns (provider, holder, granted_at, seen_at, kept_until, work)
       values ('dashscope', 'emj_0', now() - interval '4 hours', now() - $1::interval,
         now() + $2::interval, $3)`,
      [state.seen, state.keptFor, state.work],
    );

  test("leaves the turn to the next one once its task has ended", async () => {
    await left({ work: "task-dead", keptFor: "1 hour", seen: "31 seconds" });
    bed.stubs.script("dashscope", running(1), {
      match: "task-dead",
      body: { request_id: "r", output: { task_id: "task-dead", task_status: "FAILED" } },
    });
    await bed.make(detected("emj_1"));
    expect([bed.asked("task-dead"), creations()]).toEqual([2, 1]);
  });

  test.each([
    ["its task can work no longer", { work: "task-dead", keptFor: "-1 second", seen: "3 hours" }],
    [
      "the creation that it sent has had its time",
      { work: null, keptFor: "-1 second", seen: "31 seconds" },
    ],
  ])("leaves the turn to the next one once %s", async (_what, state) => {
    await left(state);
    await bed.make(detected("emj_1"));
    expect([bed.asked("task-dead"), creations()]).toEqual([0, 1]);
  });
});

test("after a creation whose answer was lost, the next one waits until its task may have ended", async () => {
  bed.stubs.script("dashscope", { match: CREATE, cut: "after" });
  const pollMs = 250;
  const lost = bed.make(detected("emj_1"), { pollMs });
  await expect(lost).rejects.toMatchObject({ code: "PROVIDER_ANSWER_LOST" });
  const again = bed.make(detected("emj_2"), { pollMs });
  await again;
  const [first, second] = timesOf("create") as [number, number];
  expect(second - first).toBeGreaterThanOrEqual(8 * pollMs);
});
