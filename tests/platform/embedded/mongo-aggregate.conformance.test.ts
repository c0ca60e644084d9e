// Runs unchanged against another server: MONGODB_URL=mongodb://… npm test -- conformance
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { MongoServerError, ObjectId, type Document } from "mongodb";
import { openMongoWorld, type MongoWorld } from "./mongo-support.ts";

let world: MongoWorld;
beforeAll(async () => {
  world = await openMongoWorld(process.env["MONGODB_URL"]);
});
afterAll(() => world.close());

describe("stages", () => {
  const sales = [
    {
      _id: 1,
      user: "ada",
      item: "soap",
      price: 10,
      tags: ["a", "b"],
      at: new Date("2024-01-31T23:00:00Z"),
    },
    {
      _id: 2,
      user: "bob",
      item: "soap",
      price: 20,
      tags: [],
      at: new Date("2024-02-01T01:00:00Z"),
    },
    { _id: 3, user: "ada", item: "oil", price: 5.5, at: new Date("2024-02-15T00:00:00Z") },
    {
      _id: 4,
      user: "cy",
      item: "oil",
      price: null,
      tags: "b",
      at: new Date("2024-02-29T12:00:00Z"),
    },
  ];

  test.each<[string, Document[], unknown[]]>([
    [
      "$match, $sort, $skip, $limit, $project",
      [
        { $match: { price: { $gt: 1 } } },
        { $sort: { price: -1 } },
        { $skip: 1 },
        { $limit: 1 },
        { $project: { user: 1, double: { $multiply: ["$price", 2] } } },
      ],
      [{ _id: 1, user: "ada", double: 20 }],
    ],
    [
      "$group with all accumulators",
      [
        { $sort: { _id: 1 } },
        {
          $group: {
            _id: "$user",
            n: { $sum: 1 },
            count: { $count: {} },
            total: { $sum: "$price" },
            mean: { $avg: "$price" },
            least: { $min: "$price" },
            most: { $max: "$price" },
            first: { $first: "$item" },
            last: { $last: "$item" },
            all: { $push: "$item" },
          },
        },
        { $sort: { _id: 1 } },
      ],
      [
        {
          _id: "ada",
          n: 2,
          count: 2,
          total: 15.5,
          mean: 7.75,
          least: 5.5,
          most: 10,
          first: "soap",
          last: "oil",
          all: ["soap", "oil"],
        },
        {
          _id: "bob",
          n: 1,
          count: 1,
          total: 20,
          mean: 20,
          least: 20,
          most: 20,
          first: "soap",
          last: "soap",
          all: ["soap"],
        },
        {
          _id: "cy",
          n: 1,
          count: 1,
          total: 0,
          mean: null,
          least: null,
          most: null,
          first: "oil",
          last: "oil",
          all: ["oil"],
        },
      ],
    ],
    [
      "$group of everything, over a missing field",
      [{ $group: { _id: null, tags: { $addToSet: "$nothing" }, first: { $first: "$nothing" } } }],
      [{ _id: null, tags: [], first: null }],
    ],
    [
      "$group by month",
      [
        { $group: { _id: { y: { $year: "$at" }, m: { $month: "$at" } }, n: { $sum: 1 } } },
        { $sort: { n: 1 } },
      ],
      [
        { _id: { y: 2024, m: 1 }, n: 1 },
        { _id: { y: 2024, m: 2 }, n: 3 },
      ],
    ],
    ["$count", [{ $match: { user: "ada" } }, { $count: "n" }], [{ n: 2 }]],
    ["$count of nothing", [{ $match: { user: "zoe" } }, { $count: "n" }], []],
    [
      "$unwind",
      [{ $unwind: "$tags" }, { $sort: { _id: 1, tags: 1 } }, { $project: { tags: 1 } }],
      [
        { _id: 1, tags: "a" },
        { _id: 1, tags: "b" },
        { _id: 4, tags: "b" },
      ],
    ],
    [
      "$unwind with all options",
      [
        { $unwind: { path: "$tags", includeArrayIndex: "i", preserveNullAndEmptyArrays: true } },
        { $sort: { _id: 1, i: 1 } },
        { $project: { tags: 1, i: 1 } },
      ],
      [
        { _id: 1, tags: "a", i: 0 },
        { _id: 1, tags: "b", i: 1 },
        { _id: 2, i: null },
        { _id: 3, i: null },
        { _id: 4, tags: "b", i: null },
      ],
    ],
    [
      "$addFields, $set, $unset",
      [
        { $match: { _id: 1 } },
        { $addFields: { "deep.price": "$price", gone: "$$REMOVE" } },
        { $set: { deep: { twice: { $add: ["$price", "$price"] } } } },
        { $unset: ["tags", "at", "item", "user"] },
      ],
      [{ _id: 1, price: 10, deep: { price: 10, twice: 20 } }],
    ],
    [
      "$replaceRoot and $replaceWith",
      [
        { $match: { _id: 1 } },
        { $replaceRoot: { newRoot: { a: "$item", b: { c: "$user" } } } },
        { $replaceWith: { $mergeObjects: ["$b", { d: "$a" }] } },
      ],
      [{ c: "ada", d: "soap" }],
    ],
    [
      "$sortByCount",
      [{ $match: { _id: { $lte: 3 } } }, { $sortByCount: "$item" }],
      [
        { _id: "soap", count: 2 },
        { _id: "oil", count: 1 },
      ],
    ],
    [
      "$facet",
      [
        {
          $facet: {
            count: [{ $count: "n" }],
            top: [{ $sort: { price: -1 } }, { $limit: 1 }, { $project: { _id: 1 } }],
          },
        },
      ],
      [{ count: [{ n: 4 }], top: [{ _id: 2 }] }],
    ],
    ["$sample takes no document twice", [{ $sample: { size: 99 } }, { $count: "n" }], [{ n: 4 }]],
    [
      "$project leaves out",
      [{ $match: { _id: 1 } }, { $project: { tags: 0, at: 0, user: 0 } }],
      [{ _id: 1, item: "soap", price: 10 }],
    ],
    [
      "$match by $expr",
      [
        { $match: { $expr: { $gt: ["$price", { $literal: 6 }] } } },
        { $project: { _id: 1 } },
        { $sort: { _id: 1 } },
      ],
      [{ _id: 1 }, { _id: 2 }],
    ],
  ])("%s", async (_name, pipeline, expected) => {
    const c = await world.fill(...sales);
    expect(await c.aggregate(pipeline).toArray()).toEqual(expected);
  });

  test("$lookup and $unionWith reach other collections", async () => {
    const users = await world.fill(
      { _id: "ada", lists: [1, 3] },
      { _id: "zoe" },
      { _id: "nil", lists: [] },
    );
    const items = await world.fill(
      { _id: 1, n: "one" },
      { _id: 2, n: "two" },
      { _id: 3, n: "three" },
      { _id: 4, n: null },
    );
    const joined = await users
      .aggregate([
        {
          $lookup: {
            from: items.collectionName,
            localField: "lists",
            foreignField: "_id",
            as: "found",
          },
        },
        { $project: { names: "$found.n" } },
      ])
      .toArray();
    expect(joined).toEqual([
      { _id: "ada", names: ["one", "three"] },
      { _id: "zoe", names: [] },
      { _id: "nil", names: [] },
    ]);
    const missing = await users
      .aggregate([
        { $match: { _id: "zoe" } },
        {
          $lookup: {
            from: items.collectionName,
            localField: "lists",
            foreignField: "n",
            as: "found",
          },
        },
      ])
      .toArray();
    expect(missing).toEqual([{ _id: "zoe", found: [{ _id: 4, n: null }] }]);
    const all = await users
      .aggregate([{ $unionWith: { coll: items.collectionName } }, { $count: "n" }])
      .toArray();
    expect(all).toEqual([{ n: 7 }]);
  });

  test("large results come in batches", async () => {
    const c = await world.fill(...Array.from({ length: 300 }, (_, i) => ({ _id: i })));
    const docs = await c.aggregate([{ $sort: { _id: 1 } }], { batchSize: 7 }).toArray();
    expect(docs.map((doc) => doc["_id"] as number)).toEqual(
      Array.from({ length: 300 }, (_, i) => i),
    );
  });

  test.each([
    [[{ $frobnicate: {} }], 40324],
    [[{ $group: { total: { $sum: 1 } } }], 15955],
    [[{ $limit: 0 }], 15958],
    [[{ $project: {} }], 51272],
    [[{ $project: { a: { $frobnicate: 1 } } }], 31325],
    [[{ $unwind: "tags" }], 28818],
    [[{ $match: {}, $limit: 1 }], 40323],
  ])("refuses %j", async (pipeline) => {
    const c = await world.fill({ _id: 1 });
    await expect(c.aggregate(pipeline).toArray()).rejects.toBeInstanceOf(MongoServerError);
  });
});

describe("expressions", () => {
  const id = new ObjectId("65a000000000000000000001");
  const doc = {
    _id: 1,
    n: 7,
    h: 2.5,
    s: "Hello Wörld",
    l: [3, 1, 2],
    o: { a: 1, b: 2 },
    d: new Date("2024-02-29T13:14:15.016Z"),
    z: null,
    id,
    pairs: [{ k: "x", v: 1 }, { k: "y" }],
  };
  test.each<[unknown, unknown]>([
    ["$o.a", 1],
    ["$pairs.v", [1]],
    ["$l.0", []],
    ["$missing", undefined],
    [{ $literal: "$n" }, "$n"],
    ["$$ROOT.n", 7],
    [
      ["$n", "$missing"],
      [7, null],
    ],
    [{ $eq: ["$z", null] }, true],
    [{ $eq: ["$missing", null] }, false],
    [{ $gt: ["$s", 5] }, true],
    [{ $lt: ["$missing", 5] }, true],
    [{ $ne: ["$n", 7] }, false],
    [{ $gte: ["$n", 7] }, true],
    [{ $lte: ["$n", 6] }, false],
    [{ $cmp: ["$n", 9] }, -1],
    [{ $and: ["$n", "$o"] }, true],
    [{ $or: ["$z", 0] }, false],
    [{ $not: ["$z"] }, true],
    [{ $cond: [{ $gt: ["$n", 5] }, "big", "small"] }, "big"],
    [{ $cond: { if: "$z", then: 1, else: 2 } }, 2],
    [{ $ifNull: ["$z", "$missing", "fallback"] }, "fallback"],
    [
      { $switch: { branches: [{ case: { $eq: ["$n", 7] }, then: "seven" }], default: "other" } },
      "seven",
    ],
    [{ $let: { vars: { x: "$n" }, in: { $add: ["$$x", 1] } } }, 8],
    [{ $add: ["$n", 1, 0.5] }, 8.5],
    [{ $add: ["$n", "$z"] }, null],
    [{ $subtract: ["$n", 10] }, -3],
    [{ $multiply: ["$n", 3] }, 21],
    [{ $divide: ["$n", 2] }, 3.5],
    [{ $mod: [-7, 3] }, -1],
    [{ $abs: -4 }, 4],
    [{ $ceil: "$h" }, 3],
    [{ $floor: "$h" }, 2],
    [{ $round: "$h" }, 2],
    [{ $trunc: -2.7 }, -2],
    [{ $sqrt: 16 }, 4],
    [{ $pow: [2, 10] }, 1024],
    [{ $sum: "$l" }, 6],
    [{ $sum: ["$n", "$h", "$s"] }, 9.5],
    [{ $sum: [0.1, 0.2, 0.3] }, 0.6],
    [{ $avg: "$l" }, 2],
    [{ $min: "$l" }, 1],
    [{ $max: ["$n", "$h"] }, 7],
    [{ $concat: ["a", "$s"] }, "aHello Wörld"],
    [{ $concat: ["a", "$z"] }, null],
    [{ $toUpper: "abc" }, "ABC"],
    [{ $toLower: "$s" }, "hello wörld"],
    [{ $strLenCP: "$s" }, 11],
    [{ $substrCP: ["$s", 6, 2] }, "Wö"],
    [{ $split: ["a,b", ","] }, ["a", "b"]],
    [{ $trim: { input: "  x " } }, "x"],
    [{ $ltrim: { input: "xxy", chars: "x" } }, "y"],
    [{ $rtrim: { input: "yx", chars: "x" } }, "y"],
    [{ $strcasecmp: ["ABC", "abd"] }, -1],
    [{ $size: "$l" }, 3],
    [{ $arrayElemAt: ["$l", -1] }, 2],
    [{ $arrayElemAt: ["$l", 9] }, undefined],
    [{ $first: "$l" }, 3],
    [{ $last: "$l" }, 2],
    [{ $in: [2, "$l"] }, true],
    [{ $indexOfArray: ["$l", 2] }, 2],
    [{ $slice: ["$l", 2] }, [3, 1]],
    [{ $slice: ["$l", -2, 1] }, [1]],
    [{ $concatArrays: ["$l", [9]] }, [3, 1, 2, 9]],
    [{ $isArray: "$l" }, true],
    [{ $reverseArray: "$l" }, [2, 1, 3]],
    [{ $range: [0, 6, 2] }, [0, 2, 4]],
    [{ $map: { input: "$l", as: "x", in: { $multiply: ["$$x", 2] } } }, [6, 2, 4]],
    [{ $filter: { input: "$l", cond: { $gt: ["$$this", 1] } } }, [3, 2]],
    [{ $reduce: { input: "$l", initialValue: 0, in: { $add: ["$$value", "$$this"] } } }, 6],
    [{ $mergeObjects: ["$o", { b: 3 }] }, { a: 1, b: 3 }],
    [
      { $objectToArray: "$o" },
      [
        { k: "a", v: 1 },
        { k: "b", v: 2 },
      ],
    ],
    [{ $arrayToObject: [[["p", 1]]] }, { p: 1 }],
    [{ $type: "$s" }, "string"],
    [{ $type: "$missing" }, "missing"],
    [{ $toString: "$n" }, "7"],
    [{ $toString: "$id" }, "65a000000000000000000001"],
    [{ $toBool: "$n" }, true],
    [{ $toObjectId: "65a000000000000000000001" }, id],
    [{ $toDate: "2024-02-29T13:14:15.016Z" }, doc.d],
    [{ $toInt: 3.9 }, 3],
    [{ $year: "$d" }, 2024],
    [{ $month: "$d" }, 2],
    [{ $dayOfMonth: "$d" }, 29],
    [{ $hour: "$d" }, 13],
    [{ $minute: "$d" }, 14],
    [{ $second: "$d" }, 15],
    [{ $millisecond: "$d" }, 16],
    [{ $dayOfWeek: "$d" }, 5],
    [{ $dayOfYear: "$d" }, 60],
    [{ $isoWeek: "$d" }, 9],
    [{ $isoDayOfWeek: "$d" }, 4],
    [{ $dateToString: { date: "$d" } }, "2024-02-29T13:14:15.016Z"],
    [{ $dateToString: { date: "$d", format: "%Y-%m-%d %H:%M" } }, "2024-02-29 13:14"],
    [{ $dateTrunc: { date: "$d", unit: "month" } }, new Date("2024-02-01T00:00:00Z")],
    [
      { $dateTrunc: { date: "$d", unit: "week", startOfWeek: "monday" } },
      new Date("2024-02-26T00:00:00Z"),
    ],
    [{ $dateTrunc: { date: "$d", unit: "hour" } }, new Date("2024-02-29T13:00:00Z")],
    [{ $subtract: ["$d", new Date("2024-02-29T13:14:14.016Z")] }, 1000],
    [{ $add: ["$d", 1000] }, new Date("2024-02-29T13:14:16.016Z")],
    [
      { x: "$n", y: { z: "$missing" } },
      { x: 7, y: {} },
    ],
  ])("%j is %j", async (expression, expected) => {
    collection ??= await world.fill(doc);
    const [result] = await collection.aggregate([{ $replaceWith: { v: expression } }]).toArray();
    expect(result).toEqual(expected === undefined ? {} : { v: expected });
  });
  let collection: Awaited<ReturnType<MongoWorld["fill"]>> | undefined;

  test.each([
    [{ $add: ["$s", 1] }],
    [{ $divide: [1, 0] }],
    [{ $size: "$n" }],
    [{ $concat: ["a", 1] }],
    [{ $toObjectId: "nonsense" }],
    ["$$undeclared"],
    [{ $frobnicate: 1 }],
  ])("%j is refused", async (expression) => {
    const c = await world.fill(doc);
    const run = c.aggregate([{ $replaceWith: { v: expression } }]).toArray();
    await expect(run).rejects.toBeInstanceOf(MongoServerError);
  });
});
