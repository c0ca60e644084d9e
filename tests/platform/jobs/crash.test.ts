import { expect, test } from "@jest/globals";
import { crashCourse, spawnCraftWorker } from "../../support/crash-course.ts";
import { freshDatabase } from "../../support/database.ts";
import { until } from "../../support/until.ts";
import { openWorkshop } from "../../support/workshop.ts";

test("workers killed at work lose nothing, store nothing twice and pay for nothing twice", async () => {
  const report = await crashCourse({ jobs: 40, kills: 3, workers: 2, pauseMs: 250 });
  expect(report).toMatchObject({ succeeded: 40, trophies: 40, paidTwice: 0 });
  expect(report.interrupted).toBeGreaterThan(0);
  expect(report.takeoverMs.p95).toBeLessThan(2_500);
}, 60_000);

test("a job that kills its worker three times is quarantined, and others go on", async () => {
  const database = await freshDatabase();
  const workshop = await openWorkshop(
    { run: () => Promise.resolve() },
    { databaseUrl: database.url },
  );
  try {
    const poison = await workshop.start("usr_poison", { poison: true });
    for (let death = 1; death <= 3; death += 1) {
      const child = spawnCraftWorker(database.url, death + 1);
      await new Promise((resolve) => child.once("exit", resolve));
    }
    const rescuer = spawnCraftWorker(database.url, 9);
    const ended = await until(
      () => workshop.read(poison.id),
      (job) => job.finishedAt !== null,
    );
    expect(ended).toMatchObject({ status: "FAILED", failureCode: "WORKER_CRASHED", crashes: 3 });
    rescuer.kill("SIGKILL");
  } finally {
    await workshop.close();
    await database.drop();
  }
}, 60_000);
