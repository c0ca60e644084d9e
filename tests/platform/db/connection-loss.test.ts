import { afterAll, beforeAll, expect, test } from "@jest/globals";
import pg from "pg";
import { Database } from "../../../src/platform/db/database.ts";
import { UnitOfWork } from "../../../src/platform/db/unit-of-work.ts";
import { createLogger } from "../../../src/platform/observe/logger.ts";
import { freshDatabase } from "../../support/database.ts";

const log = createLogger("silent");
const unhandled: unknown[] = [];
const note = (reason: unknown) => void unhandled.push(reason);
let fresh: Awaited<ReturnType<typeof freshDatabase>>;
let database: Database;
let unitOfWork: UnitOfWork;
let admin: pg.Client;

beforeAll(async () => {
  process.on("unhandledRejection", note);
  fresh = await freshDatabase();
  database = await Database.open({
    url: fresh.url,
    poolSize: 6,
    applicationName: "loss",
    entities: [],
    migrations: [],
    log,
  });
  unitOfWork = new UnitOfWork(database, log);
  admin = new pg.Client({ connectionString: fresh.url });
  await admin.connect();
  await admin.query("create table notes (id text primary key)");
});
afterAll(async () => {
  await database.close();
  await admin.end();
  await fresh.drop();
  process.off("unhandledRejection", note);
});

const cut = (pid?: number) =>
  admin.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where application_name = 'loss' and ($1::int is null or pid = $1)`,
    [pid ?? null],
  );

test.each(["before a statement", "before the commit"])(
  "a transaction whose connection is cut %s is done again, once",
  async (moment) => {
    let attempts = 0;
    let committed = 0;
    await unitOfWork.run(async (tx) => {
      attempts += 1;
      const rows = await tx.query<{ pid: number }>("select pg_backend_pid() as pid");
      tx.afterCommit(() => void (committed += 1));
      if (moment === "before the commit") await tx.query("insert into notes values ($1)", [moment]);
      if (attempts === 1) {
        await cut(rows[0]?.pid);
        // The news of it arrives on its own.
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      if (moment !== "before the commit") await tx.query("insert into notes values ($1)", [moment]);
    });
    expect([attempts, committed]).toEqual([2, 1]);
    expect((await admin.query("select * from notes where id = $1", [moment])).rowCount).toBe(1);
  },
);

test("reads go on after all connections were cut, idle and busy ones", async () => {
  const busy = Array.from({ length: 4 }, () =>
    database.query("select pg_sleep(0.3)").then(
      () => "answered",
      () => "failed",
    ),
  );
  await new Promise((resolve) => setTimeout(resolve, 100));
  await cut();
  expect(await Promise.all(busy)).toEqual(["answered", "answered", "answered", "answered"]);
  expect(await database.query("select 1 as one")).toEqual([{ one: 1 }]);
  expect(unhandled).toEqual([]);
});

test("no connection stays behind when transactions fail", async () => {
  await Promise.all(
    Array.from({ length: 30 }, () =>
      unitOfWork.run(() => Promise.reject(new Error("power cut"))).catch(() => undefined),
    ),
  );
  expect(database.pool.waitingCount).toBe(0);
  expect(database.pool.idleCount).toBe(database.pool.totalCount);
});
