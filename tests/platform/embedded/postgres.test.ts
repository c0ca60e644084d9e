import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import pg from "pg";
import {
  startEmbeddedPostgres,
  type EmbeddedPostgres,
} from "../../../src/platform/embedded/index.ts";
import { createLogger } from "../../../src/platform/observe/logger.ts";
import { commandOf } from "../../../src/platform/embedded/process-facts.ts";
import { Child, newDataDir, until } from "./child.ts";

const log = createLogger("silent");
let data: Awaited<ReturnType<typeof newDataDir>>;
let children: Child[];

beforeEach(() => {
  children = [];
});
afterEach(async () => {
  await Promise.all(children.map((child) => child.kill()));
});

const start = (): Promise<EmbeddedPostgres> => startEmbeddedPostgres({ dataDir: data.path, log });

function startChild(): Child {
  const child = Child.run("postgres.ts", data.path);
  children.push(child);
  return child;
}

/** Also after a failed test no server stays behind. */
async function clearAway(): Promise<void> {
  const running = await serverPid().catch(() => undefined);
  if (running !== undefined) await (await start()).stop();
  await data.remove();
}

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(url);
  client.on("error", () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

const serverPid = async (): Promise<number> =>
  Number(
    (await readFile(join(data.path, "postgres/cluster/postmaster.pid"), "utf8")).split("\n")[0],
  );

const isGone = async (pid: number): Promise<boolean> => (await commandOf(pid)) === undefined;

describe("on one folder", () => {
  beforeAll(async () => {
    data = await newDataDir();
  });
  afterAll(clearAway);

  test("a first start gives an empty facet database, behind a password, on loopback only", async () => {
    const postgres = await start();
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
    expect((await stat(join(data.path, "postgres/secret"))).mode & 0o777).toBe(0o600);
    await postgres.stop();
  });

  test("the last one to stop ends the server, and the next start has the same URL and data", async () => {
    const first = await start();
    const second = await start();
    expect(second.url).toBe(first.url);
    await query(first.url, "create table if not exists kept as select 1 as n");

    await first.stop();
    expect(await query(second.url, "select n from kept")).toEqual([{ n: 1 }]);
    const pid = await serverPid();
    await second.stop();
    await until(() => isGone(pid));

    const third = await start();
    expect(third.url).toBe(first.url);
    expect(await query(third.url, "select n from kept")).toEqual([{ n: 1 }]);
    await third.stop();
  });

  test("an orphaned server is adopted with all that was committed", async () => {
    const child = startChild();
    const url = await child.says("ready");
    await query(url, "create table if not exists kept as select 1 as n");
    const pid = await serverPid();
    await child.kill();

    const postgres = await start();
    expect(await serverPid()).toBe(pid);
    expect(await query(postgres.url, "select n from kept")).toEqual([{ n: 1 }]);
    await postgres.stop();
  });

  test("a server killed under us comes back on the same port with what was committed", async () => {
    const postgres = await start();
    await query(postgres.url, "create table if not exists kept as select 1 as n");
    process.kill(await serverPid(), "SIGKILL");
    const rows = await until(() => query(postgres.url, "select n from kept"));
    expect(rows).toEqual([{ n: 1 }]);
    await postgres.stop();
  });

  test("a pid file whose number now belongs to another program does not stop the start", async () => {
    const first = await start();
    await first.stop();
    await writeFile(
      join(data.path, "postgres/cluster/postmaster.pid"),
      `${process.pid}\n${data.path}/postgres/cluster\n0\n5432\n\n127.0.0.1\n0 0\nready   \n`,
    );
    const second = await start();
    expect(await query(second.url, "select 1 as n")).toEqual([{ n: 1 }]);
    await second.stop();
  });

  test("a port taken by a stranger is left to the stranger", async () => {
    const first = await start();
    await first.stop();
    const { createServer } = await import("node:net");
    const stranger = createServer();
    await new Promise<void>((resolve) =>
      stranger.listen(Number(new URL(first.url).port), "127.0.0.1", resolve),
    );
    const second = await start();
    expect(new URL(second.url).port).not.toBe(new URL(first.url).port);
    expect(await query(second.url, "select 1 as n")).toEqual([{ n: 1 }]);
    await second.stop();
    await new Promise((resolve) => stranger.close(resolve));
  });
});

describe("on an empty folder", () => {
  beforeEach(async () => {
    data = await newDataDir();
  });
  afterEach(clearAway);

  test("two processes that start together on an empty folder share one server", async () => {
    const [a, b] = [startChild(), startChild()];
    const urls = await Promise.all([a.says("ready"), b.says("ready")]);
    expect(urls[0]).toBe(urls[1]);

    const pid = await serverPid();
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
      const child = startChild();
      await child.says("begin");
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      await child.kill();

      const postgres = await start();
      expect(await query(postgres.url, "select 1 as n")).toEqual([{ n: 1 }]);
      await postgres.stop();
    },
  );

  test("an ephemeral cluster is gone after its last user", async () => {
    const postgres = await startEmbeddedPostgres({ dataDir: data.path, log, ephemeral: true });
    expect(await query(postgres.url, "show fsync")).toEqual([{ fsync: "off" }]);
    await postgres.stop();
    await expect(stat(join(data.path, "postgres"))).rejects.toMatchObject({ code: "ENOENT" });
  });
});
