import { createInterface } from "node:readline";
import { startEmbeddedPostgres } from "../../../../src/platform/embedded/index.ts";
import { createLogger } from "../../../../src/platform/observe/logger.ts";

const say = (line: string) => process.stdout.write(`${line}\n`);

say("begin");
const postgres = await startEmbeddedPostgres({
  dataDir: process.argv[2]!,
  log: createLogger("silent"),
  onProgress: (step) => say(`step ${step}`),
});
say(`ready ${postgres.url}`);
for await (const line of createInterface({ input: process.stdin })) {
  if (line === "stop") break;
}
await postgres.stop();
say("stopped");
process.exit(0);
