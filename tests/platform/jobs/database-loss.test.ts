import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import pg from "pg";
import type { RunningJob } from "../../../src/platform/jobs/job-kind.ts";
import { until } from "../../support/until.ts";
import { openWorkshop, type Workshop } from "../../support/workshop.ts";

let workshop: Workshop;
let admin: pg.Client;
const unhandled: unknown[] = [];
const note = (reason: unknown) => void unhandled.push(reason);

beforeAll(async () => {
  process.on("unhandledRejection", note);
  // The queue prints each lost connection.
  jest.spyOn(console, "trace").mockImplementation(() => undefined);
  workshop = await openWorkshop({ run: craft, maxAttempts: 10, deadlineMs: 60_000 });
  admin = new pg.Client({ connectionString: workshop.databaseUrl });
  await admin.connect();
  await workshop.database.query("create table trophies (job_id text primary key)");
  await workshop.work(6);
});
afterAll(async () => {
  await admin.end();
  await workshop.close();
  process.off("unhandledRejection", note);
});

async function craft(job: RunningJob<any>): Promise<void> {
  await job.enterStage("WORKING", 10);
  await new Promise((resolve) => setTimeout(resolve, job.input.workMs as number));
  await job.succeed(async (tx) => {
    await tx.query("insert into trophies (job_id) values ($1)", [job.id]);
  });
}

/** What a restart of PostgreSQL does to every connection. */
const cutAll = () =>
  admin.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid()`,
  );

const succeeded = async () =>
  Number(
    (await admin.query("select count(*) from ai_jobs where status = 'SUCCEEDED'")).rows[0].count,
  );

test("a worker whose connections are cut goes on by itself, and blames no job for it", async () => {
  const jobs = await Promise.all(
    Array.from({ length: 20 }, (_, index) => workshop.start(`usr_${index}`, { workMs: 300 })),
  );
  const recoveriesMs: number[] = [];
  for (let cut = 0; cut < 3; cut += 1) {
    await until(
      async () =>
        (await admin.query("select 1 from ai_jobs where status = 'RUNNING'")).rows.length > 0,
    );
    const before = await admin.query("select coalesce(max(started_at), now()) as at from ai_jobs");
    await cutAll();
    const cutMs = Date.now();
    await until(
      async () =>
        (
          await admin.query(
            "select 1 from job_workers where started_at > $1 union all select 1 from ai_jobs having bool_and(status = 'SUCCEEDED')",
            [before.rows[0].at],
          )
        ).rows.length > 0,
    );
    recoveriesMs.push(Date.now() - cutMs);
  }
  await until(succeeded, (count) => count === jobs.length, 20_000);
  const { rows } = await admin.query(
    `select (select count(*)::int from trophies) as trophies, sum(crashes)::int as crashes,
       sum(crash_blame) as blame from ai_jobs`,
  );
  expect(rows[0]).toEqual({ trophies: jobs.length, crashes: 0, blame: 0 });
  expect(Math.max(...recoveriesMs)).toBeLessThan(2_000);
  expect(unhandled).toEqual([]);
}, 40_000);

test("a job that waits without a place in the queue is queued again", async () => {
  const job = await workshop.start("usr_stranded", { workMs: 0, hold: true });
  await until(
    () => workshop.read(job.id),
    ({ status }) => status === "SUCCEEDED",
  );
  await admin.query(
    `update ai_jobs set status = 'QUEUED', finished_at = null, queued_at = now() - interval '1 hour'
     where id = $1`,
    [job.id],
  );
  await admin.query("delete from trophies where job_id = $1", [job.id]);
  expect(await workshop.registry.rescueStranded()).toBe(1);
  expect(await workshop.registry.rescueStranded()).toBe(0);
  await until(
    () => workshop.read(job.id),
    ({ status }) => status === "SUCCEEDED",
  );
});

test("a worker that was taken for dead completes nothing that is not its own any more", async () => {
  const job = await workshop.start("usr_expelled", { workMs: 1_500 });
  await until(
    () => workshop.read(job.id),
    ({ status }) => status === "RUNNING",
  );
  // What another worker does when this one is silent for too long.
  expect(await workshop.registry.takeOver("somebody else")).toBe(0);
  await admin.query("update job_workers set heartbeat_at = now() - interval '1 hour'");
  expect(await workshop.registry.takeOver("somebody else")).toBe(1);
  const ended = await until(
    () => workshop.read(job.id),
    ({ finishedAt }) => finishedAt !== null,
  );
  expect(ended).toMatchObject({ status: "SUCCEEDED", crashes: 0 });
  expect(unhandled).toEqual([]);
}, 20_000);
