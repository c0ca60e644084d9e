import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { until } from "../../support/until.ts";
import { lampEvent, openWebhookBed, type LampEvent, type WebhookBed } from "./webhook-bed.ts";

const COPIES = 3;

let bed: WebhookBed;
beforeEach(async () => {
  bed = await openWebhookBed();
});
afterEach(() => bed.close());

function orders<T>(things: readonly T[]): T[][] {
  if (things.length < 2) return [[...things]];
  return things.flatMap((first) =>
    orders(things.filter((thing) => thing !== first)).map((rest) => [first, ...rest]),
  );
}

/** The life of a lamp in four events, in each of the 24 orders of arrival, for a lamp each. */
const lives = () =>
  orders([0, 1, 2, 3]).map((order) => {
    const { lamp } = lampEvent();
    const life = ["ON", "DIMMED", "BROKEN", "OFF"].map((state, index) =>
      lampEvent({ lamp, state, at: 1_700_000_000_000 + index * 1_000 }),
    );
    return { lamp, life, arrivals: order.map((index) => life[index]!) };
  });

const allSettled = () =>
  until(
    () => bed.rows(),
    (rows) => rows.every(({ status }) => status !== "RECEIVED"),
  );

async function deliverCopies(event: LampEvent): Promise<void> {
  const copies = Array.from({ length: COPIES }, (_, index) => bed.deliver(event, index % 2));
  for (const { status } of await Promise.all(copies)) expect(status).toBe(200);
}

test("events that wait are applied by their own time, in whichever order they came", async () => {
  const all = lives();
  await Promise.all(
    all.map(async ({ arrivals }) => {
      for (const event of arrivals) await deliverCopies(event);
    }),
  );
  await bed.work();
  const rows = await allSettled();
  expect(rows).toHaveLength(24 * 4);
  for (const { lamp, life } of all) {
    expect(await bed.lamp(lamp)).toEqual({ state: "OFF", applied: life.map(({ id }) => id) });
  }
});

test("events that are applied as they come never undo a newer one", async () => {
  await bed.work();
  const all = lives();
  await Promise.all(
    all.map(async ({ arrivals }) => {
      for (const event of arrivals) {
        await deliverCopies(event);
        await until(
          () => bed.row(event.id),
          (row) => row?.status !== "RECEIVED",
        );
      }
    }),
  );
  for (const { lamp, arrivals } of all) {
    const newest = arrivals.filter((event, index) =>
      arrivals.slice(0, index).every(({ at }) => at < event.at),
    );
    expect(await bed.lamp(lamp)).toEqual({ state: "OFF", applied: newest.map(({ id }) => id) });
  }
});

test("events of one subject are handed over one at a time, those of others meanwhile", async () => {
  const busy = new Set<string>();
  let most = 0;
  const seen: string[] = [];
  bed.before = async ({ subject }) => {
    expect(busy.has(subject)).toBe(false);
    busy.add(subject);
    most = Math.max(most, busy.size);
    seen.push(subject);
    await new Promise((resolve) => setImmediate(resolve));
    busy.delete(subject);
  };
  const lamps = Array.from({ length: 4 }, () => lampEvent().lamp);
  const events = lamps.flatMap((lamp) =>
    Array.from({ length: 10 }, (_, index) => lampEvent({ lamp, at: 1_700_000_000_000 + index })),
  );
  await Promise.all(events.map((event, index) => bed.deliver(event, index % 2)));
  await Promise.all([bed.work(), bed.work()]);
  const rows = await allSettled();
  expect(rows.filter(({ status }) => status === "APPLIED")).toHaveLength(40);
  expect(seen).toHaveLength(40);
  expect(most).toBeGreaterThan(1);
});
