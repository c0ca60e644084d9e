import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { until } from "../../support/until.ts";
import { noting, openWorkshop, type Workshop } from "../../support/workshop.ts";

let workshop: Workshop;
let ran: string[];
beforeEach(async () => {
  ran = [];
  workshop = await openWorkshop(noting(ran));
});
afterEach(() => workshop.close());

const queues = async () =>
  (
    await workshop.database.query<{ name: string }>(
      "select queue_name as name from graphile_worker._private_job_queues order by 1",
    )
  ).map(({ name }) => name);
const succeeded = (id: string) =>
  until(
    () => workshop.read(id),
    ({ status }) => status === "SUCCEEDED",
  );

test("queues are forgotten once nothing waits in them", async () => {
  const worker = await workshop.work();
  const done = await workshop.start("usr_done");
  await succeeded(done.id);
  await worker.stop(1_000);
  const waiting = await workshop.start("usr_waiting");
  expect(await queues()).toEqual(["usr_done:CRAFT:0", "usr_waiting:CRAFT:0"]);
  expect(await workshop.registry.forgetIdleQueues()).toBe(1);
  expect(await queues()).toEqual(["usr_waiting:CRAFT:0"]);
  await workshop.work();
  await succeeded(waiting.id);
});

test("a queue that somebody is just adding to stays", async () => {
  const { unitOfWork, jobs, registry } = workshop;
  await workshop.work();
  const userId = "usr_back";
  await succeeded((await workshop.start(userId)).id);
  const added = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const id = jobs.newId("CRAFT");
  const adding = unitOfWork.run(async (tx) => {
    await jobs.start(tx, { id, userId, kind: "CRAFT", input: {} });
    added.resolve();
    await goOn.promise;
  });
  await added.promise;
  await expect(registry.forgetIdleQueues()).rejects.toThrow(/lock timeout/);
  goOn.resolve();
  await adding;
  await registry.forgetIdleQueues();
  await succeeded(id);
  expect(ran).toContain(id);
});
