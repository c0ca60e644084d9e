import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { PersonalData } from "../../src/platform/module.ts";
import { createWorld, type World } from "../support/world.ts";

/** Tables that name users and that no domain has to answer for, and why. */
const nobodys: Readonly<Record<string, string>> = {
  reward_runs: "how far a run has come, until it is through",
};

let world: World;
let personalData: readonly PersonalData[];
beforeAll(async () => {
  world = await createWorld({ nodes: 1, workers: 0 });
  personalData = world.nodes[0]!.parts.personalData;
});
afterAll(() => world.stop());

const sorted = (names: readonly string[]) => [...names].sort();

test("each table that names a user is answered for by exactly one domain", async () => {
  const rows = await world.nodes[0]!.stores.database.query<{ name: string }>(
    `select distinct table_name as name from information_schema.columns
     where table_schema = 'public' and column_name ~ 'user_id$' order by 1`,
  );
  const answered = personalData.flatMap(({ tables }) => tables);
  expect(sorted([...answered, ...Object.keys(nobodys)])).toEqual(
    sorted(rows.map(({ name }) => name)),
  );
});

test("each collection of MongoDB is answered for by exactly one domain", async () => {
  const collections = await world.nodes[0]!.stores.mongo.db.listCollections().toArray();
  const answered = personalData.flatMap((each) => each.collections ?? []);
  expect(sorted(answered)).toEqual(sorted(collections.map(({ name }) => name)));
});

test("no two parts of an export have one name", () => {
  const names = personalData.map(({ name }) => name);
  expect(names).toEqual([...new Set(names)]);
  expect(names.filter((name) => !/^[a-z][A-Za-z]*$/.test(name))).toEqual([]);
});
