import cluster from "node:cluster";
import { existsSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { DEMO_PASSWORD, DEMO_USERS } from "../domains/identity/index.ts";
import { InvalidConfig, loadConfig, type Config } from "../platform/config/env.ts";
import { createLogger, type Logger } from "../platform/observe/logger.ts";
import type { App } from "./app.ts";
import { ProcessGroup, reportReady } from "./cluster.ts";
import { InvalidCommandLine, readStartOptions } from "./command-line.ts";
import { localStoreUrl } from "./local-store.ts";
import { runProcess } from "./process.ts";
import { seed } from "./seed.ts";

// V8 forgets the bytecode of what has not run for some collections: after each quiet minute a server would compile anew.
setFlagsFromString("--no-flush-bytecode");

async function main(): Promise<void> {
  if (existsSync(".env")) process.loadEnvFile(".env");
  const options = readStartOptions(process.argv.slice(2));
  const config = loadConfig();
  const log = createLogger(config.LOG_LEVEL, { role: options.role });
  if (options.processes > 1 && cluster.isPrimary) {
    await new ProcessGroup(options.processes, log).start();
    printAddresses(config, options.role !== "worker");
    return;
  }
  const started = performance.now();
  const app = await runProcess({ config, role: options.role, log, onProgress: tell });
  reportReady();
  if (cluster.isPrimary) {
    tell(`Ready in ${((performance.now() - started) / 1000).toFixed(1)} s.`);
    printAddresses(config, app.port !== null);
  }
  if (isFirst() && config.NODE_ENV === "development") seedInBackground(config, app, log);
}

/** Of several processes one seeds. */
const isFirst = (): boolean => cluster.isPrimary || cluster.worker?.id === 1;

/** The server answers while the demonstration data comes in. */
function seedInBackground(config: Config, app: App, log: Logger): void {
  const { stores, parts, providers } = app;
  let told = 0;
  const onProgress = (done: number, total: number) => {
    const percent = Math.floor((done / total) * 4) * 25;
    if (percent > told) tell(`Drawing product pictures: ${(told = percent)} %`);
  };
  seed({
    config,
    stores,
    parts,
    providers,
    log: log.child({}, { level: "warn" }),
    onProgress,
  }).catch((error: unknown) => {
    // The next start goes on where this one was stopped.
    if (!app.isStopping()) log.error({ err: error }, "the demonstration data is not complete");
  });
}

function printAddresses(config: Config, serves: boolean): void {
  if (!serves) {
    tell("Working on jobs.");
    return;
  }
  const lines = [`  GraphQL    ${config.publicUrl}/graphql (HTTP and WebSocket)`];
  if (config.GRAPHIQL) lines.push(`  GraphiQL   ${config.publicUrl}/graphiql`);
  const storeUrl = localStoreUrl(config);
  if (storeUrl !== null) lines.push(`  Store      ${storeUrl} (buys without money)`);
  lines.push(`  Health     ${config.publicUrl}/readyz`);
  if (config.NODE_ENV === "development") {
    for (const user of DEMO_USERS) {
      lines.push(`  Demo user  ${user.email} / ${DEMO_PASSWORD} (${user.role.toLowerCase()})`);
    }
  }
  tell(`facet is listening.\n${lines.join("\n")}`);
}

function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}

main().catch((error: unknown) => {
  const expected = error instanceof InvalidConfig || error instanceof InvalidCommandLine;
  const text = error instanceof Error ? (expected ? error.message : error.stack) : String(error);
  process.stderr.write(`${text}\n`);
  process.exit(1);
});
