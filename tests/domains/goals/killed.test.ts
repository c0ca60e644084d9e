import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { startApp, type App } from "../../../src/main/app.ts";
import { loadConfig } from "../../../src/platform/config/env.ts";
import { createLogger } from "../../../src/platform/observe/logger.ts";
import { storeUrls } from "../../support/database.ts";
import { startServer, type Server } from "../../support/server-process.ts";
import { openAiResponse, startStubs, type Stubs } from "../../support/stubs/index.ts";
import { until } from "../../support/until.ts";
import { createWorld, type World } from "../../support/world.ts";
import { log, makeGoal, registered, rewardsOf } from "./goals-bed.ts";

let stubs: Stubs;
let world: World;
let victim: Server;
let rescuer: App | null = null;
const urls = () => {
  const { mongoUrl, redisUrl } = storeUrls();
  const mongo = new URL(mongoUrl);
  mongo.pathname = new URL(world.databaseUrl).pathname;
  return { postgresUrl: world.databaseUrl, mongoUrl: mongo.toString(), redisUrl };
};
beforeAll(async () => {
  stubs = await startStubs();
  const env = {
    OPENAI_MODE: "live",
    OPENAI_BASE_URL: `${stubs.url}/openai/v1`,
    OPENAI_API_KEY: "sk-test",
  };
  world = await createWorld({ nodes: 1, workers: 0, env });
  const { postgresUrl: DATABASE_URL, mongoUrl: MONGODB_URL, redisUrl: REDIS_URL } = urls();
  const stores = { DATABASE_URL, MONGODB_URL, REDIS_URL };
  victim = await startServer(["--role", "worker"], { ...world.env, ...stores, LOG_LEVEL: "info" });
}, 30_000);
afterAll(async () => {
  await victim.kill();
  await rescuer?.stop();
  await world.stop();
  await stubs.close();
});

const GENERATE = /* GraphQL */ `
  mutation ($analysisId: ID!) {
    generateGoals(input: { analysisId: $analysisId }) {
      goalPlan {
        id
      }
    }
  }
`;

test("a plan whose worker is killed makes its goals once; documents that it owed are written", async () => {
  const person = await registered(world);
  const { parts, stores } = world.nodes[0]!;
  const { database, mongo, ids } = stores;
  const analysisId = ids.next("ana");
  await database.query(
    `insert into ai_jobs (id, user_id, kind, status, input, slot, finished_at)
     values ($1, $2, 'SKIN_ANALYSIS', 'SUCCEEDED', '{}', 0, now())`,
    [analysisId, person.userId],
  );
  const reading = { metrics: { redness: 50 }, concerns: [], skinType: null };
  await mongo.db
    .collection<any>("skin_analyses")
    .insertOne({ _id: analysisId, userId: person.userId, reading });
  const goal = {
    title: "Calm",
    description: "",
    targetMetric: "redness",
    target: 60,
    weeks: 6,
    milestones: [],
  };
  // Holds the victim up until it is gone.
  stubs.script("openai", { delayMs: 60_000 });
  stubs.script("openai", {
    status: 200,
    body: openAiResponse({ text: JSON.stringify({ goals: [goal] }) }),
  });
  const { generateGoals } = await person.must(GENERATE, { analysisId });
  const planId = generateGoals.goalPlan.id as string;
  await until(() => stubs.requests("openai").length > 0);
  await victim.kill();
  const goalId = await makeGoal(person);
  await log(person, { goalId, value: 60 });
  rescuer = await startApp({
    config: loadConfig({ ...world.env, PORT: "0" }),
    urls: { ...urls(), redisEmbedded: true },
    role: "worker",
    log: createLogger("silent"),
  });
  const ended = await until(
    async () => (await parts.jobRepository.byIds([planId]))[0]!,
    ({ finishedAt }) => finishedAt !== null,
  );
  expect(ended).toMatchObject({ status: "SUCCEEDED", crashes: 1 });
  const planned = await database.query<{ id: string }>("select id from goals where plan_id = $1", [
    planId,
  ]);
  expect(planned).toHaveLength(1);
  const documents = mongo.db.collection<any>("goals");
  await until(() => documents.findOne({ _id: planned[0]!.id }));
  await until(() => documents.findOne({ _id: goalId, status: "COMPLETED" }));
  expect(await rewardsOf(world, person.userId)).toEqual([
    { name: "FIRST_GOAL_COMPLETED", delta: 20 },
  ]);
}, 30_000);
