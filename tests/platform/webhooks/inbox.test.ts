import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { timestampedSignature } from "../../../src/platform/crypto/webhook-signatures.ts";
import { until } from "../../support/until.ts";
import {
  bodyOf,
  lampEvent,
  openWebhookBed,
  SECRET,
  type LampEvent,
  type WebhookBed,
} from "./webhook-bed.ts";

let bed: WebhookBed;
beforeAll(async () => {
  bed = await openWebhookBed();
  await bed.work();
});
afterAll(() => bed.close());

const signedAt = (body: Buffer, at: Date, secret = SECRET) => ({
  headers: { "lamp-signature": timestampedSignature(body, secret, at) },
});
const settled = (event: LampEvent) =>
  until(
    () => bed.row(event.id),
    (row) => row !== undefined && row.status !== "RECEIVED",
  );

test("an event is stored, answered with 200 and applied", async () => {
  const event = lampEvent({ state: "DIMMED" });
  const response = await bed.deliver(event);
  expect([response.status, await response.json()]).toEqual([200, { received: true }]);
  expect(await settled(event)).toMatchObject({ status: "APPLIED", attempts: 1, payload: event });
  expect(await bed.lamp(event.lamp)).toEqual({ state: "DIMMED", applied: [event.id] });
});

test("what is forged, old, future-dated, re-serialised or unsigned is refused and not stored", async () => {
  const before = (await bed.rows()).length;
  const body = bodyOf(lampEvent());
  const now = Date.now();
  const deliveries = {
    forged: signedAt(body, new Date(), "another secret"),
    old: signedAt(body, new Date(now - 302_000)),
    "future-dated": signedAt(body, new Date(now + 302_000)),
    reserialised: signedAt(
      Buffer.from(JSON.stringify(JSON.parse(body.toString()), null, 1)),
      new Date(),
    ),
    unsigned: { headers: {} },
  };
  for (const [name, options] of Object.entries(deliveries)) {
    const response = await bed.post(body, options);
    const { errors } = (await response.json()) as { errors: any[] };
    expect([name, response.status, errors[0].extensions.code]).toEqual([
      name,
      401,
      "INVALID_SIGNATURE",
    ]);
  }
  expect(await bed.post(Buffer.alloc(0), { headers: {} })).toHaveProperty("status", 401);
  expect(await bed.rows()).toHaveLength(before);
});

test("a body of up to 1 MB is taken, a larger one is refused and not stored", async () => {
  const event = lampEvent();
  const frame = bodyOf({ ...event, note: "" }).length;
  const note = "x".repeat(1024 * 1024 - frame);
  expect((await bed.post(bodyOf({ ...event, note }))).status).toBe(200);
  const other = lampEvent();
  expect((await bed.post(bodyOf({ ...other, note: `${note}xx` }))).status).toBe(413);
  expect(await bed.row(event.id)).toBeDefined();
  expect(await bed.row(other.id)).toBeUndefined();
});

test("an unknown sender is not found", async () => {
  expect((await bed.post(bodyOf(lampEvent()), { path: "/webhooks/candles" })).status).toBe(404);
  expect((await fetch(`${bed.urls[0]}/webhooks/lamps`)).status).toBe(404);
});

test("a genuine body that is no event is answered with 400 and not stored", async () => {
  const before = (await bed.rows()).length;
  const bodies = ["", "{", "null", "[]", '{"id":"","at":1,"lamp":"a"}', '{"id":"a","lamp":"a"}'];
  for (const text of [...bodies, Buffer.from([0x22, 0xff, 0x22])]) {
    expect((await bed.post(Buffer.from(text as string))).status).toBe(400);
  }
  expect(await bed.rows()).toHaveLength(before);
});

test("characters that PostgreSQL cannot keep do not stop an event", async () => {
  const event = lampEvent();
  const text = `${JSON.stringify(event).slice(0, -1)},"a\\u0000":"b\\ud800 \\ud83d\\ude00 \\\\u0000 \\n"}`;
  expect((await bed.post(Buffer.from(text))).status).toBe(200);
  expect((await settled(event))?.payload).toEqual({
    ...event,
    "a\ufffd": "b\ufffd \u{1f600} \\u0000 \n",
  });
});

test("each event is applied once, delivered 20 times at once to two nodes", async () => {
  const lamp = lampEvent().lamp;
  const events = Array.from({ length: 10 }, (_, index) =>
    lampEvent({ at: 1_700_000_000_000 + index, ...(index % 2 ? { lamp } : {}) }),
  );
  const deliveries = events.flatMap((event) =>
    Array.from({ length: 20 }, (_, index) => bed.deliver(event, index % 2)),
  );
  const statuses = (await Promise.all(deliveries)).map(({ status }) => status);
  expect(new Set(statuses)).toEqual(new Set([200]));
  for (const event of events) {
    const row = await settled(event);
    const { applied } = (await bed.lamp(event.lamp))!;
    const times = applied.filter((id) => id === event.id).length;
    expect([row?.attempts, times]).toEqual([1, row?.status === "APPLIED" ? 1 : 0]);
    expect((await bed.rows()).filter((other) => other.event_id === event.id)).toHaveLength(1);
  }
  expect((await bed.deliver(events[0]!)).status).toBe(200);
  expect(await bed.lamp(events[0]!.lamp)).toMatchObject({ applied: [events[0]!.id] });
});

test("whatever the order in which events arrive, the newest state stays", async () => {
  const lamp = lampEvent().lamp;
  const events = [3, 1, 4, 2].map((time) =>
    lampEvent({ lamp, at: 1_700_000_000_000 + time, state: `STATE_${time}` }),
  );
  for (const event of events) {
    await bed.deliver(event);
    await settled(event);
  }
  const statuses = await Promise.all(events.map(async ({ id }) => (await bed.row(id))?.status));
  expect(statuses).toEqual(["APPLIED", "IGNORED", "APPLIED", "IGNORED"]);
  expect(await bed.lamp(lamp)).toEqual({
    state: "STATE_4",
    applied: [events[0]!.id, events[2]!.id],
  });
});
