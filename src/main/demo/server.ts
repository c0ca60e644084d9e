import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { childEnvironment } from "../../platform/config/child-environment.ts";
import { loadConfig } from "../../platform/config/env.ts";
import { freePort } from "../../platform/embedded/index.ts";
import { DemoFailed } from "./demo-failed.ts";
import type { Terminal } from "./terminal.ts";

const START = fileURLToPath(new URL("../start.ts", import.meta.url));
const START_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 35_000;
const POLL_MS = 150;
const KEPT_OUTPUT = 4_000;

/** A server that the demo can talk to. */
export interface DemoServer {
  /** Without a slash at the end. */
  readonly url: string;
  /** Stops it, if the demo started it. */
  stop(): Promise<void>;
}

/** The server at a URL, else the one that runs at the configured place, else a new one for as long as the demo lasts. */
export async function findServer(url: string | undefined, terminal: Terminal): Promise<DemoServer> {
  const wanted = (url ?? loadConfig().publicUrl).replace(/\/$/, "");
  if (await isReady(wanted)) return { url: wanted, stop: () => Promise.resolve() };
  if (url !== undefined) throw new DemoFailed(`No facet answers at ${wanted}.`);
  return startServer(terminal);
}

async function startServer(terminal: Terminal): Promise<DemoServer> {
  const port = await freePort();
  const url = `http://localhost:${port}`;
  terminal.line(`No server runs yet: starting one at ${url} …`);
  const child = spawn(process.execPath, ["--import", "tsx", START], {
    env: childEnvironment({ PORT: String(port), PUBLIC_URL: url, LOG_LEVEL: "error" }),
    stdio: ["ignore", "ignore", "pipe"],
  });
  let output = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output = (output + text).slice(-KEPT_OUTPUT);
  });
  const stop = () => end(child);
  try {
    await untilReady(url, child);
  } catch (error) {
    await stop();
    throw new DemoFailed(`${error instanceof Error ? error.message : String(error)}\n${output}`);
  }
  return { url, stop };
}

async function untilReady(url: string, child: ChildProcess): Promise<void> {
  const until = Date.now() + START_LIMIT_MS;
  while (!(await isReady(url))) {
    if (child.exitCode !== null) throw new Error("The server ended at once:");
    if (Date.now() > until) throw new Error("The server did not become ready:");
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) });
    return response.ok;
  } catch {
    return false;
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_LIMIT_MS);
  await ended;
  clearTimeout(timer);
}
