import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { until } from "./until.ts";
import { freePort } from "./world.ts";

/** Why tests that take Redis away are left out; null when they can run. */
export const redisServerMissing: string | null =
  spawnSync("redis-server", ["--version"]).status === 0
    ? null
    : "no redis-server on this machine: install it to test what happens when Redis goes away";

/** A Redis server that a test may kill or freeze. */
export interface RedisServer {
  readonly url: string;
  /** It is there, but answers nothing. */
  freeze(): void;
  kill(): Promise<void>;
  /** Starts again at the same address after `kill`. */
  restart(): Promise<void>;
}

/** Starts a Redis server that keeps nothing on disk. */
export async function startRedisServer(): Promise<RedisServer> {
  const port = await freePort();
  let child = await run(port);
  return {
    url: `redis://127.0.0.1:${port}`,
    freeze: () => void child.kill("SIGSTOP"),
    kill: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, "exit");
      child.kill("SIGKILL");
      await exit;
    },
    restart: async () => {
      child = await run(port);
    },
  };
}

async function run(port: number) {
  const options = [
    "--port",
    String(port),
    "--bind",
    "127.0.0.1",
    "--save",
    "",
    "--appendonly",
    "no",
  ];
  const child = spawn("redis-server", options, { stdio: "ignore" });
  await until(() => answers(port));
  return child;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => {
      resolve(false);
    });
  });
}
