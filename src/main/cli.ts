import { existsSync } from "node:fs";
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
      return withParts(config, log, runSeed);
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
