import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Logger } from "../../observe/logger.ts";
import { freePort } from "../free-port.ts";
import { readText, writePrivate } from "../private-file.ts";
import { ensureCluster, locateCluster, SUPERUSER, type Cluster } from "./cluster.ts";
import { DATABASE, Lease } from "./lease.ts";
import { hasEnded, logTail, observeServer, spawnServer, stopServer } from "./server.ts";

export interface EmbeddedPostgresOptions {
  /** Folder of all embedded stores; this one uses the subfolder `postgres`. */
  readonly dataDir: string;
  readonly log: Logger;
  /** Told in plain words what takes time, at most twice per start. */
  readonly onProgress?: (step: string) => void;
  /** For tests: nothing waits for the disk, and the last stop removes the cluster. Default false. */
  readonly ephemeral?: boolean;
}

export interface EmbeddedPostgres {
  /** Of the database `facet`, with the password of its superuser. */
  readonly url: string;
  /** Stops the server if this process is the last one that uses it. */
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 90_000;
const STOP_TIMEOUT_MS = 15_000;
const POLL_MS = 5;
const ATTEMPTS = 5;

/**
 * Real PostgreSQL on 127.0.0.1 from the npm binaries, shared by all processes with the same data folder.
 * The server is no child that dies with its parent: whoever comes finds it running and adopts it, whoever
 * leaves last stops it, and after a kill -9 the next start picks it up. While in use, a server that was
 * killed is started again on the same port. Rejects with the server's own words when it cannot start.
 */
export async function startEmbeddedPostgres(
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
  const home = join(resolve(options.dataDir), "postgres");
  const cluster = await locateCluster(home);
  const keeper = new Keeper(cluster, options);
  await keeper.open();
  return {
    url: keeper.url,
    stop: () => keeper.stop(),
  };
}

class Keeper {
  private lease: Lease | undefined;
  private port = 0;
  private stopping = false;

  constructor(
    private readonly cluster: Cluster,
    private readonly options: EmbeddedPostgresOptions,
  ) {}

  get url(): string {
    return `postgres://${SUPERUSER}:${this.cluster.password}@127.0.0.1:${this.port}/${DATABASE}`;
  }

  async open(): Promise<void> {
    const { lease, port } = await reachServer(this.cluster, this.options);
    if (this.port !== 0 && port !== this.port) {
      this.options.log.error({ port }, "embedded PostgreSQL came back on another port: restart");
    }
    this.lease = lease;
    this.port = port;
    void lease.ended.then(() => this.revive());
  }

  private async revive(): Promise<void> {
    if (this.stopping) return;
    this.options.log.warn("embedded PostgreSQL went away, starting it again");
    try {
      await this.open();
      if (this.stopping) await this.leave();
    } catch (error) {
      this.options.log.error({ err: error }, "embedded PostgreSQL does not start again");
    }
  }

  async stop(): Promise<void> {
    if (this.stopping) return;
    this.stopping = true;
    await this.leave();
  }

  private async leave(): Promise<void> {
    const last = (await this.lease?.isLast().catch(() => false)) ?? false;
    if (last) {
      await stopServer(this.cluster, STOP_TIMEOUT_MS);
      if (this.options.ephemeral) await rm(this.cluster.home, { recursive: true, force: true });
    }
    await this.lease?.release().catch(() => undefined);
  }
}

interface Reached {
  readonly lease: Lease;
  readonly port: number;
}

/** Adopts the running server or starts one, as often as needed: another process may be stopping it just now. */
async function reachServer(cluster: Cluster, options: EmbeddedPostgresOptions): Promise<Reached> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  let failures = 0;
  while (Date.now() < deadline) {
    const server = await observeServer(cluster);
    if (server?.ready) {
      const lease = await Lease.take(cluster, server.port);
      if (lease) return { lease, port: server.port };
      await pause(POLL_MS);
    } else if (server) {
      await pause(POLL_MS);
    } else {
      const port = failures === 0 ? await usualPort(cluster) : await freePort();
      const started = await startServer(cluster, port, options);
      if (!started && ++failures >= ATTEMPTS) break;
    }
  }
  throw new Error(`embedded PostgreSQL does not start:\n${await logTail(cluster)}`);
}

const portFile = (cluster: Cluster) => join(cluster.home, "port");

async function usualPort(cluster: Cluster): Promise<number> {
  const port = Number(await readText(portFile(cluster)));
  return Number.isInteger(port) && port > 0 ? port : freePort();
}

/** False when the new server has ended before it was ready and no other one has come up instead. */
async function startServer(
  cluster: Cluster,
  port: number,
  options: EmbeddedPostgresOptions,
): Promise<boolean> {
  const progress = options.onProgress ?? (() => undefined);
  await ensureCluster(cluster, () => progress("creating the PostgreSQL cluster"));
  progress("starting PostgreSQL");
  const child = await spawnServer(cluster, port, options.ephemeral ?? false);
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!hasEnded(child) && Date.now() < deadline) {
    const server = await observeServer(cluster);
    if (server?.ready) {
      if (server.pid === child.pid) await writePrivate(portFile(cluster), String(port));
      return true;
    }
    await pause(POLL_MS);
  }
  return (await observeServer(cluster)) !== undefined;
}
