import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { until } from "../../support/until.ts";
import { noting, openWorkshop, type Workshop } from "../../support/workshop.ts";

const PLACES_PER_KIND = 8;
const WATCHED_MS = 3_000;
/** Twice a second for deaths of others and for what is due, and a heartbeat now and then. */
const MOST_STATEMENTS = 18;

const { query } = pg.Client.prototype;
let ran: string[];
let workshop: Workshop;
beforeEach(async () => {
  ran = [];
  workshop = await openWorkshop(noting(ran));
});
afterEach(async () => {
  pg.Client.prototype.query = query;
  await workshop.close();
});

test("a worker without work asks the database a few times a second, however many places it has", async () => {
  await workshop.work(PLACES_PER_KIND);
  const { id } = await workshop.start();
  await until(async () => (await workshop.read(id)).status === "SUCCEEDED");
  let statements = 0;
  pg.Client.prototype.query = function (this: pg.Client, ...statement: unknown[]) {
    statements += 1;
    return query.apply(this, statement as never);
  } as typeof query;
  await pause(WATCHED_MS);
  expect(statements).toBeLessThanOrEqual(MOST_STATEMENTS);
});

test("work that waits for its time is begun then, though nobody tells of it", async () => {
  const { id, userId, kind } = await workshop.start();
  await workshop.unitOfWork.run((tx) =>
    workshop.repository.enqueue(tx, { id, userId, kind }, 0, { delayMs: 1_500 }),
  );
  await workshop.work(PLACES_PER_KIND);
  expect(ran).toEqual([]);
  await until(() => ran.includes(id));
});
