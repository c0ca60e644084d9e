import { afterEach, beforeEach, expect, test } from "@jest/globals";
import RedisMock from "ioredis-mock";
import type { Redis } from "ioredis";
import { DenyList } from "../../../src/domains/identity/sessions/deny-list.ts";
import { createLogger } from "../../../src/platform/observe/logger.ts";
import { until } from "../../support/until.ts";

let redis: Redis;
let ended: string[];
const lists: DenyList[] = [];
beforeEach(async () => {
  redis = new RedisMock();
  await redis.flushall();
  ended = [];
});
afterEach(() => {
  for (const list of lists.splice(0)) list.close();
  redis.disconnect();
});

function open(store: Redis | null, settleMs = 1): DenyList {
  const list = new DenyList({
    redis: store,
    endedSince: () => Promise.resolve(ended),
    accessTokenSeconds: 600,
    clock: { now: () => new Date() },
    log: createLogger("silent"),
    settleMs,
  });
  lists.push(list);
  return list;
}
const answers = (list: DenyList, id: string, answer: boolean | null) =>
  until(
    () => list.has(id),
    (value) => value === answer,
  );

test("says nothing without Redis, and nothing before it is complete", async () => {
  expect(await open(null).has("ses_a")).toBeNull();
  expect(await open(redis, 60_000).has("ses_a")).toBeNull();
});

test("knows sessions that ended before it started, and those that end now", async () => {
  ended = ["ses_before"];
  const list = open(redis);
  await answers(list, "ses_before", true);
  expect(await list.has("ses_alive")).toBe(false);
  await list.add(["ses_alive"]);
  expect(await list.has("ses_alive")).toBe(true);
  expect(await redis.ttl("denied-session:ses_alive")).toBeGreaterThan(600);
});

test("another node sees an end at once", async () => {
  const [a, b] = [open(redis), open(redis)];
  await answers(b, "ses_x", false);
  await a.add(["ses_x"]);
  expect(await b.has("ses_x")).toBe(true);
});

test("a Redis that lost its data revives nothing, and is filled again", async () => {
  const list = open(redis, 30);
  await answers(list, "ses_x", false);
  await list.add(["ses_x"]);
  ended = ["ses_x"];
  await redis.flushall();
  expect(await list.has("ses_x")).toBeNull();
  await answers(list, "ses_x", true);
});

test("an end that Redis did not take makes the list silent until it is complete again", async () => {
  const list = open(redis, 30);
  await answers(list, "ses_x", false);
  const multi = redis.multi.bind(redis);
  redis.multi = () => {
    throw new Error("Connection is closed.");
  };
  await list.add(["ses_x"]);
  expect(await list.has("ses_x")).toBeNull();
  ended = ["ses_x"];
  redis.multi = multi;
  await answers(list, "ses_x", true);
});

test("a connection that was lost is not believed until the list was filled anew", async () => {
  const list = open(redis, 30);
  await answers(list, "ses_x", false);
  redis.emit("close");
  ended = ["ses_x"];
  expect(await list.has("ses_x")).toBeNull();
  redis.emit("ready");
  expect(await list.has("ses_x")).toBeNull();
  await answers(list, "ses_x", true);
});
