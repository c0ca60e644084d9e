import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { seedScale } from "../domains/catalog/index.ts";
import {
  environmentExample,
  InvalidConfig,
  loadConfig,
  type Config,
} from "../platform/config/env.ts";
import { createLogger, type Logger } from "../platform/observe/logger.ts";
import { Metrics } from "../platform/observe/metrics.ts";
import { compose, type ComposeOptions, type Parts } from "./compose.ts";
import { doctor } from "./doctor.ts";
import { locateStores } from "./embedded-stores.ts";
import { importUsers } from "./import-users.ts";
import { migrate } from "./migrate.ts";
import { printSchemaFiles } from "./print-schema.ts";
import { openProviders } from "./providers.ts";
import { reconcile } from "./reconcile.ts";
import { buildSchemaOffline } from "./schema-offline.ts";
import { seed } from "./seed.ts";
import { openStores } from "./stores.ts";

const USAGE = `Usage: npm run cli -- <command>
  seed                       demonstration catalogue and demo users; may be run again
  seed --scale <products> [--seed <number>]
                             made-up users, products and reviews for load tests; may be run again
  migrate up|down|status     database migrations
  reconcile                  compares ledgers with what stands beside them; exit code 1 on any finding
  import-users <file.csv>    adds users of older systems; without a file it tells what the columns are
  doctor                     checks every configured part and says how to mend it
  schema                     prints the schema and its files into schema/
  env-example                prints .env.example`;

async function main([command, ...args]: string[]): Promise<number> {
  if (command === "env-example") {
    process.stdout.write(environmentExample());
    return 0;
  }
  if (command === "schema") {
    await printSchemaFiles(buildSchemaOffline());
    return 0;
  }
  if (existsSync(".env")) process.loadEnvFile(".env");
  const config = loadConfig();
  const log = createLogger(config.LOG_LEVEL === "info" ? "warn" : config.LOG_LEVEL);
  switch (command) {
    case "seed":
      return args.length > 0 ? runScale(config, log, args) : withParts(config, log, runSeed);
    case "reconcile":
      return withParts(config, log, ({ parts }) => reconcile(parts.modules, print));
    case "import-users":
      return withParts(config, log, ({ parts }) => importUsers(parts.identity, args, tell));
    case "migrate":
      return migrate(config, log, args[0] ?? "status", tell);
    case "doctor":
      return doctor(config, log, tell);
    default:
      tell(USAGE);
      return command === undefined || command === "help" ? 0 : 1;
  }
}

/** All parts of a process that neither serves nor works. */
type Opened = ComposeOptions & { readonly parts: Parts };

async function withParts(
  config: Config,
  log: Logger,
  work: (opened: Opened) => Promise<number>,
): Promise<number> {
  const located = await locateStores(config, log, tell);
  const stores = await openStores(located.urls, config, log);
  const metrics = new Metrics({ defaults: false });
  const providers = openProviders({ config, log, metrics });
  const composing = { config, stores, providers, metrics, log };
  const parts = compose(composing);
  try {
    return await work({ ...composing, parts });
  } finally {
    await parts.close();
    await providers.close();
    await stores.close();
    await located.stop();
  }
}

async function runSeed(opened: Opened): Promise<number> {
  await seed({
    ...opened,
    onProgress: (done, total) => {
      if (done % 25 === 0 || done === total) tell(`Pictures: ${done} of ${total}`);
    },
  });
  tell("The demonstration data is in place.");
  return 0;
}

const MOST_PRODUCTS = 100_000;
const MOST_SEED = 1_023;

async function runScale(config: Config, log: Logger, args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { scale: { type: "string" }, seed: { type: "string", default: "1" } },
  });
  const products = wholeNumber(values.scale, 10, MOST_PRODUCTS);
  const number = wholeNumber(values.seed, 0, MOST_SEED);
  if (products === null || number === null) {
    tell(`--scale takes 10 to ${MOST_PRODUCTS} products, --seed 0 to ${MOST_SEED}.`);
    return 1;
  }
  if (config.production) {
    tell("Made-up rows do not belong into a production database.");
    return 1;
  }
  return withParts(config, log, async ({ stores, parts }) => {
    const startedMs = performance.now();
    const report = await seedScale({
      database: stores.database,
      unitOfWork: parts.unitOfWork,
      products,
      seed: number,
      onProgress: (table, done) => tell(`${table}: ${done}`),
    });
    const added = Object.entries(report).map(([table, count]) => `${count} ${table}`);
    const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
    tell(`Added ${added.join(", ")} in ${seconds} s.`);
    return 0;
  });
}

function wholeNumber(text: string | undefined, least: number, most: number): number | null {
  const value = Number(text);
  return Number.isInteger(value) && value >= least && value <= most ? value : null;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exit(code);
  },
  (error: unknown) => {
    const expected = error instanceof InvalidConfig;
    tell(error instanceof Error ? ((expected ? error.message : error.stack) ?? "") : String(error));
    process.exit(1);
  },
);
