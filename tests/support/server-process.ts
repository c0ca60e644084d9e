import { spawn, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { freePort } from "./world.ts";

/** `npm start` in a process (group) of its own, to be killed. */
export interface Server {
  readonly url: string;
  readonly child: ChildProcess;
  /** What it wrote so far. */
  output(): string;
  /** Rejections that nobody handled, by the server's own log. */
  unhandled(): number;
  /** Ends the process and resolves when it is gone. */
  kill(signal?: NodeJS.Signals): Promise<void>;
}

const PROJECT = fileURLToPath(new URL("../../", import.meta.url));
const GENEROUS = {
  NODE_ENV: "test",
  LOG_LEVEL: "warn",
  LOGIN_ATTEMPTS_PER_MINUTE: "100000",
  REGISTRATIONS_PER_HOUR: "100000",
  IMAGE_JOBS_PER_MINUTE: "1000000",
  SKIN_ANALYSES_PER_MONTH: "1000000",
  COST_BUDGET_PER_MINUTE: "100000000",
  MAX_SOCKETS_PER_USER: "100000",
  ACCESS_TOKEN_SECONDS: "7200",
};

/** Starts `npm start -- <args>` without npm in between; resolves when it is ready. */
export async function startServer(
  args: readonly string[],
  env: Record<string, string>,
): Promise<Server> {
  const server = await spawnServer(args, env);
  for (;;) {
    if (server.child.exitCode !== null || server.child.signalCode !== null) {
      throw new Error(`The server ended:\n${server.output()}`);
    }
    const worker = args.includes("worker");
    if (worker ? server.output().includes("Working on jobs") : await isReady(server.url)) {
      return server;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The same, without waiting. */
export async function spawnServer(
  args: readonly string[],
  env: Record<string, string>,
): Promise<Server> {
  const port = env["PORT"] ?? String(await freePort());
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(process.execPath, ["--import", "tsx", "src/main/start.ts", ...args], {
    cwd: PROJECT,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...GENEROUS, PORT: port, PUBLIC_URL: url, ...env },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8");
    stream.on("data", (chunk: string) => (output += chunk));
  }
  return {
    url,
    child,
    output: () => output,
    unhandled: () => output.split("a rejection was not handled").length - 1,
    kill: (signal = "SIGKILL") =>
      new Promise((resolve) => {
        if (child.exitCode !== null || child.signalCode !== null) return resolve();
        child.once("exit", () => resolve());
        child.kill(signal);
      }),
  };
}

/** Whether a server says that it can serve; degraded counts. */
export async function isReady(url: string): Promise<boolean> {
  return fetch(`${url}/readyz`).then(
    (response) => response.ok,
    () => false,
  );
}

export const sleep = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));
