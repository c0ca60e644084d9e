import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Job } from "../../../src/platform/jobs/job.ts";
import type { RunningJob } from "../../../src/platform/jobs/job-kind.ts";
import { ProviderError } from "../../../src/platform/resilience/provider-error.ts";
import { until } from "../../support/until.ts";
import { openWorkshop, type Workshop } from "../../support/workshop.ts";

/** What the job of a test does, by the name in its input. */
const crafts = new Map<string, (job: RunningJob<{ craft: string }>) => Promise<void>>();
const givenBack: string[] = [];
const logged: string[] = [];
const MAX_ATTEMPTS = 2;
let workshop: Workshop;

beforeAll(async () => {
  workshop = await openWorkshop(
    {
      run: (job) => crafts.get(job.input.craft)!(job),
      onUnsuccessful: (_tx, job, outcome) => {
        givenBack.push(`${job.id}:${outcome}`);
        return Promise.resolve();
      },
      // Longer than the longest pause before a second try.
      deadlineMs: 3_000,
      maxAttempts: MAX_ATTEMPTS,
    },
    { onLog: (line) => void logged.push(line) },
  );
  await workshop.work(6);
});
afterAll(() => workshop.close());

const craft = (name: string, work: (job: RunningJob) => Promise<void>) => crafts.set(name, work);
const ended = (id: string) =>
  until(
    () => workshop.read(id),
    (job) => job.finishedAt !== null,
  );
const failing = (outcome: ProviderError["outcome"], code: string) =>
  new ProviderError({ provider: "test", outcome, code, message: "The provider said no." });

test("a job passes through its stages, and a watcher sees rising versions up to the end", async () => {
  craft("stages", async (job) => {
    await job.enterStage("FIRST", 10);
    await job.enterStage("SECOND", 50);
    await job.succeed(async () => {});
  });
  const job = await workshop.start("usr_stages", { craft: "stages" });
  const seen: Job[] = [];
  for await (const update of await workshop.jobs.watch("usr_stages", job.id, null))
    seen.push(update);
  expect(seen.at(-1)).toMatchObject({ status: "SUCCEEDED", progress: 100, attempts: 1 });
  const versions = seen.map(({ version }) => version);
  expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
});

test("the result and the final state commit together, or neither does", async () => {
  let tries = 0;
  craft("atomic", async (job) => {
    tries += 1;
    await job.succeed(async (tx) => {
      await tx.query("create table if not exists trophies (job_id text primary key)");
      await tx.query("insert into trophies values ($1)", [job.id]);
      if (tries === 1) throw new Error("power cut");
    });
  });
  const job = await workshop.start("usr_atomic", { craft: "atomic" });
  expect(await ended(job.id)).toMatchObject({ status: "SUCCEEDED", attempts: 2 });
  const rows = await workshop.database.query("select * from trophies where job_id = $1", [job.id]);
  expect(rows).toHaveLength(1);
});

test("a retryable fault is tried again, not before the provider allows it", async () => {
  const startedMs: number[] = [];
  craft("retry", async (job) => {
    startedMs.push(Date.now());
    if (job.attempt === 1) {
      throw new ProviderError({
        provider: "test",
        outcome: "retryable",
        code: "PROVIDER_BUSY",
        message: "Busy.",
        retryAfterMs: 300,
      });
    }
    await job.succeed(async () => {});
  });
  const job = await workshop.start("usr_retry", { craft: "retry" });
  const final = await ended(job.id);
  expect(startedMs[1]! - startedMs[0]!).toBeGreaterThanOrEqual(300);
  expect(final).toMatchObject({ status: "SUCCEEDED", attempts: 2 });
});

const shed = (retryAfterMs: number) =>
  new ProviderError({
    provider: "test",
    outcome: "retryable",
    code: "PROVIDER_UNAVAILABLE",
    message: "test is not available.",
    retryAfterMs,
    shed: true,
  });

/** Starts a job that has so much time left already. */
const startWithin = (seconds: number, name: string): Promise<Job> =>
  workshop.unitOfWork.run(async (tx) => {
    const id = workshop.jobs.newId("CRAFT");
    const job = { id, userId: `usr_${id}`, kind: "CRAFT", input: { craft: name } };
    const started = await workshop.jobs.start(tx, job);
    await tx.query(
      "update ai_jobs set deadline_at = now() + make_interval(secs => $2) where id = $1",
      [id, seconds],
    );
    return started;
  });

test("what never reached the provider is no try, and waits as long as it was asked to", async () => {
  const startedMs: number[] = [];
  craft("shed", async (job) => {
    startedMs.push(Date.now());
    if (startedMs.length <= MAX_ATTEMPTS) throw shed(600);
    await job.succeed(async () => {});
  });
  const job = await startWithin(20, "shed");
  const { createdAt } = job;
  expect(await ended(job.id)).toMatchObject({ status: "SUCCEEDED", attempts: 1, createdAt });
  expect(startedMs).toHaveLength(MAX_ATTEMPTS + 1);
  for (let index = 1; index < startedMs.length; index += 1)
    expect(startedMs[index]! - startedMs[index - 1]!).toBeGreaterThanOrEqual(600);
});

test("a job that is only ever refused on our side ends by its deadline", async () => {
  craft("always shed", () => Promise.reject(shed(0)));
  const job = await startWithin(1.5, "always shed");
  const final = await ended(job.id);
  expect(final).toMatchObject({ status: "FAILED", failureCanRetry: true });
  // Whichever is first: no time for another run, or a run that came too late.
  expect(["PROVIDER_UNAVAILABLE", "DEADLINE_EXCEEDED"]).toContain(final.failureCode);
  expect(final.finishedAt!.getTime() - final.deadlineAt!.getTime()).toBeLessThan(1_000);
  expect(givenBack).toContain(`${job.id}:FAILED`);
});

test("a run that would begin after the deadline does not begin", async () => {
  let ran = false;
  craft("too late", () => {
    ran = true;
    return Promise.reject(shed(0));
  });
  const job = await startWithin(-1, "too late");
  expect(await ended(job.id)).toMatchObject({
    status: "FAILED",
    failureCode: "DEADLINE_EXCEEDED",
  });
  expect(ran).toBe(false);
});

test("users are told a plain sentence, the log what the provider said", async () => {
  const exact = "acme answered with status 402.";
  craft("told", () =>
    Promise.reject(
      new ProviderError({
        provider: "acme",
        outcome: "misconfigured",
        code: "PROVIDER_MISCONFIGURED",
        message: exact,
        status: 402,
      }),
    ),
  );
  const job = await workshop.start("usr_told", { craft: "told" });
  const final = await ended(job.id);
  expect(final.failureMessage).toBe("This is not available at the moment.");
  const lines = logged.filter((line) => line.includes(job.id)).map((line) => JSON.parse(line));
  expect(lines).toContainEqual(
    expect.objectContaining({ level: 50, err: expect.objectContaining({ message: exact }) }),
  );
});

test.each([
  ["refused_input", "NO_FACE", false],
  ["misconfigured", "PROVIDER_MISCONFIGURED", false],
  ["unknown", "PROVIDER_ANSWER_LOST", true],
] as const)(
  "a fault of outcome %s fails at once and gives the charge back",
  async (outcome, code, canRetry) => {
    craft(code, () => Promise.reject(failing(outcome, code)));
    const job = await workshop.start(`usr_${code}`, { craft: code });
    expect(await ended(job.id)).toMatchObject({
      status: "FAILED",
      failureCode: code,
      failureCanRetry: canRetry,
      attempts: 1,
    });
    expect(givenBack).toContain(`${job.id}:FAILED`);
  },
);

test("a job whose failure forbids it is not tried again, and neither is one that goes on", async () => {
  let release: () => void = () => {};
  const gate = new Promise<void>((resolve) => (release = resolve));
  craft("hopeless", () => Promise.reject(failing("refused_input", "NO_FACE")));
  craft("unlucky", () => Promise.reject(failing("unknown", "PROVIDER_ANSWER_LOST")));
  craft("going on", async (job) => {
    await gate;
    await job.succeed(async () => {});
  });
  const again = (job: Job) => workshop.jobs.retry("usr_again", job.id, null);
  const refusal = { problem: { code: "JOB_NOT_RETRYABLE", path: ["input", "id"] } };
  const hopeless = await workshop.start("usr_again", { craft: "hopeless" });
  const failed = await ended(hopeless.id);
  await expect(again(hopeless)).rejects.toMatchObject(refusal);
  expect(await workshop.read(hopeless.id)).toEqual(failed);
  const running = await workshop.start("usr_again", { craft: "going on" });
  await expect(again(running)).rejects.toMatchObject(refusal);
  release();
  const unlucky = await workshop.start("usr_again", { craft: "unlucky" });
  await ended(unlucky.id);
  // The workshop's own answer to whoever is let through.
  await expect(again(unlucky)).rejects.toThrow("not needed");
});

test("a provider that never answers ends by the deadline, and its late result is ignored", async () => {
  let late: () => void = () => {};
  const lateResult = new Promise<void>((resolve) => (late = resolve));
  let rejected: unknown = null;
  craft("hung", async (job) => {
    await lateResult;
    await job.succeed(async () => {}).catch((error: unknown) => void (rejected = error));
  });
  const job = await startWithin(1, "hung");
  const final = await ended(job.id);
  expect(final).toMatchObject({ status: "FAILED", failureCode: "DEADLINE_EXCEEDED" });
  late();
  await until(() => rejected);
  expect(await workshop.read(job.id)).toEqual(final);
});

test("a waiting job is canceled at once and never runs", async () => {
  let ran = 0;
  let release: () => void = () => {};
  const gate = new Promise<void>((resolve) => (release = resolve));
  craft("gated", async (job) => {
    ran += 1;
    await gate;
    await job.succeed(async () => {});
  });
  const jobs: Job[] = [];
  for (let index = 0; index < 4; index += 1)
    jobs.push(await workshop.start("usr_gated", { craft: "gated" }));
  // Three of a user run at once; the fourth waits.
  await until(() => ran === 3);
  const waiting = jobs[3]!;
  expect(await workshop.jobs.cancel("usr_gated", waiting.id)).toMatchObject({ status: "CANCELED" });
  expect(givenBack).toContain(`${waiting.id}:CANCELED`);
  release();
  for (const job of jobs.slice(0, 3))
    expect(await ended(job.id)).toMatchObject({ status: "SUCCEEDED" });
  expect(ran).toBe(3);
});

test("a running job is canceled through its abort signal, within a second", async () => {
  let began = false;
  craft("cancel", async (job) => {
    began = true;
    await new Promise((_resolve, reject) =>
      job.signal.addEventListener("abort", () => reject(job.signal.reason as Error)),
    );
  });
  const job = await workshop.start("usr_cancel", { craft: "cancel" });
  await until(() => began);
  const askedMs = Date.now();
  await workshop.jobs.cancel("usr_cancel", job.id);
  expect(await ended(job.id)).toMatchObject({ status: "CANCELED" });
  expect(Date.now() - askedMs).toBeLessThan(1_000);
});

test("somebody else's job looks like no job", async () => {
  craft("private", (job) => job.succeed(async () => {}));
  const job = await workshop.start("usr_owner", { craft: "private" });
  await expect(workshop.jobs.cancel("usr_thief", job.id)).rejects.toMatchObject({
    extensions: { code: "NOT_FOUND" },
  });
  await expect(workshop.jobs.watch("usr_thief", job.id, null)).rejects.toMatchObject({
    extensions: { code: "NOT_FOUND" },
  });
  expect(await workshop.jobs.ownedBy("usr_thief", job.id)).toBeNull();
});

test("a rolled-back start leaves neither job nor queued work nor feed", async () => {
  const count = async () =>
    (
      await workshop.database.query<{ jobs: string; queued: string; feed: string }>(
        `select (select count(*) from ai_jobs where user_id = 'usr_cut') as jobs,
           (select count(*) from graphile_worker._private_job_queues
             where queue_name like 'usr_cut:%') as queued,
           (select count(*) from feed_events where user_id = 'usr_cut') as feed`,
      )
    )[0];
  const before = await count();
  await expect(
    workshop.unitOfWork.run(async (tx) => {
      const id = workshop.jobs.newId("CRAFT");
      await workshop.jobs.start(tx, { id, userId: "usr_cut", kind: "CRAFT", input: {} });
      throw new Error("power cut");
    }),
  ).rejects.toThrow("power cut");
  expect(await count()).toEqual(before);
});
