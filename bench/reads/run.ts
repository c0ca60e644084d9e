/**
 * `npm run bench:reads`: facet against what a team would use instead, side by side on the same rows.
 * ROUNDS, SECONDS, CONTENDERS (names, separated by commas) and ONLY (part of an operation's name) make it smaller;
 * MERGE=0 lets facet read for each request by itself.
 */
import { fork, type ChildProcess } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { cpus } from "node:os";
import pg from "pg";
import { printTable, round, percentile } from "../support/figures.ts";
import { freePort, openStage } from "../support/stage.ts";
import { fill } from "./dataset.ts";
import { OPERATIONS, type Operation } from "./operations.ts";

const ROUNDS = Number(process.env["ROUNDS"] ?? 5);
const SECONDS = Number(process.env["SECONDS"] ?? 3);
const CONNECTIONS = 64;
const FILES = {
  usual: "contenders/usual.ts",
  "apollo tuned": "contenders/apollo-tuned.ts",
  "mercurius-jit": "contenders/mercurius-jit.ts",
  "yoga-jit": "contenders/yoga-jit.ts",
  postgraphile: "contenders/postgraphile.ts",
  floor: "contenders/floor.ts",
  "floor pipelined": "contenders/floor.ts",
  facet: "facet.ts",
} as const;
type Name = keyof typeof FILES;
const NAMES = (process.env["CONTENDERS"]?.split(",") ?? Object.keys(FILES)) as Name[];

interface Contender {
  readonly name: Name;
  readonly url: string;
  readonly child: ChildProcess;
}
interface Measured {
  readonly perSecond: number;
  readonly p99: number;
  readonly failed: number;
  /** CPU milliseconds of the server and of PostgreSQL for one request. */
  readonly cpuMs: number;
}

const nodeOptions = ["--import", "tsx", "--disable-warning=ExperimentalWarning"];
const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));

async function start(name: Name, databaseUrl: string): Promise<Contender> {
  const port = await freePort();
  const child = fork(file(FILES[name]), [], {
    execArgv: nodeOptions,
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    env: {
      ...process.env,
      NODE_ENV: "production",
      DATABASE_URL: databaseUrl,
      PORT: String(port),
      // The contenders stand outside the project's own configuration.
      ...(name === "facet" ? {} : { TSX_TSCONFIG_PATH: file("contenders/tsconfig.json") }),
      PIPELINE: name === "floor pipelined" ? "1" : "0",
    },
  });
  await new Promise<void>((resolve, reject) => {
    child.once("message", () => resolve());
    child.once("exit", (code) => reject(new Error(`${name} ended with ${code}.`)));
  });
  return { name, url: `http://127.0.0.1:${port}`, child };
}

function bodyOf(operation: Operation, name: Name, index: number): string {
  const query = name === "postgraphile" ? operation.postgraphile : operation.text;
  const operationName = /query (\w+)/.exec(query)?.[1];
  const variables = operation.variables[index % operation.variables.length];
  return JSON.stringify({ query, operationName, variables });
}

/** One form for all: PostGraphile writes times and links in its own way. */
function plain(value: unknown, key = ""): unknown {
  if (Array.isArray(value)) return value.map((item) => plain(item));
  if (typeof value === "object" && value !== null) {
    const only = (value as { category?: unknown }).category;
    if (only !== undefined) return plain(only);
    return Object.fromEntries(
      Object.entries(value).map(([name, part]) => [name, plain(part, name)]),
    );
  }
  return key === "createdAt" ? new Date(String(value)).toISOString() : value;
}

async function compareAnswers(contenders: readonly Contender[]): Promise<void> {
  for (const operation of OPERATIONS) {
    for (const index of [0, 3]) {
      const answers = await Promise.all(
        contenders.map(async ({ name, url }) => {
          const response = await fetch(`${url}/graphql`, {
            method: "POST",
            headers: { "content-type": "application/json" },
            body: bodyOf(operation, name, index),
          });
          const { data, errors } = (await response.json()) as { data: unknown; errors?: unknown };
          if (errors)
            throw new Error(`${name} refused ${operation.name}: ${JSON.stringify(errors)}`);
          return JSON.stringify(plain(data));
        }),
      );
      answers.forEach((answer, place) => {
        if (answer === answers[0]) return;
        const names = `${contenders[0]?.name} and ${contenders[place]?.name}`;
        throw new Error(
          `${names} disagree on ${operation.name}:\n${answers[0]?.slice(0, 600)}\n${answer.slice(0, 600)}`,
        );
      });
    }
  }
}

/** Seconds of CPU that a process has used; 0 where the system does not tell. */
async function cpuSeconds(pid: string): Promise<{ parent: string; seconds: number }> {
  const line = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  const [, parent = "", ...fields] = line.slice(line.lastIndexOf(")") + 2).split(" ");
  return { parent, seconds: (Number(fields[9] ?? 0) + Number(fields[10] ?? 0)) / 100 };
}

/** What a contender and PostgreSQL have used together: this says more than a rate on a machine with other work. */
async function cpuOf(contender: Contender): Promise<Map<string, number>> {
  const backend = await stage.pool.query<{ pid: number }>("select pg_backend_pid() as pid");
  const postmaster = (await cpuSeconds(String(backend.rows[0]?.pid))).parent;
  const own = String(contender.child.pid);
  const used = new Map([[own, (await cpuSeconds(own)).seconds]]);
  for (const pid of await readdir("/proc").catch(() => [])) {
    if (!/^\d+$/.test(pid)) continue;
    const process = await cpuSeconds(pid);
    if (process.parent === postmaster) used.set(pid, process.seconds);
  }
  return used;
}

async function loadWithCpu(
  contender: Contender,
  operation: Operation,
  seconds: number,
): Promise<Measured> {
  const before = await cpuOf(contender);
  const measured = await load(contender, operation, seconds);
  let used = 0;
  for (const [pid, sum] of await cpuOf(contender)) used += sum - (before.get(pid) ?? 0);
  return { ...measured, cpuMs: (used * 1_000) / (measured.perSecond * seconds) };
}

function load(contender: Contender, operation: Operation, seconds: number): Promise<Measured> {
  const bodies = operation.variables.map((_, index) => bodyOf(operation, contender.name, index));
  const order = { url: contender.url, bodies, seconds, connections: CONNECTIONS };
  return new Promise((resolve, reject) => {
    const child = fork(file("contenders/load.ts"), [JSON.stringify(order)], {
      execArgv: nodeOptions,
    });
    child.once("message", (measured) => resolve(measured as Measured));
    child.once("exit", () => reject(new Error("The load ended without a result.")));
  });
}

async function measure(contenders: readonly Contender[]): Promise<void> {
  const rows = new Map<string, Measured[]>();
  const operations = OPERATIONS.filter(({ name }) => name.includes(process.env["ONLY"] ?? ""));
  for (let index = 0; index <= ROUNDS; index += 1) {
    for (const operation of operations) {
      for (const contender of contenders) {
        const measured = await loadWithCpu(contender, operation, index === 0 ? 1 : SECONDS);
        if (measured.failed > 0) console.log(`${contender.name} failed ${measured.failed} times`);
        // The first round warms up.
        if (index === 0) continue;
        const key = `${operation.name} ${contender.name}`;
        rows.set(key, [...(rows.get(key) ?? []), measured]);
      }
    }
  }
  const median = (key: string, of: (row: Measured) => number) =>
    percentile((rows.get(key) ?? []).map(of), 0.5);
  for (const operation of operations) {
    const rate = (name: Name) => median(`${operation.name} ${name}`, (row) => row.perSecond);
    const cpu = (name: Name) => median(`${operation.name} ${name}`, (row) => row.cpuMs);
    printTable(`${operation.name}: medians of ${ROUNDS} rounds, ${CONNECTIONS} connections`, [
      [
        "contender",
        "requests/s",
        "× usual",
        "× floor",
        "facet is ×",
        "p99 ms",
        "CPU ms/request",
        "facet by CPU is ×",
      ],
      ...contenders.map(({ name }) => [
        name,
        Math.round(rate(name)),
        round(rate(name) / rate("usual"), 2),
        round(rate(name) / rate("floor"), 2),
        round(rate("facet") / rate(name), 2),
        round(median(`${operation.name} ${name}`, (row) => row.p99)),
        round(cpu(name), 2),
        round(cpu(name) / cpu("facet"), 2),
      ]),
    ]);
  }
}

const stage = await openStage();
const contenders: Contender[] = [];
try {
  await stage.pool.query("create database reads");
  const databaseUrl = Object.assign(new URL(stage.urls.postgresUrl), { pathname: "/reads" }).href;
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await fill(client);
  await client.end();
  for (const name of NAMES) contenders.push(await start(name, databaseUrl));
  await compareAnswers(contenders);
  console.log(`${new Date().toISOString()}, ${cpus().length} × ${cpus()[0]?.model}`);
  console.log(`${contenders.length} contenders answer alike`);
  await measure(contenders);
} finally {
  for (const { child } of contenders) child.kill("SIGKILL");
  await stage.close();
}
