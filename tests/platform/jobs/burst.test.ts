import { afterEach, beforeEach, expect, test } from "@jest/globals";
import pg from "pg";
import type { RunningJob } from "../../../src/platform/jobs/job-kind.ts";
import { until } from "../../support/until.ts";
import { openWorkshop, type Workshop } from "../../support/workshop.ts";

const PEOPLE = 60;
let workshop: Workshop;
let begun: (() => void)[];

beforeEach(async () => {
  begun = [];
  const run = async (job: RunningJob<any>): Promise<void> => {
    await new Promise<void>((resolve) => void begun.push(resolve));
    await job.succeed(async () => {});
  };
  workshop = await openWorkshop({ run, deadlineMs: 60_000 });
});
afterEach(async () => {
  for (const end of begun) end();
  await workshop.close();
});

/** How often the queue is asked for an entry while something happens, and by how many at the same time. */
async function asked(work: () => Promise<void>): Promise<{ times: number; most: number }> {
  const { query } = pg.Client.prototype;
  let [times, now, most] = [0, 0, 0];
  pg.Client.prototype.query = function (this: pg.Client, ...given: any[]): any {
    const sent = (query as (...all: any[]) => any).apply(this, given);
    if (String(given[0]?.name).startsWith("get_job")) {
      times += 1;
      most = Math.max(most, ++now);
      const over = () => void (now -= 1);
      void sent.then(over, over);
    }
    return sent;
  } as typeof query;
  try {
    await work();
  } finally {
    pg.Client.prototype.query = query;
  }
  return { times, most };
}

test("jobs of many people that come at once are all taken, and nobody asks the queue while another does", async () => {
  await workshop.work(PEOPLE);
  const { times, most } = await asked(async () => {
    await Promise.all(Array.from({ length: PEOPLE }, (_, index) => workshop.start(`usr_${index}`)));
    await until(() => begun.length === PEOPLE);
    for (const end of begun) end();
    await until(() => workshop.runs.length === PEOPLE);
  });
  expect(times).toBeGreaterThanOrEqual(PEOPLE);
  expect(most).toBe(1);
});
