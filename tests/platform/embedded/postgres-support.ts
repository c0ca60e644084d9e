import { readFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import {
  startEmbeddedPostgres,
  type EmbeddedPostgres,
} from "../../../src/platform/embedded/index.ts";
import { commandOf } from "../../../src/platform/embedded/process-facts.ts";
import { createLogger } from "../../../src/platform/observe/logger.ts";
import { Child, newDataDir } from "./child.ts";

export const log = createLogger("silent");

/** A data folder with the processes that a test starts on it. */
export class PostgresFolder {
  private readonly children: Child[] = [];

  private constructor(
    readonly path: string,
    private readonly remove: () => Promise<void>,
  ) {}

  static async make(): Promise<PostgresFolder> {
    const { path, remove } = await newDataDir();
    return new PostgresFolder(path, remove);
  }

  start(): Promise<EmbeddedPostgres> {
    return startEmbeddedPostgres({ dataDir: this.path, log });
  }

  startChild(): Child {
    const child = Child.run("postgres.ts", this.path);
    this.children.push(child);
    return child;
  }

  async serverPid(): Promise<number> {
    const text = await readFile(join(this.path, "postgres/cluster/postmaster.pid"), "utf8");
    return Number(text.split("\n")[0]);
  }

  /** Also after a failed test no process stays behind. */
  async clearAway(): Promise<void> {
    await Promise.all(this.children.map((child) => child.kill()));
    const running = await this.serverPid().catch(() => undefined);
    if (running !== undefined) await (await this.start()).stop();
    await this.remove();
  }
}

export async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(url);
  client.on("error", () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

export const isGone = async (pid: number): Promise<boolean> => (await commandOf(pid)) === undefined;
