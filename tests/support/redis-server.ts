import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { Redis } from "ioredis";
import { freePort } from "./world.ts";

/** Whether this machine has a Redis server to kill. */
export const hasRedisServer = spawnSync("redis-server", ["--version"]).status === 0;

/** A real Redis server of its own, to be killed, frozen and started again on the same port. */
export class RedisServer {
  private child: ChildProcess | null = null;

  private constructor(private readonly port: number) {}

  static async start(): Promise<RedisServer> {
    const server = new RedisServer(await freePort());
    await server.up();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts it, empty; resolves when it answers. */
  async up(): Promise<void> {
    const settings = ["--port", String(this.port), "--save", "", "--appendonly", "no"];
    this.child = spawn("redis-server", settings, { stdio: "ignore" });
    const probe = this.connect();
    await new Promise((resolve) => probe.once("ready", resolve));
    probe.disconnect();
  }

  /** Kills it; everything that it knew is gone. */
  async down(): Promise<void> {
    const { child } = this;
    this.child = null;
    if (!child || child.exitCode !== null) return;
    await new Promise((resolve) => {
      child.once("exit", resolve);
      child.kill("SIGKILL");
    });
  }

  /** Keeps its sockets open and answers nothing. */
  freeze(): void {
    this.child?.kill("SIGSTOP");
  }

  thaw(): void {
    this.child?.kill("SIGCONT");
  }

  /** Cuts the connections of clients; it goes on itself. */
  async cutClients(type: "normal" | "pubsub"): Promise<void> {
    const admin = this.connect();
    await admin.call("CLIENT", "KILL", "TYPE", type, "SKIPME", "yes").catch(() => undefined);
    admin.disconnect();
  }

  private connect(): Redis {
    const redis = new Redis(this.url, { retryStrategy: () => 20 });
    redis.on("error", () => undefined);
    return redis;
  }
}
