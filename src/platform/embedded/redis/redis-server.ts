import type { Socket } from "node:net";
import { Channels } from "./channels.ts";
import { RedisConnection } from "./connection.ts";
import { Keyspace } from "./keyspace.ts";

const SWEEP_EVERY_MS = 1_000;

/**
 * A Redis server (RESP2, version 7 answers) in memory: strings, hashes, sets, sorted sets, expiry,
 * transactions without WATCH, and publish/subscribe. It is written here instead of put around a mock of the
 * client, because a mock lives inside one process, and the one at hand drops a key's time to live on KEEPTTL
 * and ignores the conditions of EXPIRE. Scripts and everything else unknown is answered with an error.
 */
export class RedisServer {
  private readonly keys = new Keyspace();
  private readonly channels = new Channels();
  private readonly sweeper: NodeJS.Timeout;
  private readonly password: string;

  /** @param password Every client must authenticate as the default user. */
  constructor(password: string) {
    this.password = password;
    this.sweeper = setInterval(() => this.keys.sweep(), SWEEP_EVERY_MS).unref();
  }

  accept(socket: Socket): void {
    const { keys, channels, password } = this;
    new RedisConnection(socket, { keys, channels, password });
  }

  close(): Promise<void> {
    clearInterval(this.sweeper);
    return Promise.resolve();
  }
}
