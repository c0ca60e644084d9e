import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import type { TestClient } from "../../support/client.ts";
import { FCM_DEVICES, startStubs, type Stubs } from "../../support/stubs/index.ts";
import { until } from "../../support/until.ts";
import { createWorld, type World } from "../../support/world.ts";
import { endJob, inboxOf, outboxOf, registerDevice, stored } from "./notification-bed.ts";

let world: World;
let stubs: Stubs;
beforeAll(async () => {
  stubs = await startStubs();
  world = await createWorld({
    nodes: 1,
    env: {
      PUSH_MODE: "live",
      FCM_BASE_URL: `${stubs.url}/fcm`,
      FCM_SERVICE_ACCOUNT: stubs.fcm.serviceAccount,
    },
  });
});
beforeEach(() => stubs.reset());
afterEach(() => stubs.reset());
afterAll(async () => {
  await world.stop();
  await stubs.close();
});

let devices = 0;
const newToken = () => `device-${(devices += 1)}`;

/** Messages that the stub was asked to deliver. */
const asked = (token: string): any[] =>
  stubs
    .requests("fcm")
    .map(({ json }) => json?.message)
    .filter((message) => message?.token === token);

/** Ends a job and waits until all its pushes have an outcome. */
async function push(person: TestClient, change: Parameters<typeof endJob>[2] = {}) {
  const id = await endJob(world, person, change);
  const done = (states: Record<string, string>) =>
    Object.values(states).every((state) => !/^(WAITING|SENDING)/.test(state));
  return { id, states: await until(() => outboxOf(world, id), done) };
}

const tokensOf = async (person: TestClient): Promise<string[]> => {
  const rows = await world.nodes[0]!.stores.database.query<{ token: string }>(
    "select token from push_tokens where user_id = $1 order by id",
    [person.userId],
  );
  return rows.map(({ token }) => token);
};

test("each device gets one message, in the user's language, with ids only", async () => {
  const person = await world.person();
  const [phone, browser] = [newToken(), newToken()];
  expect((await registerDevice(person, phone)).registration.platform).toBe("ANDROID");
  await registerDevice(person, browser, "WEB");
  await person.must(stored("UpdateProfile"), { input: { language: "KH" } });
  const { id, states } = await push(person);
  expect(states).toEqual({ [phone]: "SENT", [browser]: "SENT" });
  const [notification] = (await inboxOf(person)).nodes;
  expect(asked(phone)).toEqual([
    expect.objectContaining({
      notification: { title: "ការវិភាគស្បែករបស់អ្នករួចរាល់ហើយ", body: "សូមបើកមើលលទ្ធផល។" },
      data: { kind: "JOB_SUCCEEDED", notificationId: notification.id, aboutId: id },
    }),
  ]);
  expect(asked(browser)).toHaveLength(1);
});

test("a dead device is forgotten, and the others get theirs", async () => {
  const person = await world.person();
  const alive = newToken();
  for (const token of [...Object.values(FCM_DEVICES), alive]) await registerDevice(person, token);
  const { states } = await push(person);
  expect(states).toEqual({ [alive]: "SENT" });
  expect(await tokensOf(person)).toEqual([alive]);
});

test("a refusal that passes is tried again when it asks for it; nobody else is told twice", async () => {
  const person = await world.person();
  const [first, second] = [newToken(), newToken()];
  await registerDevice(person, first);
  await registerDevice(person, second);
  const busy = { match: "messages:send", status: 503, headers: { "retry-after-ms": "20" } };
  stubs.script("fcm", { ...busy }, { ...busy, status: 429 });
  const { states } = await push(person);
  expect(states).toEqual({ [first]: "SENT", [second]: "SENT" });
  expect(asked(first).length + asked(second).length).toBe(4);
});

test("a message that may have arrived is not sent again", async () => {
  const person = await world.person();
  const token = newToken();
  await registerDevice(person, token);
  stubs.script("fcm", { match: "messages:send", cut: "after" });
  const { states } = await push(person);
  expect(states).toEqual({ [token]: "FAILED:PROVIDER_ANSWER_LOST" });
  expect(asked(token)).toHaveLength(1);
});

test("what a worker was sending when it died is not sent again", async () => {
  const person = await world.person();
  const token = newToken();
  await registerDevice(person, token);
  const { id } = await push(person);
  const { database } = world.nodes[0]!.stores;
  const ofJob = "notification_id = (select id from notifications where ref_id = $1)";
  await database.query(`update push_outbox set state = 'SENDING' where ${ofJob}`, [id]);
  const { modules } = world.nodes[0]!.parts;
  const task = modules
    .flatMap(({ tasks = [] }) => tasks)
    .find(({ name }) => name === "send_pushes");
  const [{ id: notificationId }] = (await inboxOf(person)).nodes as [any];
  await task!.run({ notificationId });
  expect(asked(token)).toHaveLength(1);
  expect(await outboxOf(world, id)).toEqual({ [token]: "SENDING" });
});

test("kinds that the user does not want pushed are stored only", async () => {
  const person = await world.person();
  const token = newToken();
  await registerDevice(person, token);
  const UPDATE = stored("UpdateNotificationPreferences");
  const preferences = [{ kind: "JOB_FAILED", push: false }];
  const { updateNotificationPreferences } = await person.must(UPDATE, { input: { preferences } });
  expect(updateNotificationPreferences.viewer.notificationPreferences).toEqual([
    { kind: "JOB_SUCCEEDED", push: true },
    { kind: "JOB_FAILED", push: false },
    { kind: "PAYMENT_PROBLEM", push: true },
    { kind: "WEEKLY_REWARD", push: true },
    { kind: "GOAL_MILESTONE", push: true },
    { kind: "ACHIEVEMENT_UNLOCKED", push: true },
  ]);
  expect((await push(person, { status: "FAILED" })).states).toEqual({});
  expect((await push(person)).states).toEqual({ [token]: "SENT" });
  expect((await inboxOf(person)).unread).toBe(2);
  const twice = [...preferences, { kind: "JOB_FAILED", push: true }];
  const refused = await person.must(UPDATE, { input: { preferences: twice } });
  expect(refused.updateNotificationPreferences.problems[0].code).toBe("INVALID_INPUT");
  const unknown = [{ kind: "GOSSIP", push: true }];
  expect((await person.send(UPDATE, { input: { preferences: unknown } })).status).toBe(400);
});

test("a device follows who registered it last, and ends with the session", async () => {
  const [first, second] = [await world.person(), await world.person()];
  const token = newToken();
  await registerDevice(first, token);
  await registerDevice(second, token);
  expect((await push(first)).states).toEqual({});
  expect(await tokensOf(first)).toEqual([]);
  expect((await push(second)).states).toEqual({ [token]: "SENT" });
  await second.must(stored("Logout"), { input: {} });
  expect(await tokensOf(second)).toEqual([]);
  const late = await second.send(stored("RegisterPushToken"), {
    input: { token, platform: "IOS" },
  });
  expect(late.errors?.[0]?.extensions.code).toBe("UNAUTHENTICATED");
});

test("a device can be removed by its owner alone", async () => {
  const [owner, other] = [await world.person(), await world.person()];
  const token = newToken();
  await registerDevice(owner, token);
  const remove = async (person: TestClient, which = token) =>
    (await person.must(stored("RemovePushToken"), { input: { token: which } })).removePushToken
      .removed;
  expect([await remove(other), await remove(other, "missing")]).toEqual([false, false]);
  expect([await remove(owner), await remove(owner)]).toEqual([true, false]);
});

test("a user has 20 devices, the oldest go; tokens are short and plain", async () => {
  const person = await world.person();
  const tokens = Array.from({ length: 25 }, newToken);
  for (const token of tokens) await registerDevice(person, token);
  expect(await tokensOf(person)).toEqual(tokens.slice(5));
  for (const token of ["", "x".repeat(1_025), "two words", "ខ្មែរ"]) {
    const { problems } = await registerDevice(person, token);
    expect(problems).toEqual([expect.objectContaining({ code: "INVALID_INPUT" })]);
  }
  await Promise.all(Array.from({ length: 12 }, () => registerDevice(person, newToken())));
  expect(await tokensOf(person)).toHaveLength(20);
});

test("what was read before it could be pushed is not pushed", async () => {
  const person = await world.person();
  const token = newToken();
  await registerDevice(person, token);
  stubs.script("fcm", {
    match: "messages:send",
    status: 503,
    headers: { "retry-after-ms": "1500" },
  });
  const id = await endJob(world, person);
  await until(() => asked(token).length === 1);
  const [{ id: notificationId }] = (await inboxOf(person)).nodes as [any];
  await person.must(stored("MarkNotificationRead"), { input: { id: notificationId } });
  const states = await until(
    () => outboxOf(world, id),
    (each) => each[token] !== undefined && !/^(WAITING|SENDING)/.test(each[token]),
  );
  expect(states).toEqual({ [token]: "SKIPPED:READ" });
  expect(asked(token)).toHaveLength(1);
});

// The last one: it opens the circuit breaker.
test("five refusals end it", async () => {
  const person = await world.person();
  const token = newToken();
  await registerDevice(person, token);
  // The breaker counts failures in a row.
  await push(person);
  const busy = { match: "messages:send", status: 503, headers: { "retry-after-ms": "1" } };
  stubs.script("fcm", { ...busy, times: 9 });
  const { states } = await push(person);
  expect(states).toEqual({ [token]: "FAILED:PROVIDER_UNAVAILABLE" });
  expect(asked(token)).toHaveLength(6);
});
