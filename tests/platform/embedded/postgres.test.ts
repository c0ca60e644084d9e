import { stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { until } from "./child.ts";
import { isGone, PostgresFolder, query } from "./postgres-support.ts";

let folder: PostgresFolder;
beforeAll(async () => {
  folder = await PostgresFolder.make();
});
afterAll(() => folder.clearAway());

test("a first start gives an empty facet database, behind a password, on loopback only", async () => {
  const postgres = await folder.start();
  const [facts] = await query(
    postgres.url,
    `select current_database() as db, current_setting('listen_addresses') as addresses,
       current_setting('synchronous_commit') as sync, current_setting('max_connections') as connections,
       (select datlocprovider::text || ':' || datlocale from pg_database where datname = current_database()) as locale`,
  );
  expect(facts).toEqual({
    db: "facet",
    addresses: "127.0.0.1",
    sync: "on",
    connections: "200",
    locale: "b:C.UTF-8",
  });
  const stranger = new URL(postgres.url);
  stranger.password = "guess";
  await expect(query(stranger.href, "select 1")).rejects.toMatchObject({ code: "28P01" });
  expect((await stat(join(folder.path, "postgres/secret"))).mode & 0o777).toBe(0o600);
  await postgres.stop();
});

test("the last one to stop ends the server, and the next start has the same URL and data", async () => {
  const first = await folder.start();
  const second = await folder.start();
  expect(second.url).toBe(first.url);
  await query(first.url, "create table if not exists kept as select 1 as n");

  await first.stop();
  expect(await query(second.url, "select n from kept")).toEqual([{ n: 1 }]);
  const pid = await folder.serverPid();
  await second.stop();
  await until(() => isGone(pid));

  const third = await folder.start();
  expect(third.url).toBe(first.url);
  expect(await query(third.url, "select n from kept")).toEqual([{ n: 1 }]);
  await third.stop();
});

test("an orphaned server is adopted with all that was committed", async () => {
  const child = folder.startChild();
  const url = await child.says("ready");
  await query(url, "create table if not exists kept as select 1 as n");
  const pid = await folder.serverPid();
  await child.kill();

  const postgres = await folder.start();
  expect(await folder.serverPid()).toBe(pid);
  expect(await query(postgres.url, "select n from kept")).toEqual([{ n: 1 }]);
  await postgres.stop();
});

test("a server killed under us comes back on the same port with what was committed", async () => {
  const postgres = await folder.start();
  await query(postgres.url, "create table if not exists kept as select 1 as n");
  process.kill(await folder.serverPid(), "SIGKILL");
  const rows = await until(() => query(postgres.url, "select n from kept"));
  expect(rows).toEqual([{ n: 1 }]);
  await postgres.stop();
});

test("a pid file whose number now belongs to another program does not stop the start", async () => {
  const first = await folder.start();
  await first.stop();
  await writeFile(
    join(folder.path, "postgres/cluster/postmaster.pid"),
    `${process.pid}\n${folder.path}/postgres/cluster\n0\n5432\n\n127.0.0.1\n0 0\nready   \n`,
  );
  const second = await folder.start();
  expect(await query(second.url, "select 1 as n")).toEqual([{ n: 1 }]);
  await second.stop();
});

test("a port taken by a stranger is left to the stranger", async () => {
  const first = await folder.start();
  await first.stop();
  const stranger = createServer();
  await new Promise<void>((resolve) =>
    stranger.listen(Number(new URL(first.url).port), "127.0.0.1", resolve),
  );
  const second = await folder.start();
  expect(new URL(second.url).port).not.toBe(new URL(first.url).port);
  expect(await query(second.url, "select 1 as n")).toEqual([{ n: 1 }]);
  await second.stop();
  await new Promise((resolve) => stranger.close(resolve));
});
