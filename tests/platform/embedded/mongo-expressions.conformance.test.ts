// Runs unchanged against another server: MONGODB_URL=mongodb://… npm test -- conformance
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { MongoServerError, ObjectId } from "mongodb";
import { openMongoWorld, type MongoWorld } from "./mongo-support.ts";

let world: MongoWorld;
beforeAll(async () => {
  world = await openMongoWorld(process.env["MONGODB_URL"]);
});
afterAll(() => world.close());

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
