import type { RunningJob } from "../../src/platform/jobs/job-kind.ts";
import { openWorkshop } from "./workshop.ts";

/**
 * A worker process of its own, to be killed: `craft-worker.ts <database url> <redis url> <node id>`.
 * Its jobs buy work from a provider (the table `provider_work`), store the provider's id, wait for the work and store one trophy.
 */
const [databaseUrl = "", redisUrl = "", nodeId = "2"] = process.argv.slice(2);
async function run(job: RunningJob<any>): Promise<void> {
  if (job.input.poison === true) process.kill(process.pid, "SIGKILL");
  await workshop.database.query(
    "insert into runs (job_id, attempt, at) values ($1, $2, clock_timestamp())",
    [job.id, job.attempt],
  );
  await job.enterStage("BUYING", 10);
  let work = job.providerSession;
  if (work === null) {
    const bought = await workshop.database.query<{ id: string }>(
      "insert into provider_work (job_id) values ($1) returning id::text",
      [job.id],
    );
    work = bought[0]!.id;
    await job.saveProviderSession(work);
    await workshop.database.query("update provider_work set stored = true where id = $1", [work]);
  }
  await job.enterStage("WAITING", 50);
  await new Promise((resolve) =>
    setTimeout(resolve, (job.input.workMs as number | undefined) ?? 100),
  );
  await job.succeed(async (tx) => {
    await tx.query("insert into trophies (job_id) values ($1)", [job.id]);
  });
}

const workshop = await openWorkshop(
  { run, deadlineMs: 120_000, maxAttempts: 10 },
  { databaseUrl, redisUrl, nodeId: Number(nodeId) },
);
await workshop.work(8);
process.send?.("ready");
process.on("disconnect", () => process.exit(0));
