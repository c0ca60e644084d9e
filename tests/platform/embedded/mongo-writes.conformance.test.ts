// Runs unchanged against another server: MONGODB_URL=mongodb://… npm test -- conformance
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { MongoServerError } from "mongodb";
import { until } from "./child.ts";
import { idsOf, openMongoWorld, type MongoWorld } from "./mongo-support.ts";

let world: MongoWorld;
beforeAll(async () => {
  world = await openMongoWorld(process.env["MONGODB_URL"]);
});
afterAll(() => world.close());

describe("insert and delete", () => {
  test("refuses a second document with an _id, with its key", async () => {
    const c = await world.fill({ _id: 1 });
    await expect(c.insertOne({ _id: 1 })).rejects.toMatchObject({
      code: 11000,
      keyPattern: { _id: 1 },
      keyValue: { _id: 1 },
    });
  });

  test("an ordered insert ends at its first error, an unordered one does not", async () => {
    const c = await world.fill({ _id: 2 });
    const docs = [{ _id: 1 }, { _id: 2 }, { _id: 3 }];
    await expect(c.insertMany(docs)).rejects.toMatchObject({
      code: 11000,
      insertedCount: 1,
      writeErrors: [{ index: 1 }],
    });
    expect(await idsOf(c, {})).toEqual([1, 2]);
    await expect(c.insertMany(docs, { ordered: false })).rejects.toMatchObject({
      insertedCount: 1,
      writeErrors: [{ index: 0 }, { index: 1 }],
    });
    expect(await idsOf(c, {})).toEqual([1, 2, 3]);
  });

  test("deletes one or all that match", async () => {
    const c = await world.fill({ g: 1 }, { g: 1 }, { g: 1 }, { g: 2 });
    expect((await c.deleteOne({ g: 1 })).deletedCount).toBe(1);
    expect((await c.deleteMany({ g: 1 })).deletedCount).toBe(2);
    expect((await c.deleteMany({ g: 9 })).deletedCount).toBe(0);
    expect(await c.countDocuments()).toBe(1);
  });

  test("accepts and refuses write concerns", async () => {
    const c = await world.fill();
    await c.insertOne({ _id: 1 }, { writeConcern: { w: 1, j: true } });
    await c.insertOne({ _id: 2 }, { writeConcern: { w: 0 } });
    await until(async () => (await c.countDocuments()) === 2);
  });

  test("refuses documents of more than 16 MB", async () => {
    const c = await world.fill();
    await expect(c.insertOne({ blob: "x".repeat(17_000_000) })).rejects.toBeInstanceOf(Error);
    expect(await c.countDocuments()).toBe(0);
  });
});

describe("update", () => {
  test.each([
    [{ a: 1 }, { $set: { b: 2 } }, { a: 1, b: 2 }],
    [{ a: 1 }, { $set: { "n.x.y": 2 } }, { a: 1, n: { x: { y: 2 } } }],
    [{ a: [1, 2] }, { $set: { "a.1": 9 } }, { a: [1, 9] }],
    [{ a: [1] }, { $set: { "a.3": 9 } }, { a: [1, null, null, 9] }],
    [{ a: 1 }, { $set: { z: 1, b: 1, m: 1 } }, { a: 1, b: 1, m: 1, z: 1 }],
    [{ a: 1, b: 2 }, { $unset: { a: "" } }, { b: 2 }],
    [{ a: [1, 2] }, { $unset: { "a.0": 1 } }, { a: [null, 2] }],
    [{ a: 1 }, { $inc: { a: 2, b: -1 } }, { a: 3, b: -1 }],
    [{ a: 0.5 }, { $inc: { a: 0.25 } }, { a: 0.75 }],
    [{ a: 3 }, { $mul: { a: 2, b: 5 } }, { a: 6, b: 0 }],
    [{ a: 5 }, { $min: { a: 3 } }, { a: 3 }],
    [{ a: 5 }, { $min: { a: 7 } }, { a: 5 }],
    [{ a: 5 }, { $max: { a: 7, b: 1 } }, { a: 7, b: 1 }],
    [{ a: "x" }, { $max: { a: 7 } }, { a: "x" }],
    [{ a: 1, n: { b: 2 } }, { $rename: { a: "z", "n.b": "y" } }, { n: {}, y: 2, z: 1 }],
    [{ a: 1 }, { $rename: { missing: "z" } }, { a: 1 }],
    [{ a: [1] }, { $push: { a: 2 } }, { a: [1, 2] }],
    [{}, { $push: { a: 2 } }, { a: [2] }],
    [{ a: [1] }, { $push: { a: [2, 3] } }, { a: [1, [2, 3]] }],
    [{ a: [1] }, { $push: { a: { $each: [2, 3] } } }, { a: [1, 2, 3] }],
    [{ a: [1] }, { $push: { a: { $each: [9], $position: 0 } } }, { a: [9, 1] }],
    [{ a: [1, 2] }, { $push: { a: { $each: [9], $position: -1 } } }, { a: [1, 9, 2] }],
    [{ a: [1, 2] }, { $push: { a: { $each: [3, 4], $slice: -3 } } }, { a: [2, 3, 4] }],
    [{ a: [1, 2] }, { $push: { a: { $each: [3], $slice: 2 } } }, { a: [1, 2] }],
    [{ a: [3, 1] }, { $push: { a: { $each: [2], $sort: 1 } } }, { a: [1, 2, 3] }],
    [
      { a: [{ n: 1 }, { n: 3 }] },
      { $push: { a: { $each: [{ n: 2 }], $sort: { n: -1 }, $slice: 2 } } },
      { a: [{ n: 3 }, { n: 2 }] },
    ],
    [{ a: [1, 2] }, { $addToSet: { a: 2 } }, { a: [1, 2] }],
    [{ a: [1] }, { $addToSet: { a: { $each: [1, 2, 2, 3] } } }, { a: [1, 2, 3] }],
    [
      { a: [{ x: 1, y: 2 }] },
      { $addToSet: { a: { y: 2, x: 1 } } },
      {
        a: [
          { x: 1, y: 2 },
          { y: 2, x: 1 },
        ],
      },
    ],
    [{ a: [1, 2, 1, 3] }, { $pull: { a: 1 } }, { a: [2, 3] }],
    [{ a: [1, 5, 9] }, { $pull: { a: { $gte: 5 } } }, { a: [1] }],
    [
      {
        a: [
          { n: 1, k: 1 },
          { n: 2, k: 1 },
        ],
      },
      { $pull: { a: { n: 1 } } },
      { a: [{ n: 2, k: 1 }] },
    ],
    [{ a: ["ax", "b"] }, { $pull: { a: /^a/ } }, { a: ["b"] }],
    [{ a: ["x", "y"] }, { $pull: { a: { $in: ["x", "z"] } } }, { a: ["y"] }],
    [{ a: [1, 2, 1] }, { $pullAll: { a: [1, 7] } }, { a: [2] }],
    [{ a: [1, 2, 3] }, { $pop: { a: 1 } }, { a: [1, 2] }],
    [{ a: [1, 2, 3] }, { $pop: { a: -1 } }, { a: [2, 3] }],
    [{ a: 1 }, { $setOnInsert: { b: 1 } }, { a: 1 }],
    [{ a: 1, b: 2 }, [{ $set: { c: { $add: ["$a", "$b"] } } }, { $unset: "a" }], { b: 2, c: 3 }],
  ])("%j with %j", async (before, change, after) => {
    const c = await world.fill({ _id: 1, ...before });
    const result = await c.updateOne({ _id: 1 }, change as any);
    expect(await c.findOne({ _id: 1 })).toEqual({ _id: 1, ...after });
    const changed = JSON.stringify(before) !== JSON.stringify(after);
    expect(result).toMatchObject({ matchedCount: 1, modifiedCount: changed ? 1 : 0 });
  });

  test("$currentDate sets the server's time", async () => {
    const c = await world.fill({ _id: 1 });
    await c.updateOne({ _id: 1 }, { $currentDate: { at: true, also: { $type: "date" } } as any });
    const doc = (await c.findOne({ _id: 1 }))!;
    expect(Math.abs((doc["at"] as Date).getTime() - Date.now())).toBeLessThan(60_000);
    expect(doc["also"]).toBeInstanceOf(Date);
  });

  test.each([
    [{ a: "x" }, { $inc: { a: 1 } }],
    [{ a: 1 }, { $inc: { a: "1" } }],
    [{ a: 1 }, { $push: { a: 1 } }],
    [{ a: 1 }, { $set: { "a.b": 1 } }],
    [{ a: 1 }, { $set: { a: 1 }, $inc: { a: 1 } }],
    [{ a: 1 }, { $set: { b: 1, "b.c": 1 } }],
    [{ a: 1 }, { $set: { _id: 2 } }],
    [{ a: 1 }, { $frobnicate: { a: 1 } }],
    [{ a: 1 }, { $push: { b: { $each: 1 } } }],
    [{ a: [1] }, { $set: { "a.x": 1 } }],
  ])("%j refuses %j and stays as it is", async (before, change) => {
    const c = await world.fill({ _id: 1, ...before });
    await expect(c.updateOne({ _id: 1 }, change as any)).rejects.toBeInstanceOf(MongoServerError);
    expect(await c.findOne({ _id: 1 })).toEqual({ _id: 1, ...before });
  });

  test("updates one or many, and says what it changed", async () => {
    const c = await world.fill({ _id: 1, g: 1 }, { _id: 2, g: 1, done: true }, { _id: 3, g: 2 });
    const many = await c.updateMany({ g: 1 }, { $set: { done: true } });
    expect(many).toMatchObject({ matchedCount: 2, modifiedCount: 1 });
    const none = await c.updateOne({ g: 9 }, { $set: { done: true } });
    expect(none).toMatchObject({ matchedCount: 0, modifiedCount: 0, upsertedCount: 0 });
  });

  test("upserts from the equalities of the filter and $setOnInsert", async () => {
    const c = await world.fill();
    const first = await c.updateOne(
      { user: "ada", "period.month": 5, n: { $gt: 3 } },
      { $inc: { used: 1 }, $setOnInsert: { limit: 10 } },
      { upsert: true },
    );
    expect(first).toMatchObject({ matchedCount: 0, upsertedCount: 1 });
    expect(await c.findOne({ _id: first.upsertedId })).toEqual({
      ...{ _id: first.upsertedId, user: "ada", period: { month: 5 }, used: 1, limit: 10 },
    });
    const second = await c.updateOne(
      { user: "ada" },
      { $inc: { used: 1 }, $setOnInsert: { limit: 99 } },
      { upsert: true },
    );
    expect(second).toMatchObject({ matchedCount: 1, upsertedCount: 0 });
    expect(await c.findOne({ user: "ada" })).toMatchObject({ used: 2, limit: 10 });
    await c.updateOne({ _id: "given" }, { $set: { a: 1 } }, { upsert: true });
    expect(await c.findOne({ _id: "given" })).toEqual({ _id: "given", a: 1 });
  });

  test("replaces all but the _id", async () => {
    const c = await world.fill({ _id: 1, a: 1, b: 2 });
    expect(await c.replaceOne({ _id: 1 }, { c: 3 })).toMatchObject({ modifiedCount: 1 });
    expect(await c.findOne({ _id: 1 })).toEqual({ _id: 1, c: 3 });
    await expect(c.replaceOne({ _id: 1 }, { _id: 2 })).rejects.toMatchObject({ code: 66 });
    await c.replaceOne({ _id: 7 }, { d: 4 }, { upsert: true });
    expect(await c.findOne({ _id: 7 })).toEqual({ _id: 7, d: 4 });
  });

  test("finds and changes in one step", async () => {
    const c = await world.fill({ _id: 1, n: 1, g: 1 }, { _id: 2, n: 2, g: 1 });
    expect(await c.findOneAndUpdate({ g: 1 }, { $inc: { n: 10 } }, { sort: { n: -1 } })).toEqual({
      ...{ _id: 2, n: 2, g: 1 },
    });
    const after = { returnDocument: "after", projection: { n: 1, _id: 0 } } as const;
    expect(await c.findOneAndUpdate({ _id: 2 }, { $inc: { n: 1 } }, after)).toEqual({ n: 13 });
    expect(await c.findOneAndReplace({ _id: 1 }, { r: 1 }, { returnDocument: "after" })).toEqual({
      ...{ _id: 1, r: 1 },
    });
    expect(await c.findOneAndDelete({ _id: 1 })).toEqual({ _id: 1, r: 1 });
    expect(await c.findOneAndDelete({ _id: 1 })).toBeNull();
    expect(await c.findOneAndUpdate({ _id: 9 }, { $set: { a: 1 } })).toBeNull();
    const upserted = await c.findOneAndUpdate(
      { _id: 9 },
      { $set: { a: 1 } },
      { upsert: true, returnDocument: "after", includeResultMetadata: true },
    );
    expect(upserted).toMatchObject({
      value: { _id: 9, a: 1 },
      lastErrorObject: { n: 1, updatedExisting: false, upserted: 9 },
    });
  });

  test("bulk writes report each statement by its place", async () => {
    const c = await world.fill({ _id: 1, n: 1 }, { _id: 2, n: 2 });
    const result = await c.bulkWrite([
      { insertOne: { document: { _id: 3, n: 3 } } },
      { updateOne: { filter: { _id: 1 }, update: { $set: { n: 10 } } } },
      { updateMany: { filter: { n: { $lt: 9 } }, update: { $inc: { n: 1 } } } },
      { replaceOne: { filter: { _id: 8 }, replacement: { n: 8 }, upsert: true } },
      { deleteOne: { filter: { _id: 2 } } },
    ]);
    expect(result).toMatchObject({
      ...{ insertedCount: 1, matchedCount: 3, modifiedCount: 3, upsertedCount: 1, deletedCount: 1 },
      upsertedIds: { 3: 8 },
    });
    await expect(
      c.bulkWrite(
        [
          { insertOne: { document: { _id: 50 } } },
          { insertOne: { document: { _id: 1 } } },
          { updateOne: { filter: { _id: 50 }, update: { $push: { _id: 1 } as any } } },
          { insertOne: { document: { _id: 51 } } },
        ],
        { ordered: false },
      ),
    ).rejects.toMatchObject({ writeErrors: [{ index: 1, code: 11000 }, { index: 2 }] });
    expect(await idsOf(c, { _id: { $gte: 50 } })).toEqual([50, 51]);
  });

  test("concurrent increments all count", async () => {
    const c = await world.fill({ _id: 1, n: 0 });
    await Promise.all(
      Array.from({ length: 100 }, () => c.updateOne({ _id: 1 }, { $inc: { n: 1 } })),
    );
    expect(await c.findOne({ _id: 1 })).toMatchObject({ n: 100 });
  });
});
