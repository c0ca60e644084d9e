import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { until } from "../../support/until.ts";
import { lampEvent, openWebhookBed, type LampEvent, type WebhookBed } from "./webhook-bed.ts";

let bed: WebhookBed;
beforeAll(async () => {
  bed = await openWebhookBed();
  await bed.work();
});
beforeEach(() => {
  bed.before = () => undefined;
  bed.after = () => undefined;
  bed.retryAfterMs = 10;
});
afterAll(() => bed.close());

const settled = ({ id }: Pick<LampEvent, "id">) =>
  until(
    () => bed.row(id),
    (row) => row !== undefined && row.status !== "RECEIVED",
  );

test("an event that cannot be applied is tried eight times, parked, and can be replayed", async () => {
  const event = lampEvent();
  const next = lampEvent({ lamp: event.lamp, at: event.at + 1, state: "OFF" });
  const seen: number[] = [];
  bed.before = ({ eventId, attempts }) => {
    if (eventId !== event.id) return;
    seen.push(attempts);
    throw new Error("the fuse is gone");
  };
  await bed.deliver(event);
  await bed.deliver(next);
  expect(await settled(event)).toMatchObject({
    status: "FAILED",
    attempts: 8,
    last_error: "the fuse is gone",
  });
  expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(await settled(next)).toMatchObject({ status: "APPLIED" });
  bed.before = () => undefined;
  const { unitOfWork } = bed.workshop;
  const { id } = (await bed.row(event.id))!;
  expect(await unitOfWork.run((tx) => bed.inbox.replay(tx, id))).toBe(true);
  // What was overtaken in the meantime is still not allowed to win.
  expect(await settled(event)).toMatchObject({ status: "IGNORED", attempts: 1 });
  expect(await bed.lamp(event.lamp)).toMatchObject({ state: "OFF" });
});

test("a passing fault costs nothing: the event is applied once, in order", async () => {
  const event = lampEvent();
  const next = lampEvent({ lamp: event.lamp, at: event.at + 1, state: "OFF" });
  let faults = 2;
  bed.before = ({ eventId }) => {
    if (eventId === event.id && faults-- > 0) throw new Error("for a moment");
  };
  await bed.deliver(event);
  await bed.deliver(next);
  await settled(next);
  expect(await bed.row(event.id)).toMatchObject({ status: "APPLIED", attempts: 3 });
  expect(await bed.lamp(event.lamp)).toEqual({ state: "OFF", applied: [event.id, next.id] });
});

test("a handler that fails at its end leaves nothing behind", async () => {
  const event = lampEvent();
  let faults = 1;
  bed.after = ({ eventId }) => {
    if (eventId === event.id && faults-- > 0) throw new Error("too late");
  };
  await bed.deliver(event);
  expect(await settled(event)).toMatchObject({ status: "APPLIED", attempts: 2 });
  expect((await bed.lamp(event.lamp))?.applied).toEqual([event.id]);
});

test("events of a sender that nobody handles any more are parked", async () => {
  const { database, unitOfWork } = bed.workshop;
  const { id } = lampEvent();
  bed.retryAfterMs = 0;
  await database.query(
    `insert into webhook_events (id, provider, event_id, type, occurred_at, subject, payload, body_sha256, status)
     values ('whe_orphan', 'candles', $1, 'lit', now(), 'a', '{}', '', 'FAILED')`,
    [id],
  );
  expect(await unitOfWork.run((tx) => bed.inbox.replay(tx, "whe_orphan"))).toBe(true);
  expect(await settled({ id })).toMatchObject({
    status: "FAILED",
    attempts: 8,
    last_error: "Nobody handles webhooks of candles.",
  });
});

test("only what was parked or ignored can be replayed", async () => {
  const event = lampEvent();
  await bed.deliver(event);
  const row = await settled(event);
  const { unitOfWork } = bed.workshop;
  expect(await unitOfWork.run((tx) => bed.inbox.replay(tx, row!.id))).toBe(false);
  expect(await unitOfWork.run((tx) => bed.inbox.replay(tx, "whe_0000000000000"))).toBe(false);
  expect((await bed.lamp(event.lamp))?.applied).toEqual([event.id]);
});
