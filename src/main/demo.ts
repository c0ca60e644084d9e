import { parseArgs } from "node:util";
import { DemoFailed } from "./demo/demo-failed.ts";
import { runDemo } from "./demo/run-demo.ts";
import { findServer } from "./demo/server.ts";
import { Terminal } from "./demo/terminal.ts";

const USAGE =
  "Usage: npm run demo -- [photo.jpg] [--url http://localhost:4000] [--email you@example.com --password …]";
const PORTRAIT = new URL("../../tests/fixtures/portrait.png", import.meta.url);

/** Analyses a photo as the app does, and shows it in the terminal. */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      url: { type: "string" },
      email: { type: "string" },
      password: { type: "string" },
      help: { type: "boolean" },
    },
  });
  const terminal = new Terminal(process.stdout);
  if (values.help || positionals.length > 1) {
    terminal.line(USAGE);
    return;
  }
  const server = await findServer(values.url, terminal);
  const stop = () => {
    void server.stop().then(() => process.exit(130));
  };
  process.once("SIGINT", stop);
  try {
    const { email, password } = values;
    const account = email !== undefined && password !== undefined ? { email, password } : null;
    const photo = positionals[0] ?? PORTRAIT;
    await runDemo({ url: server.url, photo, terminal, ...(account ? { account } : {}) });
  } finally {
    terminal.endProgress();
    process.off("SIGINT", stop);
    await server.stop();
  }
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    const text = error instanceof DemoFailed ? error.message : ((error as Error).stack ?? error);
    console.error(`\n${String(text)}`);
    process.exit(1);
  },
);
