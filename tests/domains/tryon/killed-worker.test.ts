import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { startApp, type App } from "../../../src/main/app.ts";
import { loadConfig } from "../../../src/platform/config/env.ts";
import { createLogger } from "../../../src/platform/observe/logger.ts";
import { storeUrls } from "../../support/database.ts";
import { startServer, type Server } from "../../support/server-process.ts";
import { startStubs, type Stubs } from "../../support/stubs/index.ts";
import { until } from "../../support/until.ts";
import { createWorld, type World } from "../../support/world.ts";
import { create, creditsOf, openSalon, replicateEnv, rich, tryOn } from "./try-on-bed.ts";

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
  world = await createWorld({ nodes: 1, workers: 0, env: replicateEnv(stubs) });
  await openSalon(world);
  const { postgresUrl: DATABASE_URL, mongoUrl: MONGODB_URL, redisUrl: REDIS_URL } = urls();
  const stores = { DATABASE_URL, MONGODB_URL, REDIS_URL };
  const url = world.url;
  victim = await startServer(["--role", "worker"], { ...world.env, ...stores, PUBLIC_URL: url });
}, 60_000);
afterAll(async () => {
  await victim.kill();
  await rescuer?.stop();
  await world.stop();
  await stubs.close();
});

test("a worker is killed with one view there and one on its way: nothing is created or paid twice", async () => {
  stubs.replicate.outcome("RIGHT", { status: "processing" });
  const person = await rich(world);
  const views = ["FRONT", "RIGHT"];
  const { hairTryOn } = await create(world, person, { views });
  const { jobRepository } = world.nodes[0]!.parts;
  const job = async () => (await jobRepository.byIds([hairTryOn.id]))[0]!;
  const stored = async () => JSON.parse((await job()).providerSession ?? '{"views":{}}').views;
  await until(async () => (await stored()).RIGHT?.step === "CREATED");
  await until(async () => (await tryOn(person, hairTryOn.id)).views[0].status === "SUCCEEDED");
  await victim.kill();
  stubs.replicate.outcome("RIGHT", { status: "succeeded" });
  rescuer = await startApp({
    config: loadConfig({ ...world.env, PORT: "0", PUBLIC_URL: world.url }),
    urls: { ...urls(), redisEmbedded: true },
    role: "worker",
    log: createLogger("silent"),
  });
  const ended = await until(job, ({ finishedAt }) => finishedAt !== null);
  expect(ended).toMatchObject({ status: "SUCCEEDED", crashes: 1 });
  // The log of the provider: each view was created once, though two workers have worked on it.
  const creations = stubs
    .requests("replicate")
    .filter(({ method, path }) => method === "POST" && path.includes("/models/"));
  expect(creations).toHaveLength(views.length);
  expect(await tryOn(person, hairTryOn.id)).toMatchObject({ creditsHeld: 0, creditsSpent: 2 });
  expect(await creditsOf(person)).toEqual({ balance: 8, held: 0 });
}, 40_000);
