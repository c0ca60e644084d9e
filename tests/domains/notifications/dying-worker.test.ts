import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { startApp, type App } from "../../../src/main/app.ts";
import { loadConfig } from "../../../src/platform/config/env.ts";
import { createLogger } from "../../../src/platform/observe/logger.ts";
import { startAnalysis } from "../../support/analyses.ts";
import { storeUrls } from "../../support/database.ts";
import { startServer, type Server } from "../../support/server-process.ts";
import { startStubs, type Stubs } from "../../support/stubs/index.ts";
import { until } from "../../support/until.ts";
import { createWorld, type World } from "../../support/world.ts";
import { inboxOf, outboxOf, pushesOf, registerDevice } from "./notification-bed.ts";

let stubs: Stubs;
let world: World;
let victim: Server;
let rescuer: App;
const urls = () => {
  const { mongoUrl, redisUrl } = storeUrls();
  const mongo = new URL(mongoUrl);
  mongo.pathname = new URL(world.databaseUrl).pathname;
  return { postgresUrl: world.databaseUrl, mongoUrl: mongo.toString(), redisUrl };
};
beforeAll(async () => {
  stubs = await startStubs({ orboPolls: 1 });
  const env = {
    ORBO_MODE: "live",
    ORBO_BASE_URL: `${stubs.url}/orbo/skin/v1/`,
    ORBO_CLIENT_ID: "client",
    ORBO_API_KEY: "key",
    ORBO_POLL_MS: "5",
  };
  world = await createWorld({ nodes: 1, workers: 0, env });
  const { postgresUrl: DATABASE_URL, mongoUrl: MONGODB_URL, redisUrl: REDIS_URL } = urls();
  const stores = { DATABASE_URL, MONGODB_URL, REDIS_URL };
  victim = await startServer(["--role", "worker"], { ...world.env, ...stores, LOG_LEVEL: "info" });
}, 30_000);
afterAll(async () => {
  await victim.kill();
  await rescuer.stop();
  await world.stop();
  await stubs.close();
});

test("an analysis whose worker is killed notifies once, and each device gets one push", async () => {
  const person = await world.person();
  await registerDevice(person, "phone");
  await registerDevice(person, "tablet");
  // Holds the victim up until it is gone.
  stubs.script("orbo", { match: "/skin/v1/analysis", delayMs: 60_000 });
  const id = await startAnalysis(world, person);
  const { jobRepository } = world.nodes[0]!.parts;
  const job = async () => (await jobRepository.byIds([id]))[0]!;
  await until(() => stubs.requests("orbo").length > 2);
  await victim.kill();
  rescuer = await startApp({
    config: loadConfig({ ...world.env, PORT: "0" }),
    urls: { ...urls(), redisEmbedded: true },
    role: "worker",
    log: createLogger("silent"),
  });
  const ended = await until(job, ({ finishedAt }) => finishedAt !== null);
  expect(ended).toMatchObject({ status: "SUCCEEDED", crashes: 1 });
  await until(
    () => outboxOf(world, id),
    ({ phone, tablet }) => phone === "SENT" && tablet === "SENT",
  );
  const { nodes } = await inboxOf(person);
  const about = nodes.filter((each: any) => each.about?.id === id);
  expect(about).toEqual([expect.objectContaining({ kind: "JOB_SUCCEEDED" })]);
  const pushes = pushesOf(world).filter(({ title }) => title === about[0].title);
  expect(pushes.map(({ token }) => token).sort()).toEqual(["phone", "tablet"]);
}, 30_000);
