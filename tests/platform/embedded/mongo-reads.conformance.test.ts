// Runs unchanged against another server: MONGODB_URL=mongodb://… npm test -- conformance
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Binary, BSONRegExp, MongoServerError, ObjectId } from "mongodb";
import { idsOf, openMongoWorld, type MongoWorld } from "./mongo-support.ts";

let world: MongoWorld;
beforeAll(async () => {
  world = await openMongoWorld(process.env["MONGODB_URL"]);
});
afterAll(() => world.close());

describe("connection", () => {
  test("answers hello, ping and buildInfo", async () => {
    const hello = await world.client.db("admin").command({ hello: 1 });
    expect(hello).toMatchObject({ ok: 1, isWritablePrimary: true });
    expect(await world.db.command({ ping: 1 })).toMatchObject({ ok: 1 });
    expect(await world.db.admin().buildInfo()).toHaveProperty("versionArray");
  });

  test("refuses unknown commands with their number", async () => {
    await expect(world.db.command({ makeCoffee: 1 })).rejects.toMatchObject({ code: 59 });
  });

  test("ends sessions", async () => {
    await world.client.withSession(async (session) => {
      await world.db.collection("s").findOne({}, { session });
    });
  });
});

describe("values", () => {
  test("keeps every type that it stores", async () => {
    const doc = {
      _id: "all",
      text: "Ἀθῆναι 🧴",
      int: 7,
      big: 2 ** 40,
      double: 1.5,
      negative: -0.25,
      yes: true,
      no: false,
      nothing: null,
      date: new Date("2024-02-29T12:34:56.789Z"),
      id: new ObjectId("65a000000000000000000001"),
      list: [1, "two", [3], { four: 4 }, null],
      nested: { deep: { er: [{ x: 1 }] } },
      empty: {},
      none: [],
    };
    const c = await world.fill(doc, { _id: "bin", data: new Binary(Buffer.from([0, 255, 1])) });
    expect(await c.findOne({ _id: "all" })).toEqual(doc);
    const binary = await c.findOne({ _id: "bin" });
    expect(Buffer.from((binary!["data"] as Binary).buffer)).toEqual(Buffer.from([0, 255, 1]));
  });

  test("keeps the order of fields and puts _id first", async () => {
    const c = await world.fill();
    await c.insertOne({ z: 1, a: 2, _id: 5 });
    expect(Object.keys(await c.findOne({ _id: 5 }))).toEqual(["_id", "z", "a"]);
  });

  test("gives an ObjectId where there is no _id", async () => {
    const c = await world.fill();
    const { insertedId } = await c.insertOne({ a: 1 });
    expect(insertedId).toBeInstanceOf(ObjectId);
    expect(await c.findOne({ _id: insertedId })).toMatchObject({ a: 1 });
  });
});

describe("filters", () => {
  test.each([
    [{ a: 1 }, [1, 4]],
    [{ a: { $eq: 1 } }, [1, 4]],
    [{ a: { $ne: 1 } }, [2, 3, 5, 6, 7, 8]],
    [{ a: { $gt: 1 } }, [2, 4]],
    [{ a: { $gte: 1, $lt: 2 } }, [1, 4]],
    [{ a: { $lte: 2 } }, [1, 2, 4]],
    [{ a: { $in: [2, "x"] } }, [2, 3, 4]],
    [{ a: { $nin: [2, "x"] } }, [1, 5, 6, 7, 8]],
    [{ a: null }, [5, 6]],
    [{ a: { $ne: null } }, [1, 2, 3, 4, 7, 8]],
    [{ a: { $in: [null, 1] } }, [1, 4, 5, 6]],
    [{ a: { $exists: true } }, [1, 2, 3, 4, 5, 7, 8]],
    [{ a: { $exists: false } }, [6]],
    [{ a: { $type: "string" } }, [3]],
    [{ a: { $type: ["null", "object"] } }, [5, 7]],
    [{ a: { $type: "number" } }, [1, 2, 4]],
    [{ a: [1, 2] }, [4]],
    [{ a: { b: 1 } }, [7]],
    [{ "a.b": 1 }, [7]],
    [{ a: { $size: 2 } }, [4]],
    [{ a: { $size: 0 } }, [8]],
    [{ a: [] }, [8]],
    [{ a: { $not: { $gt: 1 } } }, [1, 3, 5, 6, 7, 8]],
    [{ $and: [{ a: { $gte: 1 } }, { a: { $lte: 1 } }] }, [1, 4]],
    [{ $or: [{ a: "x" }, { a: 2 }] }, [2, 3, 4]],
    [{ $nor: [{ a: "x" }, { a: 1 }] }, [2, 5, 6, 7, 8]],
    [{ a: { $mod: [2, 0] } }, [2, 4]],
    [{ a: { $all: [1, 2] } }, [4]],
    [{ a: { $all: [] } }, []],
    [{ "a.0": 1 }, [4]],
    [{ a: /^x$/ }, [3]],
    [{ a: { $regex: "X", $options: "i" } }, [3]],
    [{ a: { $not: /x/ } }, [1, 2, 4, 5, 6, 7, 8]],
    [{ a: { $gt: "a" } }, [3]],
    [{ $expr: { $eq: ["$a", 2] } }, [2]],
    [{ _id: { $in: [1, 99, 3] } }, [1, 3]],
    [{ _id: { $gt: 6 } }, [7, 8]],
    [{}, [1, 2, 3, 4, 5, 6, 7, 8]],
  ])("%j finds %j", async (filter, ids) => {
    filterCollection ??= await world.fill(
      { _id: 1, a: 1 },
      { _id: 2, a: 2 },
      { _id: 3, a: "x" },
      { _id: 4, a: [1, 2] },
      { _id: 5, a: null },
      { _id: 6 },
      { _id: 7, a: { b: 1 } },
      { _id: 8, a: [] },
    );
    expect(await idsOf(filterCollection, filter)).toEqual(ids);
  });
  let filterCollection: Awaited<ReturnType<MongoWorld["fill"]>> | undefined;

  test("looks into arrays of documents", async () => {
    const c = await world.fill(
      {
        _id: 1,
        a: [
          { b: 1, c: 2 },
          { b: 3, c: 4 },
        ],
      },
      { _id: 2, a: [{ b: 1, c: 4 }] },
      { _id: 3, a: [{ c: 4 }] },
      { _id: 4, a: [] },
      { _id: 5, a: [5, { b: 5 }] },
      { _id: 6, a: [{ b: 1 }, {}] },
      { _id: 7, a: [{ b: [1, 9] }] },
    );
    expect(await idsOf(c, { "a.b": 1 })).toEqual([1, 2, 6, 7]);
    expect(await idsOf(c, { "a.b": 1, "a.c": 4 })).toEqual([1, 2]);
    expect(await idsOf(c, { a: { $elemMatch: { b: 1, c: 4 } } })).toEqual([2]);
    expect(await idsOf(c, { "a.b": null })).toEqual([3, 6]);
    expect(await idsOf(c, { "a.b": { $exists: false } })).toEqual([3, 4]);
    expect(await idsOf(c, { "a.1.b": 3 })).toEqual([1]);
    expect(await idsOf(c, { "a.b": { $size: 2 } })).toEqual([7]);
    expect(await idsOf(c, { a: { $elemMatch: { $eq: 5 } } })).toEqual([5]);
    expect(await idsOf(c, { "a.b": { $gt: 1, $lt: 4 } })).toEqual([1, 7]);
    expect(await idsOf(c, { a: { $size: 1 } })).toEqual([2, 3, 7]);
    expect(await idsOf(c, { "a.b": { $ne: 1 } })).toEqual([3, 4, 5]);
  });

  test("a range over an array may be met by two elements, $elemMatch by one only", async () => {
    const c = await world.fill({ _id: 1, n: [1, 10] }, { _id: 2, n: [5] }, { _id: 3, n: [[5]] });
    expect(await idsOf(c, { n: { $gt: 4, $lt: 6 } })).toEqual([1, 2]);
    expect(await idsOf(c, { n: { $elemMatch: { $gt: 4, $lt: 6 } } })).toEqual([2]);
    expect(await idsOf(c, { n: [[5]] })).toEqual([3]);
    expect(await idsOf(c, { n: { $in: [[5]] } })).toEqual([2, 3]);
  });

  test("tells types apart: dates, ids, booleans, binaries, order of fields", async () => {
    const id = new ObjectId();
    const c = await world.fill(
      { _id: 1, v: new Date(5) },
      { _id: 2, v: 5 },
      { _id: 3, v: id },
      { _id: 4, v: id.toHexString() },
      { _id: 5, v: true },
      { _id: 6, v: { a: 1, b: 2 } },
      { _id: 7, v: { b: 2, a: 1 } },
      { _id: 8, v: "5" },
      { _id: 9, v: Number.NaN },
    );
    expect(await idsOf(c, { v: new Date(5) })).toEqual([1]);
    expect(await idsOf(c, { v: id })).toEqual([3]);
    expect(await idsOf(c, { v: true })).toEqual([5]);
    expect(await idsOf(c, { v: { a: 1, b: 2 } })).toEqual([6]);
    expect(await idsOf(c, { v: { $gte: 5 } })).toEqual([2]);
    expect(await idsOf(c, { v: { $gt: new Date(0) } })).toEqual([1]);
    expect(await idsOf(c, { v: Number.NaN })).toEqual([9]);
    expect(await idsOf(c, { v: { $lt: 9 } })).toEqual([2]);
  });

  test("regexes mean what they mean in MongoDB", async () => {
    const c = await world.fill(
      { _id: 1, t: "abc" },
      { _id: 2, t: "abc\n" },
      { _id: 3, t: "x\nabc\ny" },
      { _id: 4, t: ["no", "abcd"] },
      { _id: 5, t: "ABC" },
      { _id: 6, t: 7 },
    );
    expect(await idsOf(c, { t: /^abc$/ })).toEqual([1, 2]);
    expect(await idsOf(c, { t: /^abc$/m })).toEqual([1, 2, 3]);
    expect(await idsOf(c, { t: /^ABC/i })).toEqual([1, 2, 4, 5]);
    expect(await idsOf(c, { t: { $in: [/^abcd/, "ABC"] } })).toEqual([4, 5]);
    expect(await idsOf(c, { t: new BSONRegExp("c.y", "s") })).toEqual([3]);
    expect(await idsOf(c, { t: /c.y/ })).toEqual([]);
  });

  test("refuses filters that make no sense", async () => {
    const c = await world.fill({ _id: 1 });
    for (const filter of [
      { a: { $near: "you", $gt: 1 } },
      { $magic: 1 },
      { a: { $in: 5 } },
      { $and: [] },
      { a: { $gt: 1, b: 2 } },
      { a: { $size: -1 } },
      { a: { $regex: "(" } },
    ]) {
      await expect(c.find(filter).toArray()).rejects.toBeInstanceOf(MongoServerError);
    }
  });
});

describe("find", () => {
  test("sorts over all types, by several fields, and by elements of arrays", async () => {
    const values = ["b", null, [4, 0], 3, true, new Date(0), { a: 1 }, "a", -1, new ObjectId()];
    const c = await world.fill(...values.map((v, _id) => ({ _id, v })), { _id: 10 });
    const order = async (direction: 1 | -1) =>
      (await c.find({}, { sort: { v: direction, _id: 1 } }).toArray()).map((doc) => doc._id);
    expect(await order(1)).toEqual([1, 10, 8, 2, 3, 7, 0, 6, 9, 4, 5]);
    expect(await order(-1)).toEqual([5, 4, 9, 6, 0, 7, 2, 3, 8, 1, 10]);

    const d = await world.fill({ a: 1, b: 2 }, { a: 2, b: 1 }, { a: 1, b: 3 });
    const pairs = await d.find({}, { sort: { a: 1, b: -1 }, projection: { _id: 0 } }).toArray();
    expect(pairs).toEqual([
      { a: 1, b: 3 },
      { a: 1, b: 2 },
      { a: 2, b: 1 },
    ]);
  });

  test("skips, limits and counts", async () => {
    const c = await world.fill(
      ...Array.from({ length: 10 }, (_, i) => ({ _id: i, even: i % 2 === 0 })),
    );
    const page = await c.find({}, { sort: { _id: 1 }, skip: 3, limit: 2 }).toArray();
    expect(page.map((doc) => doc._id)).toEqual([3, 4]);
    expect(await c.countDocuments({ even: true })).toBe(5);
    expect(await c.countDocuments({ even: true }, { skip: 1, limit: 3 })).toBe(3);
    expect(await c.estimatedDocumentCount()).toBe(10);
    expect(await c.distinct("even")).toEqual(expect.arrayContaining([true, false]));
    expect(await c.findOne({ _id: 77 })).toBeNull();
  });

  test("distinct opens arrays and obeys a filter", async () => {
    const c = await world.fill(
      { t: ["a", "b"], n: 1 },
      { t: "b", n: 1 },
      { t: ["c"], n: 2 },
      { n: 1 },
    );
    expect((await c.distinct("t", { n: 1 })).sort()).toEqual(["a", "b"]);
  });

  test("gives large results in batches, of a moment, and ends cursors", async () => {
    const c = await world.fill(...Array.from({ length: 350 }, (_, i) => ({ _id: i })));
    const seen: unknown[] = [];
    for await (const doc of c.find({}, { batchSize: 100, sort: { _id: 1 } })) seen.push(doc._id);
    expect(seen).toEqual(Array.from({ length: 350 }, (_, i) => i));
    expect(await c.find().toArray()).toHaveLength(350);

    const cursor = c.find({}, { batchSize: 10 });
    await cursor.next();
    const id = cursor.id;
    await cursor.close();
    await expect(
      world.db.command({ getMore: id, collection: c.collectionName }),
    ).rejects.toMatchObject({ code: 43 });
  });

  test.each([
    [{ a: 1 }, { _id: 1, a: 5 }],
    [{ a: 1, _id: 0 }, { a: 5 }],
    [{ a: 0 }, { _id: 1, b: { c: 1, d: 2 }, l: [{ x: 1, y: 2 }, { y: 3 }, 7] }],
    [{ _id: 0 }, { a: 5, b: { c: 1, d: 2 }, l: [{ x: 1, y: 2 }, { y: 3 }, 7] }],
    [{ "b.c": 1 }, { _id: 1, b: { c: 1 } }],
    [{ b: { c: 1 } }, { _id: 1, b: { c: 1 } }],
    [
      { "b.c": 0, l: 0 },
      { _id: 1, a: 5, b: { d: 2 } },
    ],
    [{ "l.x": 1 }, { _id: 1, l: [{ x: 1 }, {}] }],
    [
      { "l.x": 0, a: 0, b: 0 },
      { _id: 1, l: [{ y: 2 }, { y: 3 }, 7] },
    ],
    [{ "a.z": 1 }, { _id: 1 }],
    [
      { l: { $slice: 1 }, a: 1 },
      { _id: 1, a: 5, l: [{ x: 1, y: 2 }] },
    ],
    [
      { l: { $slice: [1, 1] }, a: 0, b: 0 },
      { _id: 1, l: [{ y: 3 }] },
    ],
    [
      { l: { $slice: -1 }, a: 1 },
      { _id: 1, a: 5, l: [7] },
    ],
    [{ l: { $elemMatch: { y: 3 } } }, { _id: 1, l: [{ y: 3 }] }],
    [{ l: { $elemMatch: { y: 99 } } }, { _id: 1 }],
    [{ sum: { $add: ["$a", "$b.c"] } }, { _id: 1, sum: 6 }],
  ])("projection %j", async (projection, expected) => {
    const c = await world.fill({
      _id: 1,
      a: 5,
      b: { c: 1, d: 2 },
      l: [{ x: 1, y: 2 }, { y: 3 }, 7],
    });
    expect(await c.findOne({}, { projection })).toEqual(expected);
  });

  test("refuses projections that mix or collide", async () => {
    const c = await world.fill({ _id: 1 });
    for (const projection of [
      { a: 1, b: 0 },
      { a: 1, "a.b": 1 },
    ]) {
      await expect(c.findOne({}, { projection })).rejects.toBeInstanceOf(MongoServerError);
    }
  });
});
