import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { startApp, type App } from "../../../src/main/app.ts";
import { loadConfig } from "../../../src/platform/config/env.ts";
import { createLogger } from "../../../src/platform/observe/logger.ts";
import { CopyRepository } from "../../../src/domains/goals/copies/copy.repository.ts";
import { storeUrls } from "../../support/database.ts";
import { Gate } from "../../support/gate.ts";
import { until } from "../../support/until.ts";
import { createWorld, type World } from "../../support/world.ts";
import { finishAnalysis, goalOf, log, makeGoal, measured, registered } from "./goals-bed.ts";

const mongoUrl = storeUrls().mongoUrl;
let gate: Gate;
let world: World;
let worker: App | null = null;
beforeAll(async () => {
  gate = await Gate.before(mongoUrl);
  process.env["FACET_TEST_MONGO_URL"] = gate.urlOf(mongoUrl);
  world = await createWorld({ nodes: 1, workers: 0 });
});
afterAll(async () => {
  gate.reopen();
  await worker?.stop();
  await world.stop();
  await gate.close();
  process.env["FACET_TEST_MONGO_URL"] = mongoUrl;
});

/** A worker that was not there when things happened: whatever it does, it learns from the queue. */
async function startWorker(): Promise<void> {
  const mongo = new URL(gate.urlOf(mongoUrl));
  mongo.pathname = new URL(world.databaseUrl).pathname;
  worker ??= await startApp({
    config: loadConfig({ ...world.env, PORT: "0" }),
    urls: {
      postgresUrl: world.databaseUrl,
      mongoUrl: mongo.toString(),
      redisUrl: storeUrls().redisUrl,
      redisEmbedded: true,
    },
    role: "worker",
    log: createLogger("silent"),
  });
}

const documents = (name: string) => world.nodes[0]!.stores.mongo.db.collection<any>(name);

test("documents are written after the commit, whoever is there to do it, and follow each change", async () => {
  const person = await registered(world);
  const id = await makeGoal(person);
  await log(person, { goalId: id, value: 50 });
  expect(await documents("goals").findOne({ _id: id })).toBeNull();
  await startWorker();
  const half = await until(() => documents("goals").findOne({ _id: id }));
  expect(half).toMatchObject({
    userId: person.userId,
    targetMetric: "hydration",
    currentValue: 50,
    progress: 0.5,
    status: "ACTIVE",
  });
  expect(half.milestones.map((each: any) => each.reachedAt instanceof Date)).toEqual([
    true,
    true,
    false,
    false,
  ]);
  await log(person, { goalId: id, value: 60 });
  await until(
    () => documents("goals").findOne({ _id: id }),
    ({ status }) => status === "COMPLETED",
  );
  const first = { userId: person.userId, achievementId: "FIRST_GOAL_COMPLETED" };
  await until(() => documents("user_achievements").findOne({ ...first, isUnlocked: true }));
  expect(await documents("user_achievements").countDocuments({ userId: person.userId })).toBe(8);
});

test("an older state is never written over a newer one, however late it comes", async () => {
  await startWorker();
  const person = await world.person();
  const id = await makeGoal(person);
  const early = await until(() => documents("goals").findOne({ _id: id }));
  await log(person, { goalId: id, value: 55 });
  await until(
    () => documents("goals").findOne({ _id: id }),
    ({ version }) => version > early.version,
  );
  const { database, mongo } = world.nodes[0]!.stores;
  await new CopyRepository(database, mongo.db).writeGoals([early]);
  expect(await documents("goals").findOne({ _id: id })).toMatchObject({ currentValue: 55 });
});

test("without MongoDB everything goes on; the documents are late, and right", async () => {
  await startWorker();
  const person = await world.person();
  const id = await makeGoal(person);
  await until(() => documents("goals").findOne({ _id: id }));
  gate.shut();
  await finishAnalysis(world, person.userId, measured({ hydration: 45 }));
  await log(person, { goalId: id, value: 60 });
  expect(await goalOf(person, id)).toMatchObject({ status: "COMPLETED", progress: 1 });
  gate.reopen();
  await until(
    () =>
      documents("goals")
        .findOne({ _id: id })
        .catch(() => null),
    (goal) => goal?.status === "COMPLETED",
    25_000,
  );
  const { database } = world.nodes[0]!.stores;
  await until(
    () =>
      database.query<{ behind: boolean }>(
        "select copied_version < version as behind from goal_profiles where user_id = $1",
        [person.userId],
      ),
    ([row]) => row?.behind === false,
  );
}, 40_000);
