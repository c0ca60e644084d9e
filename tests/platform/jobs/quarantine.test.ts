import type { ChildProcess } from "node:child_process";
import { expect, test } from "@jest/globals";
import { spawnCraftWorker } from "../../support/crash-course.ts";
import { freshDatabase } from "../../support/database.ts";
import { until } from "../../support/until.ts";
import { openWorkshop } from "../../support/workshop.ts";

const isDead = ({ signalCode }: ChildProcess): boolean => signalCode !== null;

test("a job that kills its worker three times is quarantined, and others go on", async () => {
  const database = await freshDatabase();
  const workshop = await openWorkshop(
    { run: () => Promise.resolve() },
    { databaseUrl: database.url },
  );
  let workers: ChildProcess[] = [];
  try {
    const poison = await workshop.start("usr_poison", { poison: true });
    workers = [2, 3, 4, 5].map((nodeId) => spawnCraftWorker(database.url, nodeId));
    const ended = await until(
      () => workshop.read(poison.id),
      (job) => job.finishedAt !== null,
    );
    expect(ended).toMatchObject({ status: "FAILED", failureCode: "WORKER_CRASHED", crashes: 3 });
    await until(() => workers.filter(isDead).length === 3);
  } finally {
    for (const worker of workers) worker.kill("SIGKILL");
    await workshop.close();
    await database.drop();
  }
}, 60_000);
