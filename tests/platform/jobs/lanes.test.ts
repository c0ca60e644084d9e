import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { ProviderError } from "../../../src/platform/resilience/provider-error.ts";
import { until } from "../../support/until.ts";
import { openWorkshop, type Workshop } from "../../support/workshop.ts";

let workshop: Workshop;
const begun: string[] = [];
const doors = new Map<string, PromiseWithResolvers<void>>();
const doorOf = (name: string) => {
  const door = doors.get(name) ?? Promise.withResolvers<void>();
  doors.set(name, door);
  return door;
};

beforeAll(async () => {
  workshop = await openWorkshop({
    run: async (job) => {
      const { name } = job.input as { name: string };
      begun.push(`${name}.${job.attempt}`);
      await doorOf(`${name}.${job.attempt}`).promise;
      await job.succeed(() => Promise.resolve());
    },
  });
  await workshop.work(8);
});
afterAll(() => workshop.close());

const start = (name: string, lane: string, seq: number, userId = "usr_lanes") =>
  workshop.unitOfWork.run((tx) =>
    workshop.jobs.start(tx, {
      id: workshop.jobs.newId("CRAFT"),
      userId,
      kind: "CRAFT",
      input: { name },
      lane: { name: lane, seq },
    }),
  );
const began = (name: string) => until(() => begun.includes(name));
const ended = (id: string) =>
  until(
    () => workshop.read(id),
    (job) => job.finishedAt !== null,
  );

test("jobs of a lane run one after the other, other lanes beside them", async () => {
  const a1 = await start("a1", "room-a", 1);
  const a2 = await start("a2", "room-a", 2);
  const b1 = await start("b1", "room-b", 1);
  await began("a1.1");
  await began("b1.1");
  expect(begun).not.toContain("a2.1");
  doorOf("a2.1").resolve();
  doorOf("a1.1").resolve();
  await ended(a2.id);
  expect((await workshop.read(a1.id)).status).toBe("SUCCEEDED");
  doorOf("b1.1").resolve();
  await ended(b1.id);
});

test("a job that waits for its next try is not overtaken; one that failed or was canceled lets the next go on", async () => {
  doorOf("c1.1").reject(
    new ProviderError({ provider: "p", outcome: "retryable", code: "X", message: "later" }),
  );
  doorOf("c1.2").reject(
    new ProviderError({ provider: "p", outcome: "refused_input", code: "Y", message: "never" }),
  );
  for (const [, door] of doors) door.promise.catch(() => undefined);
  const c1 = await start("c1", "room-c", 1);
  const c2 = await start("c2", "room-c", 2);
  const c3 = await start("c3", "room-c", 3);
  await workshop.jobs.cancel("usr_lanes", c2.id);
  expect((await ended(c1.id)).failureCode).toBe("Y");
  await began("c3.1");
  expect(begun.filter((name) => name.startsWith("c"))).toEqual(["c1.1", "c1.2", "c3.1"]);
  doorOf("c3.1").resolve();
  await ended(c3.id);
});

test("entering while the one before leaves: nobody is left behind", async () => {
  for (let round = 1; round <= 40; round += 1) {
    const name = `d${round}`;
    doorOf(`${name}.1`).resolve();
    await start(name, "room-d", round, `usr_${round % 5}`);
  }
  const left = async () =>
    workshop.database.query(
      "select id from ai_jobs where lane = 'room-d' and finished_at is null limit 1",
    );
  await until(left, (rows) => rows.length === 0);
  const order = begun.filter((name) => name.startsWith("d"));
  expect(order).toEqual(Array.from({ length: 40 }, (_, index) => `d${index + 1}.1`));
});

test("the search for stranded jobs leaves those alone that wait for their turn", async () => {
  const e1 = await start("e1", "room-e", 1);
  const e2 = await start("e2", "room-e", 2);
  await began("e1.1");
  await workshop.database.query(
    "update ai_jobs set queued_at = now() - interval '1 hour' where id = $1",
    [e2.id],
  );
  expect(await workshop.registry.rescueStranded()).toBe(0);
  doorOf("e2.1").resolve();
  doorOf("e1.1").resolve();
  await ended(e1.id);
  await ended(e2.id);
});
