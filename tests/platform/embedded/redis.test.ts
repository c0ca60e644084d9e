import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { RedisPubSub } from "graphql-redis-subscriptions";
import { Redis } from "ioredis";
import { startEmbeddedRedis, type EmbeddedStore } from "../../../src/platform/embedded/index.ts";
import { createLogger } from "../../../src/platform/observe/logger.ts";
import { Child, newDataDir, until } from "./child.ts";

let data: Awaited<ReturnType<typeof newDataDir>>;
let store: EmbeddedStore;
let redis: Redis;
const opened: Redis[] = [];

function open(url = store.url): Redis {
  const client = new Redis(url, { retryStrategy: () => 20 });
  client.on("error", () => undefined);
  opened.push(client);
  return client;
}

beforeAll(async () => {
  data = await newDataDir();
  store = await startEmbeddedRedis({ dataDir: data.path, log: createLogger("silent") });
});
afterAll(async () => {
  await store.stop();
  await data.remove();
});
beforeEach(async () => {
  redis = open();
  await redis.flushall();
});
afterEach(() => {
  for (const client of opened.splice(0)) client.disconnect();
});

describe("connection", () => {
  test("needs the password", async () => {
    const url = new URL(store.url);
    url.password = "guess";
    const stranger = new Redis(url.href, { retryStrategy: () => null, maxRetriesPerRequest: 0 });
    const errors: Error[] = [];
    stranger.on("error", (error) => errors.push(error));
    await expect(stranger.get("a")).rejects.toThrow();
    expect(errors[0]?.message).toMatch(/WRONGPASS/);
    stranger.disconnect();
  });

  test("answers ping, names and unknown commands", async () => {
    expect(await redis.ping()).toBe("PONG");
    expect(await redis.echo("hi")).toBe("hi");
    expect(await redis.client("SETNAME", "x")).toBe("OK");
    await expect(redis.call("MAKECOFFEE")).rejects.toThrow(/unknown command/);
    await expect(redis.eval("return 1", 0)).rejects.toThrow(/unknown command/);
    await expect(redis.select(3)).rejects.toThrow(/out of range/);
    await expect(redis.call("GET")).rejects.toThrow(/wrong number/);
  });
});

describe("strings and keys", () => {
  test("sets with every option", async () => {
    expect(await redis.set("a", "1")).toBe("OK");
    expect(await redis.set("a", "2", "NX")).toBeNull();
    expect(await redis.set("b", "2", "XX")).toBeNull();
    expect(await redis.set("a", "3", "XX", "GET")).toBe("1");
    expect(await redis.set("a", "4", "EX", 100)).toBe("OK");
    expect(await redis.ttl("a")).toBe(100);
    expect(await redis.set("a", "5", "KEEPTTL")).toBe("OK");
    expect(await redis.ttl("a")).toBe(100);
    await redis.set("a", "6");
    expect(await redis.ttl("a")).toBe(-1);
    await expect(redis.call("SET", "a", "1", "EX", "0")).rejects.toThrow(/invalid expire/);
    await expect(redis.call("SET", "a", "1", "SOON")).rejects.toThrow(/syntax/);
    expect(await redis.mget("a", "missing")).toEqual(["6", null]);
  });

  test("keeps bytes and texts as they are", async () => {
    const bytes = Buffer.from([0, 255, 13, 10, 128]);
    await redis.set("bytes", bytes);
    expect(await redis.getBuffer("bytes")).toEqual(bytes);
    await redis.set("ключ", "ភាសាខ្មែរ 🧴\r\n");
    expect(await redis.get("ключ")).toBe("ភាសាខ្មែរ 🧴\r\n");
    const long = "x".repeat(3_000_000);
    await redis.set("long", long);
    expect(await redis.get("long")).toBe(long);
  });

  test("ends keys in time", async () => {
    await redis.set("a", "1", "PX", 40);
    await redis.setex("b", 100, "1");
    expect(await redis.expire("b", 50, "NX")).toBe(0);
    expect(await redis.expire("b", 50, "XX")).toBe(1);
    expect(await redis.expire("b", 60, "LT")).toBe(0);
    expect(await redis.persist("b")).toBe(1);
    expect(await redis.pexpire("missing", 5)).toBe(0);
    expect(await redis.ttl("missing")).toBe(-2);
    await until(async () => (await redis.get("a")) === null);
    expect(await redis.exists("a", "b")).toBe(1);
  });

  test("counts exactly over 64 bits, also at once", async () => {
    await Promise.all(Array.from({ length: 50 }, () => redis.incr("n")));
    expect(await redis.incrby("n", 10)).toBe(60);
    expect(await redis.decr("n")).toBe(59);
    await redis.set("big", "9007199254740993");
    expect(String(await redis.call("GET", "big"))).toBe("9007199254740993");
    await redis.set("text", "x");
    await expect(redis.incr("text")).rejects.toThrow(/not an integer/);
    await redis.set("full", "9223372036854775807");
    await expect(redis.incr("full")).rejects.toThrow(/overflow/);
  });

  test("lists keys by pattern", async () => {
    for (const key of ["u:1", "u:2", "v:1", "u.1"]) await redis.set(key, "1");
    expect((await redis.keys("u:*")).sort()).toEqual(["u:1", "u:2"]);
    const [, found] = await redis.scan("0", "MATCH", "?:1");
    expect(found.sort()).toEqual(["u:1", "v:1"]);
    expect(await redis.del("u:1", "u:2", "nope")).toBe(2);
    expect(await redis.type("v:1")).toBe("string");
  });
});

test("hashes, sets and sorted sets", async () => {
  expect(await redis.hset("h", { a: "1", b: "2" })).toBe(2);
  expect(await redis.hgetall("h")).toEqual({ a: "1", b: "2" });
  expect(await redis.hget("h", "a")).toBe("1");
  expect(await redis.hincrby("h", "a", 5)).toBe(6);
  expect(await redis.hdel("h", "a", "b")).toBe(2);
  expect(await redis.exists("h")).toBe(0);

  expect(await redis.sadd("s", "a", "b", "a")).toBe(2);
  expect((await redis.smembers("s")).sort()).toEqual(["a", "b"]);
  expect(await redis.sismember("s", "a")).toBe(1);
  expect(await redis.srem("s", "a")).toBe(1);

  await redis.zadd("z", 2, "b", 1, "a", 3, "c");
  expect(await redis.zrange("z", 0, -1)).toEqual(["a", "b", "c"]);
  expect(await redis.zrange("z", -2, -1, "WITHSCORES")).toEqual(["b", "2", "c", "3"]);
  expect(await redis.zrangebyscore("z", "(1", "+inf")).toEqual(["b", "c"]);
  expect(await redis.zremrangebyscore("z", "-inf", 2)).toBe(2);
  expect(await redis.zcard("z")).toBe(1);
  await expect(redis.get("z")).rejects.toThrow(/WRONGTYPE/);
});

test("transactions run whole, or not at all when a command is wrong", async () => {
  const results = await redis.multi().set("a", "1").incr("a").get("a").exec();
  expect(results).toEqual([
    [null, "OK"],
    [null, 2],
    [null, "2"],
  ]);
  await expect(redis.multi().set("a", "9").call("NONSENSE").exec()).rejects.toThrow(/EXECABORT/);
  expect(await redis.get("a")).toBe("2");
  const mixed = await redis.multi().sadd("a", "x").set("b", "1").exec();
  expect(mixed?.[0]?.[0]?.message).toMatch(/WRONGTYPE/);
  expect(await redis.get("b")).toBe("1");
});

describe("publish and subscribe", () => {
  test("delivers by channel and by pattern, and stops on leaving", async () => {
    const listener = open();
    const heard: string[] = [];
    listener.on("message", (channel, message) => heard.push(`${channel}=${message}`));
    listener.on("pmessage", (glob, channel, message) =>
      heard.push(`${glob}:${channel}=${message}`),
    );
    expect(await listener.subscribe("a", "b")).toBe(2);
    await listener.psubscribe("job.*");
    expect(await redis.publish("a", "1")).toBe(1);
    expect(await redis.publish("job.7", "2")).toBe(1);
    expect(await redis.publish("other", "3")).toBe(0);
    await expect(listener.get("a")).rejects.toThrow();
    await until(() => Promise.resolve(heard.length === 2));
    expect(heard).toEqual(["a=1", "job.*:job.7=2"]);
    await listener.unsubscribe("a");
    await listener.punsubscribe("job.*");
    expect(await redis.publish("a", "4")).toBe(0);
    expect(await redis.publish("job.8", "5")).toBe(0);
    await listener.unsubscribe("b");
    expect(await listener.get("nothing")).toBeNull();
  });

  test("carries graphql-redis-subscriptions", async () => {
    const pubsub = new RedisPubSub({ publisher: redis, subscriber: open() });
    const heard: unknown[] = [];
    const id = await pubsub.subscribe("moved", (payload: unknown) => heard.push(payload));
    await pubsub.publish("moved", { id: "emj_1" });
    await until(() => Promise.resolve(heard.length === 1));
    pubsub.unsubscribe(id);
    expect(heard).toEqual([{ id: "emj_1" }]);
    await pubsub.close();
  });

  test("a subscriber that does not read is cut off, the others go on", async () => {
    const { connect } = await import("node:net");
    const { port, password } = new URL(store.url);
    const lazy = connect(Number(port), "127.0.0.1");
    lazy.on("error", () => undefined);
    lazy.write(
      `*2\r\n$4\r\nAUTH\r\n$${password.length}\r\n${password}\r\n*2\r\n$9\r\nSUBSCRIBE\r\n$1\r\nc\r\n`,
    );
    await until(async () => (await redis.publish("c", "hello")) === 1);
    lazy.pause();
    const message = "x".repeat(1_000_000);
    await until(async () => (await redis.publish("c", message)) === 0);
    expect(await redis.ping()).toBe("PONG");
    lazy.destroy();
  });
});

test("two processes share one server, and the second one carries on when the first is killed", async () => {
  const shared = await newDataDir();
  const [a, b] = [Child.run("stores.ts", shared.path), Child.run("stores.ts", shared.path)];
  const [url, other] = await Promise.all([a.says("redis"), b.says("redis")]);
  await Promise.all([a.says("ready"), b.says("ready")]);
  expect(other).toBe(url);
  const [publisher, listener] = [open(url), open(url)];
  const heard: string[] = [];
  listener.on("message", (_channel, message) => heard.push(message));
  await listener.subscribe("moved");
  await publisher.publish("moved", "one");
  await until(() => Promise.resolve(heard.includes("one")));

  await a.kill();
  await until(async () => {
    await publisher.publish("moved", "two");
    return heard.includes("two");
  });
  await b.kill();
  await shared.remove();
});
