// Runs unchanged against another server: MONGODB_URL=mongodb://… npm test -- conformance
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { idsOf, openMongoWorld, type MongoWorld } from "./mongo-support.ts";

let world: MongoWorld;
beforeAll(async () => {
  world = await openMongoWorld(process.env["MONGODB_URL"]);
});
afterAll(() => world.close());

describe("unique indexes", () => {
  test("refuse a second document with the key, in every kind of write", async () => {
    const c = await world.fill({ _id: 1, mail: "a" }, { _id: 2, mail: "b" });
    await c.createIndex({ mail: 1 }, { unique: true });
    const duplicate = {
      code: 11000,
      keyPattern: { mail: 1 },
      keyValue: { mail: "a" },
    };
    await expect(c.insertOne({ _id: 3, mail: "a" })).rejects.toMatchObject(duplicate);
    await expect(c.updateOne({ _id: 2 }, { $set: { mail: "a" } })).rejects.toMatchObject(duplicate);
    await expect(c.replaceOne({ _id: 2 }, { mail: "a" })).rejects.toMatchObject(duplicate);
    await expect(
      c.updateOne({ _id: 9 }, { $set: { mail: "a" } }, { upsert: true }),
    ).rejects.toMatchObject(duplicate);
    await expect(c.findOneAndUpdate({ _id: 2 }, { $set: { mail: "a" } })).rejects.toMatchObject(
      duplicate,
    );
    expect(await idsOf(c, {})).toEqual([1, 2]);
    await c.updateOne({ _id: 1 }, { $set: { mail: "a", n: 1 } });
    await c.deleteOne({ _id: 1 });
    await c.insertOne({ _id: 3, mail: "a" });
  });

  test("take a missing field for null", async () => {
    const c = await world.fill({ _id: 1 });
    await c.createIndex({ mail: 1 }, { unique: true });
    await expect(c.insertOne({ _id: 2, mail: null })).rejects.toMatchObject({ code: 11000 });
    await expect(c.insertOne({ _id: 3 })).rejects.toMatchObject({ code: 11000 });
  });

  test("compare several fields together", async () => {
    const c = await world.fill();
    await c.createIndex({ user: 1, month: -1 }, { unique: true });
    await c.insertMany([
      { user: "ada", month: 1 },
      { user: "ada", month: 2 },
      { user: "bob", month: 1 },
    ]);
    await expect(c.insertOne({ user: "ada", month: 2 })).rejects.toMatchObject({
      keyPattern: { user: 1, month: -1 },
      keyValue: { user: "ada", month: 2 },
    });
  });

  test("cover only a part of the documents when partial or sparse", async () => {
    const c = await world.fill();
    await c.createIndex({ mail: 1 }, { unique: true, partialFilterExpression: { verified: true } });
    await c.insertMany([{ mail: "a" }, { mail: "a" }, { mail: "a", verified: true }]);
    await expect(c.insertOne({ mail: "a", verified: true })).rejects.toMatchObject({ code: 11000 });
    await expect(
      c.updateMany({ verified: { $exists: false } }, { $set: { verified: true } }),
    ).rejects.toMatchObject({ code: 11000 });

    const d = await world.fill({ _id: 1 }, { _id: 2 });
    await d.createIndex({ phone: 1 }, { unique: true, sparse: true });
    await d.insertMany([{ _id: 3 }, { _id: 4, phone: "1" }]);
    await expect(d.insertOne({ phone: "1" })).rejects.toMatchObject({ code: 11000 });
  });

  test("hold each element of an array, over documents but not within one", async () => {
    const c = await world.fill();
    await c.createIndex({ tags: 1 }, { unique: true });
    await c.insertOne({ _id: 1, tags: ["a", "b", "a"] });
    await expect(c.insertOne({ _id: 2, tags: ["c", "b"] })).rejects.toMatchObject({ code: 11000 });
    await c.insertOne({ _id: 3, tags: ["c"] });
    await c.updateOne({ _id: 1 }, { $pull: { tags: "b" } as any });
    await c.insertOne({ _id: 4, tags: ["b"] });
  });

  test("cannot be made over documents that break them", async () => {
    const c = await world.fill({ a: 1 }, { a: 1 });
    await expect(c.createIndex({ a: 1 }, { unique: true })).rejects.toMatchObject({ code: 11000 });
    expect((await c.indexes()).map((index) => index.name)).toEqual(["_id_"]);
  });
});

describe("queries with an index", () => {
  test("find the same as without", async () => {
    const docs = [
      ...[{ _id: 1, a: 1 }, { _id: 2, a: [1, 2] }, { _id: 3, a: null }, { _id: 4 }],
      ...[
        { _id: 5, a: { b: 1 } },
        { _id: 6, a: [{ b: 1 }] },
        { _id: 7, a: [[1]] },
        { _id: 8, a: "x" },
      ],
      { _id: 9, a: [] },
    ];
    const plain = await world.fill(...docs);
    const indexed = await world.fill();
    await indexed.createIndexes([
      { key: { a: 1 } },
      { key: { "a.b": 1 } },
      { key: { a: -1, z: 1 } },
    ]);
    await indexed.insertMany(docs);
    for (const filter of [
      { a: 1 },
      { a: null },
      { a: [1, 2] },
      { a: [1] },
      { a: [] },
      { a: { b: 1 } },
      { "a.b": 1 },
      { "a.b": null },
      { a: { $in: [1, "x"] } },
      { a: { $in: [null, "x"] } },
      { a: { $in: [/x/] } },
      { a: /x/ },
      { a: { $eq: 1, $gt: 0 } },
      { $and: [{ a: 1 }, { _id: { $gt: 1 } }] },
      { a: { $ne: 1 } },
      { a: { $gt: 0 } },
    ]) {
      expect([filter, await idsOf(indexed, filter)]).toEqual([filter, await idsOf(plain, filter)]);
    }
    await indexed.updateOne({ _id: 1 }, { $set: { a: "moved" } });
    await indexed.deleteOne({ _id: 2 });
    expect(await idsOf(indexed, { a: 1 })).toEqual([]);
    expect(await idsOf(indexed, { a: "moved" })).toEqual([1]);
  });
});

describe("index administration", () => {
  test("makes, lists and drops indexes", async () => {
    const c = await world.fill();
    expect(await c.createIndex({ a: 1, b: -1 })).toBe("a_1_b_-1");
    expect(await c.createIndex({ a: 1, b: -1 })).toBe("a_1_b_-1");
    expect(await c.createIndex({ c: 1 }, { name: "mine", unique: true })).toBe("mine");
    const indexes = await c.indexes();
    expect(indexes).toEqual([
      expect.objectContaining({ name: "_id_", key: { _id: 1 } }),
      expect.objectContaining({ name: "a_1_b_-1", key: { a: 1, b: -1 } }),
      expect.objectContaining({ name: "mine", key: { c: 1 }, unique: true }),
    ]);
    await c.dropIndex("mine");
    await expect(c.dropIndex("mine")).rejects.toMatchObject({ code: 27 });
    await c.dropIndexes();
    expect((await c.indexes()).map((index) => index.name)).toEqual(["_id_"]);
    await expect(c.dropIndex("_id_")).rejects.toMatchObject({ code: 72 });
  });

  test("refuses an index that contradicts another", async () => {
    const c = await world.fill();
    await c.createIndex({ a: 1 }, { name: "one" });
    await expect(c.createIndex({ b: 1 }, { name: "one" })).rejects.toMatchObject({ code: 86 });
    await expect(c.createIndex({ a: 1 }, { name: "two" })).rejects.toMatchObject({ code: 85 });
    await expect(c.createIndex({ a: 7 as any, b: {} as any })).rejects.toThrow();
  });

  test("says that a collection is not there", async () => {
    await expect(world.db.collection("nowhere").indexes()).rejects.toMatchObject({ code: 26 });
    expect(await world.db.collection("nowhere").find().toArray()).toEqual([]);
    expect(await world.db.collection("nowhere").countDocuments()).toBe(0);
  });
});

describe("collections", () => {
  test("are made, listed and dropped", async () => {
    await world.db.createCollection("made");
    await world.db.createCollection("made");
    const listed = await world.db.listCollections({ name: "made" }).toArray();
    expect(listed).toEqual([expect.objectContaining({ name: "made", type: "collection" })]);
    const names = await world.db.listCollections({}, { nameOnly: true }).toArray();
    expect(names.map(({ name }) => name)).toContain("made");
    expect(await world.db.collection("made").drop()).toBe(true);
    expect(await world.db.listCollections({ name: "made" }).toArray()).toEqual([]);
  });

  test("go with their database", async () => {
    const other = world.client.db(`${world.db.databaseName}_other`);
    await other.collection("x").insertOne({ a: 1 });
    const { databases } = await world.client.db().admin().listDatabases({ nameOnly: true });
    expect(databases.map(({ name }) => name)).toContain(other.databaseName);
    await other.dropDatabase();
    expect(await other.collection("x").countDocuments()).toBe(0);
  });
});
