import { parseArgs } from "node:util";
import { DemoFailed } from "./demo/demo-failed.ts";
import { PRODUCTS, runDemo } from "./demo/run-demo.ts";
import { showAnalysis } from "./demo/products/analysis.ts";
import { findServer } from "./demo/server.ts";
import { Terminal } from "./demo/terminal.ts";

const USAGE = `Usage: npm run demo -- [${[...PRODUCTS.keys()].join(" | ")}] [photo.jpg, or a question for the chat]
       [--url http://localhost:4000] [--email you@example.com --password …]`;
const PORTRAIT = new URL("../../tests/fixtures/portrait.png", import.meta.url);

/** Shows a product in the terminal, asking for it as the app does; the analysis of a photo unless told. */
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
  const [word = "", ...others] = positionals;
  const named = PRODUCTS.get(word);
  const [argument, ...rest] = named ? others : positionals;
  if (values.help || rest.length > 0) {
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
    await runDemo({
      show: named ?? showAnalysis,
      url: server.url,
      photo: argument ?? PORTRAIT,
      question: argument ?? null,
      terminal,
      ...(account ? { account } : {}),
    });
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
