import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Database } from "../../../src/platform/db/database.ts";
import { UnitOfWork } from "../../../src/platform/db/unit-of-work.ts";
import { createLogger } from "../../../src/platform/observe/logger.ts";
import { freshDatabase } from "../../support/database.ts";

const log = createLogger("silent");
let fresh: Awaited<ReturnType<typeof freshDatabase>>;
let database: Database;

beforeAll(async () => {
  fresh = await freshDatabase();
  database = await Database.open({
    url: fresh.url,
    poolSize: 5,
    applicationName: "busy",
    entities: [],
    migrations: [],
    log,
  });
});
afterAll(async () => {
  await database.close();
  await fresh.drop();
});

test("a single statement finds a connection while many transactions are open, and each of those has its turn", async () => {
  const unitOfWork = new UnitOfWork(database, log);
  const letGo = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<void>();
  const transactions = Array.from({ length: 20 }, (_, index) =>
    unitOfWork.run(async (tx) => {
      const rows = await tx.query<{ index: number }>("select $1::int as index", [index]);
      opened.resolve();
      await letGo.promise;
      return rows[0]?.index;
    }),
  );
  await opened.promise;
  expect(await database.query("select 1 as one")).toEqual([{ one: 1 }]);
  expect(database.pool.totalCount).toBeLessThan(5);
  letGo.resolve();
  expect(await Promise.all(transactions)).toEqual(Array.from({ length: 20 }, (_, index) => index));
});
