// Runs unchanged against another server: MONGODB_URL=mongodb://… npm test -- conformance
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { MongoServerError, type Document } from "mongodb";
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

  test.each<[Document[]]>([
    [[{ $frobnicate: {} }]],
    [[{ $group: { total: { $sum: 1 } } }]],
    [[{ $limit: 0 }]],
    [[{ $project: {} }]],
    [[{ $project: { a: { $frobnicate: 1 } } }]],
    [[{ $unwind: "tags" }]],
    [[{ $match: {}, $limit: 1 }]],
  ])("refuses %j", async (pipeline) => {
    const c = await world.fill({ _id: 1 });
    await expect(c.aggregate(pipeline).toArray()).rejects.toBeInstanceOf(MongoServerError);
  });
});
