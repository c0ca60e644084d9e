import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { freshDatabase, storeUrls } from "./database.ts";
import { until } from "./until.ts";
import { openWorkshop, type Workshop } from "./workshop.ts";

/** What is left after workers were killed while they worked. */
export interface CrashReport {
  readonly jobs: number;
  readonly kills: number;
  readonly succeeded: number;
  readonly trophies: number;
  /** Failure codes of the jobs that did not succeed. */
  readonly failures: readonly string[];
  /** Jobs whose stored provider work was bought again. */
  readonly paidTwice: number;
  readonly interrupted: number;
  /** From the kill to the next run of an interrupted job, in milliseconds. */
  readonly takeoverMs: { readonly p50: number; readonly p95: number; readonly max: number };
}

export interface CrashOptions {
  readonly jobs: number;
  readonly kills: number;
  readonly workers: number;
  /** How long the work of a job takes at most. */
  readonly workMs: number;
  /** SIGKILL unless told; SIGSTOP makes the worker look like one behind a broken network. */
  readonly signal?: "SIGKILL" | "SIGSTOP";
}

/** Starts jobs, kills their workers with SIGKILL again and again, and counts what became of the jobs. */
export async function crashCourse(options: CrashOptions): Promise<CrashReport> {
  const database = await freshDatabase();
  const workshop = await openWorkshop(
    { run: () => Promise.resolve() },
    { databaseUrl: database.url },
  );
  const children: ChildProcess[] = [];
  const stopped: ChildProcess[] = [];
  try {
    await workshop.database.query(`create table runs (job_id text, attempt int, at timestamptz)`);
    await workshop.database.query(
      `create table provider_work (id bigint generated always as identity, job_id text, stored boolean not null default false)`,
    );
    await workshop.database.query("create table trophies (job_id text primary key)");
    for (let index = 0; index < options.workers; index += 1)
      children.push(await worker(database.url, index));
    const takeovers: number[] = [];
    const interruptions: { id: string; attempts: number; atMs: number }[] = [];
    for (let kill = 0; kill < options.kills; kill += 1) {
      await startJobs(workshop, Math.ceil(options.jobs / options.kills), options);
      const index = kill % children.length;
      await until(async () => (await runningJobs(workshop)).length > 0);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * options.workMs * 0.5));
      const before = await runningJobs(workshop);
      children[index]!.kill(options.signal ?? "SIGKILL");
      const atMs = Date.now();
      interruptions.push(...before.map((job) => ({ ...job, atMs })));
      stopped.push(children[index]!);
      children[index] = await worker(database.url, options.workers + kill);
    }
    await until(
      () =>
        workshop.database.query<{ open: string }>(
          "select count(*) as open from ai_jobs where finished_at is null",
        ),
      (rows) => rows[0]?.open === "0",
      120_000,
    );
    for (const { id, attempts, atMs } of interruptions) {
      const next = await workshop.database.query<{ at: Date }>(
        "select min(at) as at from runs where job_id = $1 and attempt > $2",
        [id, attempts],
      );
      if (next[0]?.at) takeovers.push(next[0].at.getTime() - atMs);
    }
    return await report(workshop, options, takeovers);
  } finally {
    for (const child of [...children, ...stopped]) child.kill("SIGKILL");
    await workshop.close();
    await database.drop();
  }
}

function startJobs(workshop: Workshop, count: number, { workMs }: CrashOptions) {
  const start = (_: unknown, index: number) =>
    workshop.start(`usr_${index % 100}`, { workMs: workMs * (0.2 + 0.8 * Math.random()) });
  return Promise.all(Array.from({ length: count }, start));
}

const runningJobs = (workshop: Workshop) =>
  workshop.database.query<{ id: string; attempts: number }>(
    "select id, attempts from ai_jobs where status = 'RUNNING'",
  );

/** Starts a worker process of the workshop. */
export function spawnCraftWorker(databaseUrl: string, nodeId: number): ChildProcess {
  const file = fileURLToPath(new URL("./craft-worker.ts", import.meta.url));
  return fork(file, [databaseUrl, storeUrls().redisUrl, String(nodeId)], {
    execArgv: ["--import", "tsx"],
    env: { ...process.env, NODE_OPTIONS: "" },
  });
}

function worker(databaseUrl: string, index: number): Promise<ChildProcess> {
  const child = spawnCraftWorker(databaseUrl, (index % 1000) + 2);
  return new Promise((resolve, reject) => {
    child.once("message", () => resolve(child));
    child.once("error", reject);
  });
}

async function report(
  workshop: Workshop,
  options: { jobs: number; kills: number },
  takeovers: number[],
): Promise<CrashReport> {
  const counts = await workshop.database.query<Record<"succeeded" | "trophies" | "twice", string>>(
    `select (select count(*) from ai_jobs where status = 'SUCCEEDED') as succeeded,
       (select count(*) from trophies) as trophies,
       (select count(*) from (select job_id from provider_work w group by job_id
          having count(*) > 1 and min(id) filter (where stored) < max(id)) t) as twice`,
  );
  const failed = await workshop.database.query<{ code: string }>(
    "select failure_code || ' after ' || crashes || ' crashes' as code from ai_jobs where status <> 'SUCCEEDED'",
  );
  const sorted = [...takeovers].sort((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return {
    jobs: options.jobs,
    kills: options.kills,
    succeeded: Number(counts[0]?.succeeded),
    trophies: Number(counts[0]?.trophies),
    failures: failed.map(({ code }) => code),
    paidTwice: Number(counts[0]?.twice),
    interrupted: takeovers.length,
    takeoverMs: { p50: at(0.5), p95: at(0.95), max: sorted.at(-1) ?? 0 },
  };
}
