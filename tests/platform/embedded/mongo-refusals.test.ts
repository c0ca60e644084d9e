// What only the embedded server does: refusing what it cannot do exactly, and letting documents expire quickly.
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Decimal128, Long, MinKey, MongoServerError, Timestamp } from "mongodb";
import { until } from "./child.ts";
import { openMongoWorld, type MongoWorld } from "./mongo-support.ts";

let world: MongoWorld;
beforeAll(async () => {
  world = await openMongoWorld();
});
afterAll(() => world.close());

test.each([
  ["Decimal128", Decimal128.fromString("1.1")],
  ["a Long beyond 2^53", Long.fromString("9007199254740993")],
  ["Timestamp", new Timestamp({ t: 1, i: 1 })],
  ["MinKey", new MinKey()],
])("%s is neither stored nor compared", async (_name, value) => {
  const c = await world.fill({ _id: 0 });
  await expect(c.insertOne({ _id: 1, value })).rejects.toMatchObject({ code: 238 });
  await expect(c.findOne({ value })).rejects.toMatchObject({ code: 238 });
  await expect(c.updateOne({}, { $set: { value } })).rejects.toMatchObject({ code: 238 });
  expect(await c.find().toArray()).toEqual([{ _id: 0 }]);
});

test("whole numbers are exact up to 2^53 and refused beyond", async () => {
  const c = await world.fill({ _id: 1, n: Number.MAX_SAFE_INTEGER - 1 });
  await c.updateOne({ _id: 1 }, { $inc: { n: 1 } });
  expect(await c.findOne({ _id: 1 })).toEqual({ _id: 1, n: Number.MAX_SAFE_INTEGER });
  await expect(c.updateOne({ _id: 1 }, { $inc: { n: 1 } })).rejects.toMatchObject({ code: 238 });
  expect(await c.findOne({ n: Long.fromNumber(Number.MAX_SAFE_INTEGER) })).toMatchObject({
    _id: 1,
  });
});

test.each([
  [{ $text: { $search: "x" } }],
  [{ $where: "true" }],
  [{ $jsonSchema: {} }],
  [{ a: { $type: "int" } }],
  [{ a: { $near: [0, 0] } }],
  [{ a: { $bitsAllSet: 1 } }],
  [{ a: { $regex: "\\Aabc" } }],
  [{ a: { $regex: "[[:alpha:]]" } }],
  [{ a: { $regex: "x", $options: "x" } }],
])("the filter %j is refused", async (filter) => {
  const c = await world.fill({ _id: 1 });
  await expect(c.find(filter as object).toArray()).rejects.toBeInstanceOf(MongoServerError);
});

test.each([
  [{ $set: { "a.$": 1 } }],
  [{ $set: { "a.$[]": 1 } }],
  [{ $bit: { a: { and: 1 } } }],
  [{ $currentDate: { a: { $type: "timestamp" } } }],
])("the update %j is refused", async (update) => {
  const c = await world.fill({ _id: 1, a: [1] });
  await expect(c.updateOne({ a: 1 }, update as object)).rejects.toMatchObject({ code: 238 });
});

test.each([
  ["$out", { $out: "other" }],
  ["$merge", { $merge: "other" }],
  ["$graphLookup", { $graphLookup: {} }],
  ["$lookup with let", { $lookup: { from: "x", let: {}, pipeline: [], as: "y" } }],
  ["$type of a number", { $project: { t: { $type: "$n" } } }],
  ["rounding to places", { $project: { t: { $round: ["$n", 2] } } }],
  ["other time zones", { $project: { t: { $hour: { date: "$d", timezone: "Asia/Tokyo" } } } }],
])("%s is refused in a pipeline", async (_name, stage) => {
  const c = await world.fill({ _id: 1, n: 1.005, d: new Date() });
  await expect(c.aggregate([stage]).toArray()).rejects.toBeInstanceOf(MongoServerError);
});

describe("commands", () => {
  test("with options that would be ignored are refused", async () => {
    const c = await world.fill({ _id: 1 });
    const collation = { locale: "de" };
    await expect(c.find({}, { collation }).toArray()).rejects.toMatchObject({ code: 238 });
    await expect(c.find({}, { hint: "_id_" }).toArray()).rejects.toBeInstanceOf(MongoServerError);
    await expect(c.find({}, { tailable: true }).toArray()).rejects.toBeInstanceOf(Error);
    await expect(
      c.updateOne({ _id: 1 }, { $set: { a: 1 } }, { arrayFilters: [] }),
    ).rejects.toMatchObject({ code: 238 });
    await expect(c.createIndex({ a: "text" })).rejects.toMatchObject({ code: 238 });
    await expect(c.createIndex({ a: "2dsphere" })).rejects.toMatchObject({ code: 238 });
    await expect(world.db.createCollection("v", { validator: {} })).rejects.toThrow();
    await expect(c.watch().next()).rejects.toBeInstanceOf(MongoServerError);
  });

  test("in a transaction are refused and change nothing", async () => {
    const c = await world.fill();
    await world.client.withSession(async (session) => {
      session.startTransaction();
      await expect(c.insertOne({ _id: 1 }, { session })).rejects.toBeInstanceOf(Error);
      await session.abortTransaction().catch(() => undefined);
    });
    expect(await c.countDocuments()).toBe(0);
  });

  test("wait for more than one server never", async () => {
    const c = await world.fill();
    await expect(c.insertOne({ _id: 1 }, { writeConcern: { w: 2 } })).rejects.toBeInstanceOf(Error);
    expect(await c.countDocuments()).toBe(0);
  });
});

test("documents expire by a TTL index", async () => {
  const c = await world.fill();
  await c.createIndex({ at: 1 }, { expireAfterSeconds: 10 });
  await c.insertMany([
    { _id: 1, at: new Date(Date.now() - 9_000) },
    { _id: 2, at: new Date(Date.now() + 60_000) },
    { _id: 3, at: "no date" },
    { _id: 4 },
    { _id: 5, at: [new Date(), new Date(0)] },
  ]);
  await until(async () => (await c.countDocuments()) === 3);
  expect((await c.find().toArray()).map((doc) => doc._id as number)).toEqual([2, 3, 4]);
});
