import { appendFile, readdir, stat } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { MongoClient } from "mongodb";
import { startEmbeddedMongo, type EmbeddedStore } from "../../../src/platform/embedded/index.ts";
import { createLogger } from "../../../src/platform/observe/logger.ts";
import { Child, newDataDir, until } from "./child.ts";

const log = createLogger("silent");
let data: Awaited<ReturnType<typeof newDataDir>>;
let children: Child[];
let stores: EmbeddedStore[];
let clients: MongoClient[];

beforeEach(async () => {
  data = await newDataDir();
  [children, stores, clients] = [[], [], []];
});
afterEach(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await Promise.all(children.map((child) => child.kill()));
  await Promise.all(stores.map((store) => store.stop()));
  await data.remove();
});

async function start(): Promise<EmbeddedStore> {
  const store = await startEmbeddedMongo({ dataDir: data.path, log });
  stores.push(store);
  return store;
}

function startChild(): Child {
  const child = Child.run("stores.ts", data.path);
  children.push(child);
  return child;
}

function open(url: string) {
  const client = new MongoClient(url, { serverSelectionTimeoutMS: 5_000 });
  clients.push(client);
  return client.db().collection<{ _id: number; text?: string; n?: number }>("written");
}

const storeFolder = () => join(data.path, "mongo", "store");

test("nothing that was acknowledged is lost when the process is killed while it writes", async () => {
  const acknowledged = new Set<number>();
  for (const writes of [1, 40, 150]) {
    const child = startChild();
    await child.says("ready");
    child.tell("write");
    await until(() => Promise.resolve(child.saidSoFar("wrote").length >= writes));
    await child.kill();
    for (const id of child.saidSoFar("wrote")) acknowledged.add(Number(id));
  }
  const { url } = await start();
  const docs = await open(url).find().toArray();
  const found = new Set(docs.map((doc) => doc._id));
  expect([...acknowledged].filter((id) => !found.has(id))).toEqual([]);
  expect(acknowledged.size).toBeGreaterThan(190);
  for (const doc of docs) expect(doc.text).toHaveLength(doc._id % 3_000);
});

test("a process whose partner is killed takes over within two seconds, on the same URL", async () => {
  const owner = startChild();
  const url = await owner.says("mongo");
  await owner.says("ready");
  expect((await start()).url).toBe(url);
  const collection = open(url);
  await collection.insertOne({ _id: 1, text: "kept" });

  const killedAt = Date.now();
  await owner.kill();
  const doc = await until(() => collection.findOne({ _id: 1 }));
  expect(Date.now() - killedAt).toBeLessThan(2_000);
  expect(doc).toEqual({ _id: 1, text: "kept" });
  await collection.insertOne({ _id: 2 });
});

test("a process that stops hands over what it has", async () => {
  const owner = startChild();
  const url = await owner.says("mongo");
  await owner.says("ready");
  await start();
  const collection = open(url);
  await collection.insertMany(Array.from({ length: 100 }, (_, _id) => ({ _id })));
  owner.tell("stop");
  await owner.says("stopped");
  expect(await until(() => collection.countDocuments())).toBe(100);
});

test("two processes that start together agree on one owner", async () => {
  const [a, b] = [startChild(), startChild()];
  const urls = await Promise.all([a.says("mongo"), b.says("mongo")]);
  expect(urls[0]).toBe(urls[1]);
  const one = open(urls[0]);
  await one.insertOne({ _id: 1 });
  expect(await open(urls[1]).countDocuments()).toBe(1);
});

test("a last record that was cut off is dropped, all before it stays", async () => {
  const first = await start();
  await open(first.url).insertMany(Array.from({ length: 50 }, (_, _id) => ({ _id })));
  await first.stop();
  for (const garbage of [
    Buffer.from([9]),
    Buffer.from([200, 0, 0, 0, 1, 2, 3, 4, 5, 6]),
    Buffer.alloc(64),
  ]) {
    const logs = (await readdir(storeFolder())).filter((name) => name.startsWith("log-"));
    await appendFile(join(storeFolder(), logs.at(-1)!), garbage);
    const store = await start();
    const collection = open(store.url);
    const before = await collection.countDocuments();
    await collection.insertOne({ _id: 50 + before });
    expect(before).toBeGreaterThanOrEqual(50);
    await store.stop();
  }
  expect(await open((await start()).url).countDocuments()).toBe(53);
});

test("the log is compacted while it is written to, and nothing is lost", async () => {
  const store = await start();
  const collection = open(store.url);
  const text = "x".repeat(20_000);
  await collection.createIndex({ n: 1 }, { unique: true });
  for (let round = 0; round < 30; round++) {
    await Promise.all(
      Array.from({ length: 20 }, (_, _id) =>
        collection.updateOne({ _id }, { $set: { text, n: _id + 100 * round } }, { upsert: true }),
      ),
    );
  }
  await until(async () =>
    (await readdir(storeFolder())).some((name) => /^snapshot-\d+\.bson$/.test(name)),
  );
  await store.stop();
  const names = await readdir(storeFolder());
  const sizes = await Promise.all(names.map((name) => stat(join(storeFolder(), name))));
  expect(sizes.reduce((sum, { size }) => sum + size, 0)).toBeLessThan(9_000_000);

  const again = open((await start()).url);
  const docs = await again.find({}, { sort: { _id: 1 } }).toArray();
  expect(docs).toEqual(Array.from({ length: 20 }, (_, _id) => ({ _id, text, n: _id + 2_900 })));
  await expect(again.insertOne({ _id: 99, n: 2_900 })).rejects.toMatchObject({ code: 11000 });
});

test("a port that a stranger took while we were away is left to the stranger", async () => {
  const first = await start();
  await open(first.url).insertOne({ _id: 1 });
  await first.stop();
  const port = Number(new URL(first.url.replace("mongodb:", "http:")).port);
  const stranger = createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
  await new Promise<void>((resolve) => stranger.listen(port, "127.0.0.1", resolve));
  const second = await start();
  expect(second.url).not.toBe(first.url);
  expect(await open(second.url).countDocuments()).toBe(1);
  stranger.close();
});
