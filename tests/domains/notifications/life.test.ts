import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { paymentFailed, weeklyReward } from "../../../src/domains/billing/index.ts";
import type { TestClient } from "../../support/client.ts";
import { createWorld, type World } from "../../support/world.ts";
import { endJob, inboxOf, outboxOf, registerDevice, stored } from "./notification-bed.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld({ nodes: 1, workers: 0 });
});
afterAll(async () => {
  await world.stop();
});

const parts = () => world.nodes[0]!.parts;
const database = () => world.nodes[0]!.stores.database;
const tables = ["notifications", "notification_preferences", "push_tokens"];

/** Rows of a person in each table. */
async function rowsOf(person: TestClient): Promise<number[]> {
  const counts = tables.map(async (table) => {
    const rows = await database().query<{ count: number }>(
      `select count(*)::int as count from ${table} where user_id = $1`,
      [person.userId],
    );
    return rows[0]!.count;
  });
  return Promise.all(counts);
}

const wantNoPush = (person: TestClient, push: boolean) =>
  person.must(stored("UpdateNotificationPreferences"), {
    input: { preferences: [{ kind: "JOB_FAILED", push }] },
  });

test("billing tells of payments that failed, once a day, and of rewards, once a week", async () => {
  const person = await world.person();
  const { userId } = person;
  const { unitOfWork, events } = parts();
  for (let times = 0; times < 2; times += 1) {
    await unitOfWork.run(async (tx) => {
      await events.emit(tx, paymentFailed, { userId, subscriptionId: "sub_1", plan: "PRO" });
      await events.emit(tx, weeklyReward, { userId, points: 50, week: "2026-11-16" });
    });
  }
  const { nodes } = await inboxOf(person);
  expect(nodes.map(({ kind, title, body }) => [kind, title, body])).toEqual([
    ["WEEKLY_REWARD", "Your weekly reward is here", "50 points were added to your wallet."],
    [
      "PAYMENT_PROBLEM",
      "Your payment for PRO failed",
      "Check how you pay, so that your plan goes on.",
    ],
  ]);
});

test("what is told in a transaction that fails was never told", async () => {
  const person = await world.person();
  await registerDevice(person, "never");
  const { unitOfWork, events } = parts();
  const reward = { userId: person.userId, points: 1, week: "2026-11-16" };
  const failed = unitOfWork.run(async (tx) => {
    await events.emit(tx, weeklyReward, reward);
    throw new Error("power cut");
  });
  await expect(failed).rejects.toThrow("power cut");
  const { nodes, lastEventSeq } = await inboxOf(person);
  expect([nodes, lastEventSeq]).toEqual([[], 0]);
});

test("read ones go after 90 days, all after a year", async () => {
  const person = await world.person();
  for (const age of [89, 91, 364, 366]) {
    for (const read of ["now()", "null"]) {
      const id = await endJob(world, person);
      await database().query(
        `update notifications set read_at = ${read}, created_at = now() - make_interval(days => $2)
         where ref_id = $1`,
        [id, age],
      );
    }
  }
  const crons = parts().modules.flatMap((module) => module.crons ?? []);
  await crons.find(({ name }) => name === "remove_old_notifications")!.run();
  const { nodes } = await inboxOf(person);
  const left = nodes.map(({ createdAt, readAt }) => [
    Math.round((Date.now() - Date.parse(createdAt)) / 86_400_000),
    readAt !== null,
  ]);
  expect(left).toEqual([
    [364, false],
    [91, false],
    [89, false],
    [89, true],
  ]);
});

const personalData = () => parts().modules.flatMap((module) => module.personalData ?? []);
const own = () => personalData().find(({ name }) => name === "notifications")!;

test("a guest's notifications go over to an account, but what it was told itself", async () => {
  const [guest, account] = [await world.person(), await world.person()];
  const both = await endJob(world, guest);
  await endJob(world, account, { id: both });
  const moved = await endJob(world, guest);
  await registerDevice(guest, "guest-device");
  await wantNoPush(guest, false);
  await wantNoPush(account, true);
  const move = { fromUserId: guest.userId, toUserId: account.userId };
  const report = await parts().unitOfWork.run((tx) => own().merge(tx, move));
  expect(report).toEqual({ notifications: 1 });
  expect(await rowsOf(guest)).toEqual([0, 0, 0]);
  const { nodes, unread } = await inboxOf(account);
  expect([nodes.length, unread]).toEqual([2, 2]);
  expect(nodes[0].id > nodes[1].id).toBe(true);
  const { data } = await account.send(stored("MarkAllNotificationsRead"), {
    input: { upToId: nodes[0].id },
  });
  expect(data.markAllNotificationsRead.markedCount).toBe(2);
  expect(await outboxOf(world, moved)).toEqual({});
  const { viewer } = await account.must(stored("NotificationPreferences"));
  expect(viewer.notificationPreferences[1]).toEqual({ kind: "JOB_FAILED", push: true });
});

test("people get everything that is kept of them, and it is forgotten for good", async () => {
  const person = await world.person();
  const id = await endJob(world, person);
  await registerDevice(person, "secret-token", "IOS");
  await wantNoPush(person, false);
  const data = await own().export(person.userId);
  expect(data).toEqual({
    notifications: [expect.objectContaining({ kind: "JOB_SUCCEEDED", about: id, readAt: null })],
    preferences: [{ kind: "JOB_FAILED", push: false }],
    devices: [expect.objectContaining({ platform: "IOS" })],
  });
  expect(JSON.stringify(data)).not.toContain("secret-token");
  expect(await rowsOf(person)).toEqual([1, 1, 1]);
  await own().erase(person.userId);
  await own().erase(person.userId);
  expect(await rowsOf(person)).toEqual([0, 0, 0]);
});

test("registering while the session ends leaves no device behind", async () => {
  for (let round = 0; round < 8; round += 1) {
    const person = await world.person();
    await Promise.all([
      person.send(stored("RegisterPushToken"), {
        input: { token: `late-${round}`, platform: "ANDROID" },
      }),
      person.must(stored("Logout"), { input: {} }),
    ]);
    expect((await rowsOf(person))[2]).toBe(0);
  }
});
