import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import pg from "pg";
import { freshDatabase, storeUrls } from "../../support/database.ts";
import { until } from "../../support/until.ts";

const ROWS = 10_000;
let database: Awaited<ReturnType<typeof freshDatabase>>;
let client: pg.Client;
let dir: string;

beforeAll(async () => {
  database = await freshDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  dir = mkdtempSync(join(tmpdir(), "facet-import-"));
});
afterAll(async () => {
  await client.end();
  await database.drop();
  await rm(dir, { recursive: true, force: true });
});

function startImport(path: string): ChildProcess {
  const { mongoUrl, redisUrl } = storeUrls();
  return spawn(process.execPath, ["--import", "tsx", "src/main/cli.ts", "import-users", path], {
    cwd: fileURLToPath(new URL("../../../", import.meta.url)),
    stdio: ["ignore", "ignore", "pipe"],
    env: {
      ...process.env,
      NODE_ENV: "test",
      DATA_DIR: dir,
      DATABASE_URL: database.url,
      MONGODB_URL: mongoUrl,
      REDIS_URL: redisUrl,
    },
  });
}

const countOf = async (what: string) =>
  Number((await client.query<{ n: string }>(`select count(*) as n from ${what}`)).rows[0]!.n);

test("an import that is killed in the middle is completed by running it again", async () => {
  const path = join(dir, "users.csv");
  const rows = Array.from({ length: ROWS }, (_, n) => `u${n}@example.com,true,google-${n}`);
  writeFileSync(path, ["email,email_verified,google_subject", ...rows].join("\n"));
  const first = startImport(path);
  const killed = once(first, "exit");
  await until(
    () => countOf("users"),
    (count) => count > 0,
  );
  first.kill("SIGKILL");
  await killed;
  const before = await countOf("users");
  expect(before).toBeLessThan(ROWS);
  expect(await countOf("user_identities")).toBe(before);

  const second = startImport(path);
  const [code] = (await once(second, "exit")) as [number];
  expect(code).toBe(0);
  expect(await countOf("users")).toBe(ROWS);
  expect(await countOf("user_identities")).toBe(ROWS);
  expect(await countOf("users u join user_identities i on i.user_id = u.id")).toBe(ROWS);
  const report = readFileSync(join(dir, "users.report.csv"), "utf8").trimEnd().split("\n").slice(1);
  expect(report).toHaveLength(ROWS);
  expect(report.filter((row) => row.includes("exists"))).toHaveLength(before);
});
