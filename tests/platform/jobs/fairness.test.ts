import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { RunningJob } from "../../../src/platform/jobs/job-kind.ts";
import { until } from "../../support/until.ts";
import { openWorkshop, type Workshop } from "../../support/workshop.ts";

/** A run that goes on until the test lets it end. */
interface Begun {
  readonly id: string;
  readonly userId: string;
  readonly end: () => void;
}

const KINDS = ["CRAFT", "FORGE", "WEAVE", "CARVE"];
const PER_KIND = 2;
const CROWD = 500;
let workshop: Workshop;
let begun: Begun[];
/** Runs are not held up any more. */
let free: boolean;

async function run(job: RunningJob<any>): Promise<void> {
  await new Promise<void>((resolve) => {
    begun.push({ id: job.id, userId: job.userId, end: resolve });
    if (free) resolve();
  });
  await job.succeed(async () => {});
}

beforeEach(async () => {
  begun = [];
  free = false;
  workshop = await openWorkshop({ run, deadlineMs: 60_000 }, { kinds: KINDS.slice(1) });
});
afterEach(async () => {
  free = true;
  for (const { end } of begun) end();
  await workshop.close();
});

/** Queues jobs at once, of a user each unless told how many users there are. */
const queue = (count: number, kindAt: (index: number) => string, users = count) =>
  Promise.all(
    Array.from({ length: count }, (_, index) =>
      workshop.start(`usr_${index % users}`, {}, kindAt(index)),
    ),
  );

/** Queues jobs of one user: one after the other, as the lock on what pays for them lets the user's calls through. */
async function crowd(kindAt: (index: number) => string): Promise<void> {
  for (let index = 0; index < CROWD; index += 1) {
    await workshop.start("usr_eager", {}, kindAt(index));
  }
}
const kindOf = async (id: string) => (await workshop.read(id)).kind;

test("a first job waits for one place, however many jobs of one kind somebody else has queued", async () => {
  await crowd(() => "CRAFT");
  await workshop.work(PER_KIND);
  await until(() => begun.length === PER_KIND);
  const first = await workshop.start("usr_first");
  begun[0]!.end();
  await until(() => begun.length > PER_KIND);
  expect(begun[PER_KIND]).toMatchObject({ id: first.id });
});

test("a first job waits for one place of its kind, however many jobs of all kinds somebody else has queued", async () => {
  await crowd((index) => KINDS[index % KINDS.length]!);
  await workshop.work(PER_KIND);
  // Three places for each that a kind may take.
  await until(() => begun.length === 3 * PER_KIND);
  const kind = await kindOf(begun[0]!.id);
  const first = await workshop.start("usr_first", {}, kind);
  begun[0]!.end();
  await until(() => begun.length > 3 * PER_KIND);
  expect(begun[3 * PER_KIND]).toMatchObject({ id: first.id });
});

test("kinds that hang hold up nobody else's work, even where they waited before the worker came", async () => {
  await queue(40, () => "CRAFT");
  await queue(40, () => "FORGE");
  await workshop.work(PER_KIND);
  await until(() => begun.length === 2 * PER_KIND);
  const others = await queue(20, () => "WEAVE");
  for (let done = 0; done < others.length; done += 1) {
    await until(() => begun.length > 2 * PER_KIND + done);
    begun[2 * PER_KIND + done]!.end();
  }
  const hanging = await Promise.all(begun.slice(0, 2 * PER_KIND).map(({ id }) => kindOf(id)));
  expect(hanging.sort()).toEqual(["CRAFT", "CRAFT", "FORGE", "FORGE"]);
  await until(
    () => Promise.all(others.map(({ id }) => workshop.read(id))),
    (jobs) => jobs.every(({ status }) => status === "SUCCEEDED"),
  );
});

test("everything that waits is worked off in the end", async () => {
  const jobs = await queue(120, (index) => KINDS[index % 4]!, 3);
  free = true;
  await workshop.work(PER_KIND);
  await until(
    () => workshop.database.query("select 1 from ai_jobs where status <> 'SUCCEEDED'"),
    (left) => left.length === 0,
  );
  expect(new Set(begun.map(({ id }) => id)).size).toBe(jobs.length);
  expect(begun).toHaveLength(jobs.length);
});
