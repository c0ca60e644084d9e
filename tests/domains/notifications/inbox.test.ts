import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { TestClient } from "../../support/client.ts";
import { createWorld, type World } from "../../support/world.ts";
import { endJob, inboxOf, next, stored } from "./notification-bed.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld({ workers: 0 });
});
afterAll(async () => {
  await world.stop();
});

const WATCH = stored("WatchNotifications");
const EVENTS = stored("ViewerEvents");
const MARK = stored("MarkNotificationRead");
const MARK_ALL = stored("MarkAllNotificationsRead");

const mark = (person: TestClient, id: string) => person.send(MARK, { input: { id } });
const markAll = (person: TestClient, upToId: string) =>
  person.send(MARK_ALL, { input: { upToId } });

test("the end of a job is told once, however often it is reported", async () => {
  const person = await world.person();
  const id = await endJob(world, person);
  await Promise.all([endJob(world, person, { id }), endJob(world, person, { id })]);
  const { unread, nodes } = await inboxOf(person);
  expect(unread).toBe(1);
  expect(nodes).toEqual([
    expect.objectContaining({
      kind: "JOB_SUCCEEDED",
      title: "Your skin analysis is ready",
      body: "Open it to see the result.",
      about: null,
      readAt: null,
    }),
  ]);
  expect(nodes[0].id).toMatch(/^ntf_/);
});

test("a failure says so; a canceled job and silent work say nothing", async () => {
  const person = await world.person();
  await endJob(world, person, { status: "FAILED", failureCanRetry: true });
  await endJob(world, person, { status: "CANCELED" });
  await endJob(world, person, { kind: "ACCOUNT_DELETION" });
  const { nodes } = await inboxOf(person);
  expect(nodes.map(({ kind, title }) => [kind, title])).toEqual([
    ["JOB_FAILED", "Your skin analysis did not work out"],
  ]);
});

test("texts are in the reader's language, also those that were told before", async () => {
  const person = await world.person();
  await endJob(world, person);
  await endJob(world, person, { kind: "HAIR_TRY_ON", status: "FAILED", failureCanRetry: false });
  await endJob(world, person, { kind: "SOMETHING_NEW" });
  const titles = async () => (await inboxOf(person)).nodes.map(({ title }) => title);
  expect(await titles()).toEqual([
    "Your task is ready",
    "Your hair try-on did not work out",
    "Your skin analysis is ready",
  ]);
  await person.must(stored("UpdateProfile"), { input: { language: "KH" } });
  const { nodes } = await inboxOf(await refreshed(person));
  expect(nodes).toHaveLength(3);
  for (const { title, body } of nodes) expect(title + body).toMatch(/^[\u1780-\u17ff ]+$/);
});

/** The person with a new access token: it carries the language. */
async function refreshed(person: TestClient): Promise<TestClient> {
  const { refreshToken } = person.session!;
  const answer = await person.must(stored("RefreshSession"), { input: { refreshToken } });
  const { session } = answer.refreshSession;
  return new TestClient(world.url, { ...person.session!, accessToken: session.accessToken });
}

test("what is told appears live on every screen, with the number of unread ones", async () => {
  const person = await world.person();
  const first = person.watch(WATCH, { after: 0 });
  const second = person.at(world.nodes[1]!.url).watch(WATCH, { after: 0 });
  const pending = Promise.all([next(first), next(second)]);
  await endJob(world, person);
  const [here, there] = await pending;
  expect(here).toMatchObject({
    unreadNotifications: 1,
    notification: { kind: "JOB_SUCCEEDED", title: "Your skin analysis is ready" },
  });
  expect(there).toEqual(here);
});

test("a screen that was away gets everything that it missed, once and in order", async () => {
  const person = await world.person();
  const { lastEventSeq } = await inboxOf(person);
  const ids = [];
  for (let index = 0; index < 5; index += 1) ids.push(await endJob(world, person));
  const frames = person.watch(WATCH, { after: lastEventSeq });
  const seen = [await next(frames), await next(frames), await next(frames)];
  const resumed = person.at(world.nodes[1]!.url).watch(WATCH, { after: seen[2].seq });
  seen.push(await next(resumed), await next(resumed));
  const list = (await inboxOf(person)).nodes.map(({ id }) => id).reverse();
  expect(seen.map(({ notification }) => notification.id)).toEqual(list);
  const pending = next(resumed);
  await endJob(world, person);
  expect((await pending).unreadNotifications).toBe(6);
});

test("the feed shows what is told and what is read", async () => {
  const person = await world.person();
  const events = person.at(world.nodes[1]!.url).watch(EVENTS, { after: 0 });
  const told = next(events);
  await endJob(world, person);
  const { notification, ...event } = await told;
  expect(event).toMatchObject({ seq: 1, unreadNotifications: 1 });
  const read = next(events);
  await mark(person, notification.id);
  expect(await read).toMatchObject({
    seq: 2,
    unreadNotifications: 0,
    notification: { id: notification.id, readAt: expect.any(String) },
  });
});

test("reading one leaves the others, and twice changes nothing", async () => {
  const person = await world.person();
  await endJob(world, person);
  await endJob(world, person);
  const [newest] = (await inboxOf(person)).nodes;
  const once = await mark(person, newest.id);
  const again = await mark(person, newest.id);
  expect(once.data.markNotificationRead).toMatchObject({
    notification: { id: newest.id, readAt: expect.any(String) },
    viewer: { unreadNotifications: 1 },
    problems: [],
  });
  expect(again.data).toEqual(once.data);
  const unread = await inboxOf(person, { unreadOnly: true });
  expect(unread.nodes).toHaveLength(1);
  expect(unread.nodes[0].id).not.toBe(newest.id);
});

test("marking all reads up to what was shown; newer ones stay unread", async () => {
  const person = await world.person();
  for (let index = 0; index < 3; index += 1) await endJob(world, person);
  const shown = (await inboxOf(person)).nodes;
  await endJob(world, person);
  const { data } = await markAll(person, shown[0].id);
  expect(data.markAllNotificationsRead).toEqual({
    markedCount: 3,
    viewer: { id: person.userId, unreadNotifications: 1 },
    problems: [],
  });
  const { nodes } = await inboxOf(person);
  expect(nodes.map(({ readAt }) => readAt === null)).toEqual([true, false, false, false]);
});

test("somebody else's notification is a missing one", async () => {
  const [owner, other] = [await world.person(), await world.person()];
  await endJob(world, owner);
  const { id } = (await inboxOf(owner)).nodes[0];
  const missing = id.slice(0, -4) + "ZZZZ";
  const told = async (ask: (id: string) => Promise<any>) => {
    const answers = [];
    for (const each of [id, missing]) {
      const { errors, data } = await ask(each);
      answers.push(errors ? [errors[0].message, errors[0].extensions.code] : data);
    }
    expect(answers[0]).toEqual(answers[1]);
    return answers[0];
  };
  expect(await told((each) => mark(other, each))).toEqual([expect.any(String), "NOT_FOUND"]);
  expect(await told((each) => markAll(other, each))).toEqual([expect.any(String), "NOT_FOUND"]);
  const NODE = "query ($id: ID!) { node(id: $id) { id } }";
  expect(await told((each) => other.send(NODE, { id: each }))).toEqual({ node: null });
  expect((await owner.must(NODE, { id })).node).toEqual({ id });
  expect((await inboxOf(owner)).unread).toBe(1);
  expect((await inboxOf(other)).nodes).toEqual([]);
});

test("a list of 50 costs as many statements as one of 1, and pages hold together", async () => {
  const person = await world.person();
  for (let index = 0; index < 50; index += 1) await endJob(world, person);
  const one = await statementsOf(person, "NotificationsOne", 1);
  const fifty = await statementsOf(person, "NotificationsFifty", 50);
  expect([one, fifty]).toEqual([6, 6]);
  const pages = [await inboxOf(person, { first: 20 })];
  while (pages.at(-1)!.pageInfo.hasNextPage) {
    pages.push(await inboxOf(person, { first: 20, after: pages.at(-1)!.pageInfo.endCursor }));
  }
  const all = pages.flatMap(({ nodes }) => nodes.map(({ id }) => id));
  expect(new Set(all).size).toBe(50);
  expect(all).toEqual((await inboxOf(person, { first: 50 })).nodes.map(({ id }) => id));
});

/** SQL statements of the list as the app asks for it, under a name of its own. */
async function statementsOf(person: TestClient, name: string, first: number): Promise<number> {
  await person.must(stored("Notifications").replace("query Notifications", `query ${name}`), {
    first,
  });
  const metrics = await (await fetch(`${world.url}/metrics`)).text();
  const line = new RegExp(`facet_operation_statements_sum{operation="${name}"} (\\d+)`);
  return Number(line.exec(metrics)?.[1]);
}

test("cursors of other lists and sizes out of range are refused", async () => {
  const person = await world.person();
  const bad = [{ first: 0 }, { first: 101 }, { after: "nonsense" }];
  for (const variables of bad) {
    const { errors } = await person.send(stored("Notifications"), variables);
    expect(errors?.[0]?.extensions.code).toBe("BAD_USER_INPUT");
  }
});
