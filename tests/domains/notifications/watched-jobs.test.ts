import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Client } from "graphql-ws";
import { WATCH } from "../../support/analyses.ts";
import type { TestClient } from "../../support/client.ts";
import { storeUrls } from "../../support/database.ts";
import { Gate } from "../../support/gate.ts";
import { until } from "../../support/until.ts";
import { createWorld, type World } from "../../support/world.ts";
import { inboxOf, next, outboxOf, pushesOf, registerDevice } from "./notification-bed.ts";

let world: World;
let gate: Gate;
beforeAll(async () => {
  const { redisUrl } = storeUrls();
  gate = await Gate.before(redisUrl);
  world = await createWorld({ nodes: 2, redisUrl: gate.urlOf(redisUrl) });
});
afterAll(async () => {
  await world.stop();
  await gate.close();
});

/** Somebody with a device, and a job of theirs that nobody works on. */
async function somebody(
  kind = "SKIN_ANALYSIS",
): Promise<{ person: TestClient; token: string; id: string }> {
  const person = await world.person();
  const token = randomUUID();
  await registerDevice(person, token);
  const { unitOfWork, jobs, jobRepository } = world.nodes[0]!.parts;
  const id = jobs.newId(kind);
  const job = { id, userId: person.userId, kind, input: {} };
  await unitOfWork.run((tx) =>
    jobRepository.insert(tx, { ...job, retryOf: null, lane: null, isDue: false }),
  );
  return { person, token, id };
}

/** Ends the job at the second node, and tells what became of its pushes. */
async function end(id: string): Promise<Record<string, string>> {
  const { unitOfWork, jobs, jobRepository } = world.nodes[1]!.parts;
  await unitOfWork.run(async (tx) => {
    const ended = await jobRepository.finish(tx, id, { status: "SUCCEEDED", from: ["QUEUED"] });
    await jobs.ended(tx, ended!);
  });
  return until(
    () => outboxOf(world, id),
    (states) => Object.values(states).every((state) => !/^(WAITING|SENDING)/.test(state)),
  );
}

/** Opens a screen that watches a job; resolves once it shows it. */
async function open(person: TestClient, id: string, node = 0) {
  const socket: Client = person.at(world.nodes[node]!.url).socket();
  const frames = socket.iterate({ query: WATCH, variables: { id } });
  await next(frames);
  return { socket, frames };
}

const isWatched = (id: string) => world.workers[0]!.parts.jobWatchers.isWatched(id);

test("who watches a job to its end gets no push, but finds it in the list", async () => {
  const { person, token, id } = await somebody();
  const { frames } = await open(person, id);
  expect(await end(id)).toEqual({ [token]: "SKIPPED:WATCHED" });
  expect((await next(frames)).job).toMatchObject({ status: "SUCCEEDED" });
  expect((await frames.next()).done).toBe(true);
  expect((await inboxOf(person)).unread).toBe(1);
  expect(pushesOf(world).filter((push) => push.token === token)).toEqual([]);
});

test("who closed the app before gets one", async () => {
  const { person, token, id } = await somebody();
  const { socket } = await open(person, id);
  expect(await until(() => isWatched(id))).toBe(true);
  await socket.dispose();
  await until(
    () => isWatched(id),
    (watched) => !watched,
  );
  expect(await end(id)).toEqual({ [token]: "SENT" });
  expect(pushesOf(world).filter((push) => push.token === token)).toEqual([
    expect.objectContaining({
      title: "Your skin analysis is ready",
      data: expect.objectContaining({ aboutId: id }),
    }),
  ]);
});

test("of several screens one is enough", async () => {
  const { person, token, id } = await somebody();
  const first = await open(person, id);
  await open(person, id);
  const third = await open(person, id, 1);
  await first.frames.return?.();
  await third.frames.return?.();
  expect(await end(id)).toEqual({ [token]: "SKIPPED:WATCHED" });
});

test("another job that is watched changes nothing", async () => {
  const { person } = await somebody();
  const [watched, other] = [await somebody(), await somebody()];
  await open(watched.person, watched.id);
  expect(await end(other.id)).toEqual({ [other.token]: "SENT" });
  expect((await inboxOf(person)).unread).toBe(0);
});

/** Has what was put off about a job told now. */
async function passTime(id: string): Promise<void> {
  const { database } = world.nodes[0]!.stores;
  await database.query(
    `with due as (update graphile_worker._private_jobs set run_at = now()
       where key like $1 and locked_at is null returning 1)
     select pg_notify('jobs:insert', '{"count":1}') from due`,
    [`tell:${id}:%`],
  );
  await until(
    () =>
      database.query("select 1 from graphile_worker._private_jobs where key like $1", [
        `tell:${id}:%`,
      ]),
    (waiting) => waiting.length === 0,
  );
}

test("of a reply that somebody read to its end there is no notification", async () => {
  const { person, id } = await somebody("CHAT_REPLY");
  const { frames } = await open(person, id);
  await end(id);
  expect((await next(frames)).job).toMatchObject({ status: "SUCCEEDED" });
  await passTime(id);
  expect(await inboxOf(person)).toMatchObject({ unread: 0, nodes: [] });
  const { database } = world.nodes[0]!.stores;
  const topics = await database.query("select topic from feed_events where user_id = $1", [
    person.userId,
  ]);
  expect(topics).not.toContainEqual({ topic: "NOTIFICATION" });
});

test("a reply that nobody reads is told and pushed, to whom it belongs by then", async () => {
  const { person: guest, id } = await somebody("CHAT_REPLY");
  const { person, token } = await somebody();
  await end(id);
  expect((await inboxOf(guest)).unread).toBe(0);
  const { database } = world.nodes[0]!.stores;
  await database.query("update ai_jobs set user_id = $2 where id = $1", [id, person.userId]);
  await passTime(id);
  expect((await inboxOf(guest)).unread).toBe(0);
  const { unread, nodes } = await inboxOf(person);
  expect([unread, nodes.map(({ title }) => title)]).toEqual([1, ["Your reply is ready"]]);
  expect(
    await until(
      () => outboxOf(world, id),
      (states) => Object.values(states).every((state) => state === "SENT"),
    ),
  ).toEqual({ [token]: "SENT" });
});

test("of a reply that was deleted meanwhile nothing is told", async () => {
  const { person, id } = await somebody("CHAT_REPLY");
  await end(id);
  await world.nodes[0]!.stores.database.query("delete from ai_jobs where id = $1", [id]);
  await passTime(id);
  expect((await inboxOf(person)).unread).toBe(0);
});

test("without Redis nobody can say who watches, and a push is sent", async () => {
  const { person, token, id } = await somebody();
  await open(person, id);
  gate.shut();
  expect(await end(id)).toEqual({ [token]: "SENT" });
  gate.reopen();
  const apps = [...world.nodes, ...world.workers];
  await until(() => apps.every(({ parts }) => parts.nudges.isConnected()));
});
