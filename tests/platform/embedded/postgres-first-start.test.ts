import { stat } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { startEmbeddedPostgres } from "../../../src/platform/embedded/index.ts";
import { until } from "./child.ts";
import { isGone, log, PostgresFolder, query } from "./postgres-support.ts";

let folder: PostgresFolder;
beforeEach(async () => {
  folder = await PostgresFolder.make();
});
afterEach(() => folder.clearAway());

test("two processes that start together on an empty folder share one server", async () => {
  const [a, b] = [folder.startChild(), folder.startChild()];
  const urls = await Promise.all([a.says("ready"), b.says("ready")]);
  expect(urls[0]).toBe(urls[1]);

  const pid = await folder.serverPid();
  a.tell("stop");
  await a.says("stopped");
  expect(await query(urls[1], "select 1 as n")).toEqual([{ n: 1 }]);
  b.tell("stop");
  await b.says("stopped");
  await until(() => isGone(pid));
});

test.each([0, 100, 350, 550])(
  "killed %i ms into the very first start, it starts again",
  async (delayMs) => {
    const child = folder.startChild();
    await child.says("begin");
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    await child.kill();

    const postgres = await folder.start();
    expect(await query(postgres.url, "select 1 as n")).toEqual([{ n: 1 }]);
    await postgres.stop();
  },
);

test("it works below a folder that is closed to the account of the server", async () => {
  const dataDir = join(folder.path, "inside", "a", "closed", "one");
  const postgres = await startEmbeddedPostgres({ dataDir, log });
  expect(await query(postgres.url, "select 1 as n")).toEqual([{ n: 1 }]);
  await postgres.stop();
});

test("an ephemeral cluster is gone after its last user", async () => {
  const postgres = await startEmbeddedPostgres({ dataDir: folder.path, log, ephemeral: true });
  expect(await query(postgres.url, "show fsync")).toEqual([{ fsync: "off" }]);
  await postgres.stop();
  await expect(stat(join(folder.path, "postgres"))).rejects.toMatchObject({ code: "ENOENT" });
});
