import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { openStickerBed, runningTask, type StickerBed } from "./sticker-bed.ts";

const CREATE = "/video-synthesis";
let bed: StickerBed;
beforeAll(async () => {
  bed = await openStickerBed();
});
beforeEach(() => bed.reset());
afterAll(() => bed.close());

test("faces are looked for once a second, for however many people", async () => {
  const jobs = ["emj_1", "emj_2", "emj_3"].map((id) => bed.make(bed.job(null, id)));
  await Promise.all(jobs);
  const [first, second, third] = bed.timesOf("detect") as [number, number, number];
  expect(second - first).toBeGreaterThanOrEqual(1_000);
  expect(third - second).toBeGreaterThanOrEqual(1_000);
});

test("one task at a time for the whole account", async () => {
  await Promise.all(["emj_1", "emj_2"].map((id) => bed.make(bed.detected(id))));
  const steps = bed.stubs
    .requests("dashscope")
    .map(({ path }) => (path.includes(CREATE) ? "create" : path.split("/")[4]))
    .filter((what, index, all) => what !== undefined && what !== all[index - 1]);
  const tasks = steps.filter((step) => step !== "create");
  expect(new Set(tasks).size).toBe(2);
  expect(steps).toEqual(tasks.flatMap((task) => ["create", task]));
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
    bed.stubs.script("dashscope", runningTask(1), {
      match: "task-dead",
      body: { request_id: "r", output: { task_id: "task-dead", task_status: "FAILED" } },
    });
    await bed.make(bed.detected("emj_1"));
    expect([bed.asked("task-dead"), bed.asked(CREATE)]).toEqual([2, 1]);
  });

  test.each([
    ["its task can work no longer", { work: "task-dead", keptFor: "-1 second", seen: "3 hours" }],
    [
      "the creation that it sent has had its time",
      { work: null, keptFor: "-1 second", seen: "31 seconds" },
    ],
  ])("leaves the turn to the next one once %s", async (_what, state) => {
    await left(state);
    await bed.make(bed.detected("emj_1"));
    expect([bed.asked("task-dead"), bed.asked(CREATE)]).toEqual([0, 1]);
  });
});

test("after a creation whose answer was lost, the next one waits until its task may have ended", async () => {
  bed.stubs.script("dashscope", { match: CREATE, cut: "after" });
  const pollMs = 250;
  const lost = bed.make(bed.detected("emj_1"), { pollMs });
  await expect(lost).rejects.toMatchObject({ code: "PROVIDER_ANSWER_LOST" });
  await bed.make(bed.detected("emj_2"), { pollMs });
  const [first, second] = bed.timesOf("create") as [number, number];
  expect(second - first).toBeGreaterThanOrEqual(8 * pollMs);
});
