import { afterAll, beforeAll, expect, test } from "@jest/globals";
import pg from "pg";
import { startApp, type App } from "../../../src/main/app.ts";
import { loadConfig } from "../../../src/platform/config/env.ts";
import { createLogger } from "../../../src/platform/observe/logger.ts";
import { storeUrls } from "../../support/database.ts";
import { startServer, type Server } from "../../support/server-process.ts";
import { until } from "../../support/until.ts";
import { createWorld, portrait, type World } from "../../support/world.ts";
import { ADD_ADDRESS, HOME, openAccount, PASSWORD } from "./persons-bed.ts";

let world: World;
let victim: Server;
let rescuer: App | null = null;
let holder: pg.Client;
const urls = () => {
  const { mongoUrl, redisUrl } = storeUrls();
  const mongo = new URL(mongoUrl);
  mongo.pathname = new URL(world.databaseUrl).pathname;
  return { postgresUrl: world.databaseUrl, mongoUrl: mongo.toString(), redisUrl };
};
beforeAll(async () => {
  world = await createWorld({ nodes: 1, workers: 0 });
  const { postgresUrl: DATABASE_URL, mongoUrl: MONGODB_URL, redisUrl: REDIS_URL } = urls();
  const stores = { DATABASE_URL, MONGODB_URL, REDIS_URL };
  victim = await startServer(["--role", "worker"], { ...world.env, ...stores, LOG_LEVEL: "info" });
  holder = new pg.Client({ connectionString: world.databaseUrl });
  await holder.connect();
}, 30_000);
afterAll(async () => {
  await holder.end();
  await victim.kill();
  await rescuer?.stop();
  await world.stop();
});

test("a deletion whose worker is killed in the middle ends with another one", async () => {
  const owner = await openAccount(world, "sokha@facet.test");
  await owner.must(ADD_ADDRESS, { input: HOME });
  await world.upload(owner, portrait());
  const { database } = world.nodes[0]!.stores;
  const left = async () =>
    (
      await database.query(
        `select (select count(*)::int from user_addresses where user_id = $1) as addresses,
           (select count(*)::int from uploads where user_id = $1) as uploads,
           (select erased_at is not null from users where id = $1) as erased,
           (select status from ai_jobs where user_id = $1 and kind = 'ACCOUNT_DELETION') as status`,
        [owner.userId],
      )
    )[0];
  // Holds the victim up where some things are erased and others are not.
  await holder.query("begin");
  await holder.query("select 1 from user_addresses where user_id = $1 for update", [owner.userId]);
  const { deleteMyAccount } = await owner.must(
    `mutation { deleteMyAccount(input: { password: "${PASSWORD}" }) { problems { code } } }`,
  );
  expect(deleteMyAccount.problems).toEqual([]);
  await until(
    () =>
      database.query<{ n: number }>(
        `select count(*)::int as n from pg_stat_activity
         where datname = current_database() and wait_event_type = 'Lock' and query like '%user_addresses%'`,
      ),
    (rows) => rows[0]!.n > 0,
  );
  await victim.kill();
  expect(await left()).toMatchObject({ addresses: 1, uploads: 1, erased: false });
  await holder.query("rollback");
  rescuer = await startApp({
    config: loadConfig({ ...world.env, PORT: "0" }),
    urls: { ...urls(), redisEmbedded: true },
    role: "worker",
    log: createLogger("silent"),
  });
  expect(await until(left, (row) => (row as { erased: boolean }).erased)).toEqual({
    addresses: 0,
    uploads: 0,
    erased: true,
    status: "SUCCEEDED",
  });
}, 30_000);
