import { expect, test } from "@jest/globals";
import { spawnCraftWorker } from "../../support/crash-course.ts";
import { freshDatabase } from "../../support/database.ts";
import { until } from "../../support/until.ts";
import { openWorkshop } from "../../support/workshop.ts";

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
