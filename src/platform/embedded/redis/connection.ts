import { createHash, timingSafeEqual } from "node:crypto";
import type { Socket } from "node:net";
import type { Channels, Subscriber } from "./channels.ts";
import { collectionCommands } from "./collection-commands.ts";
import { keyCommands, type DataCommandSpec } from "./key-commands.ts";
import type { Keyspace } from "./keyspace.ts";
import { CommandReader, encodeReply, OK, RedisFault, type RedisReply } from "./resp.ts";

/** A subscriber that reads so slowly that this much is waiting for it is cut off, as in Redis. */
const MOST_WAITING_BYTES = 8 * 1024 * 1024;

const DATA_COMMANDS: Readonly<Record<string, DataCommandSpec>> = {
  ...keyCommands,
  ...collectionCommands,
};

const SUBSCRIBER_COMMANDS = new Set([
  ...["SUBSCRIBE", "UNSUBSCRIBE", "PSUBSCRIBE", "PUNSUBSCRIBE", "PING", "QUIT"],
]);
const NOT_IN_MULTI = new Set(["SUBSCRIBE", "UNSUBSCRIBE", "PSUBSCRIBE", "PUNSUBSCRIBE", "MULTI"]);

export interface RedisWorld {
  readonly keys: Keyspace;
  readonly channels: Channels;
  readonly password: string;
}

/** One client: its authentication, subscriptions and transaction. */
export class RedisConnection implements Subscriber {
  private readonly socket: Socket;
  private readonly world: RedisWorld;
  private readonly reader = new CommandReader();
  private readonly channels = new Set<string>();
  private readonly patterns = new Set<string>();
  private authenticated = false;
  private queue: string[][] | undefined;
  private queueIsBroken = false;

  constructor(socket: Socket, world: RedisWorld) {
    this.socket = socket;
    this.world = world;
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => this.receive(chunk));
    socket.once("close", () => this.leaveAll());
  }

  deliver(message: RedisReply): void {
    if (this.socket.writableLength > MOST_WAITING_BYTES) this.socket.destroy();
    else this.send(message);
  }

  private receive(chunk: Buffer): void {
    let commands: string[][];
    try {
      commands = this.reader.push(chunk);
    } catch {
      this.socket.end("-ERR Protocol error\r\n");
      return;
    }
    this.socket.cork();
    for (const words of commands) this.handle(words);
    this.socket.uncork();
  }

  private handle([first = "", ...args]: string[]): void {
    const name = first.toUpperCase();
    try {
      const reply = this.answer(name, args);
      if (reply !== undefined) this.send(reply);
    } catch (error) {
      if (this.queue && name !== "EXEC") this.queueIsBroken = true;
      const text = error instanceof RedisFault ? error.message : `ERR ${String(error)}`;
      this.send({ error: text });
    }
    if (name === "QUIT") this.socket.end();
  }

  private send(reply: RedisReply): void {
    if (this.socket.writable) this.socket.write(encodeReply(reply), "latin1");
  }

  /** Undefined when the command has sent its answers itself. */
  private answer(name: string, args: string[]): RedisReply | undefined {
    if (name === "AUTH") return this.authenticate(args);
    if (name === "QUIT") return OK;
    if (!this.authenticated) throw new RedisFault("NOAUTH Authentication required.");
    const isListening = this.channels.size + this.patterns.size > 0;
    if (isListening && !SUBSCRIBER_COMMANDS.has(name)) {
      throw new RedisFault(`ERR Can't execute '${name.toLowerCase()}' in subscriber mode`);
    }
    if (this.queue && name !== "EXEC" && name !== "DISCARD") return this.enqueue(name, args);
    switch (name) {
      case "MULTI":
        this.queue = [];
        this.queueIsBroken = false;
        return OK;
      case "EXEC":
        return this.execute();
      case "DISCARD":
        if (!this.queue) throw new RedisFault("ERR DISCARD without MULTI");
        this.queue = undefined;
        return OK;
      case "SUBSCRIBE":
      case "PSUBSCRIBE":
        return this.listen(name, args);
      case "UNSUBSCRIBE":
      case "PUNSUBSCRIBE":
        return this.leave(name, args);
      case "PING":
        return isListening ? ["pong", args[0] ?? ""] : (args[0] ?? { ok: "PONG" });
      default:
        return this.run(name, args);
    }
  }

  /** A command that may also stand in a transaction. */
  private run(name: string, args: readonly string[]): RedisReply {
    const data = Object.hasOwn(DATA_COMMANDS, name) ? DATA_COMMANDS[name] : undefined;
    if (data) {
      assertCount(name, args, data);
      return data.run(this.world.keys, args);
    }
    switch (name) {
      case "PUBLISH":
        assertCount(name, args, { least: 2, most: 2 });
        return this.world.channels.publish(args[0] ?? "", args[1] ?? "");
      case "SELECT":
        if (args[0] !== "0") throw new RedisFault("ERR DB index is out of range");
        return OK;
      case "ECHO":
        return args[0] ?? "";
      case "TIME": {
        const now = Date.now();
        return [String(Math.floor(now / 1_000)), String((now % 1_000) * 1_000)];
      }
      case "CLIENT":
        return clientCommand(args);
      case "INFO":
        return INFO;
      case "COMMAND":
        return [];
      default:
        throw new RedisFault(`ERR unknown command '${name.toLowerCase()}'`);
    }
  }

  private authenticate(args: readonly string[]): RedisReply {
    const digest = (text: string) => createHash("sha256").update(text).digest();
    const given = digest(args.at(-1) ?? "");
    const user = args.length === 2 ? args[0] : "default";
    if (user !== "default" || !timingSafeEqual(given, digest(this.world.password))) {
      throw new RedisFault("WRONGPASS invalid username-password pair or user is disabled.");
    }
    this.authenticated = true;
    return OK;
  }

  private enqueue(name: string, args: string[]): RedisReply {
    if (NOT_IN_MULTI.has(name)) throw new RedisFault(`ERR ${name} is not allowed in transactions`);
    const data = Object.hasOwn(DATA_COMMANDS, name) ? DATA_COMMANDS[name] : undefined;
    if (data) assertCount(name, args, data);
    else if (name !== "PUBLISH" && name !== "PING" && name !== "ECHO") this.run(name, args);
    this.queue?.push([name, ...args]);
    return { ok: "QUEUED" };
  }

  private execute(): RedisReply {
    const queue = this.queue;
    this.queue = undefined;
    if (!queue) throw new RedisFault("ERR EXEC without MULTI");
    if (this.queueIsBroken) {
      throw new RedisFault("EXECABORT Transaction discarded because of previous errors.");
    }
    return queue.map(([name = "", ...args]) => {
      try {
        return name === "PING" ? { ok: "PONG" } : this.run(name, args);
      } catch (error) {
        return { error: error instanceof RedisFault ? error.message : `ERR ${String(error)}` };
      }
    });
  }

  private listen(name: "SUBSCRIBE" | "PSUBSCRIBE", topics: readonly string[]): undefined {
    assertCount(name, topics, { least: 1, most: Infinity });
    for (const topic of topics) {
      if (name === "SUBSCRIBE") {
        this.world.channels.subscribe(topic, this);
        this.channels.add(topic);
      } else {
        this.world.channels.subscribePattern(topic, this);
        this.patterns.add(topic);
      }
      this.send([name.toLowerCase(), topic, this.channels.size + this.patterns.size]);
    }
  }

  /** Without topics it leaves all of them. */
  private leave(name: "UNSUBSCRIBE" | "PUNSUBSCRIBE", topics: readonly string[]): undefined {
    const own = name === "UNSUBSCRIBE" ? this.channels : this.patterns;
    const leaving = topics.length > 0 ? topics : [...own];
    for (const topic of leaving) {
      own.delete(topic);
      if (name === "UNSUBSCRIBE") this.world.channels.unsubscribe(topic, this);
      else this.world.channels.unsubscribePattern(topic, this);
      this.send([name.toLowerCase(), topic, this.channels.size + this.patterns.size]);
    }
    if (leaving.length === 0) {
      this.send([name.toLowerCase(), null, this.channels.size + this.patterns.size]);
    }
  }

  private leaveAll(): void {
    for (const channel of this.channels) this.world.channels.unsubscribe(channel, this);
    for (const glob of this.patterns) this.world.channels.unsubscribePattern(glob, this);
  }
}

const INFO = "# Server\r\nredis_version:7.2.0\r\nredis_mode:standalone\r\nloading:0\r\n";

function clientCommand([subcommand = ""]: readonly string[]): RedisReply {
  switch (subcommand.toUpperCase()) {
    case "SETNAME":
    case "SETINFO":
      return OK;
    case "ID":
      return 1;
    default:
      throw new RedisFault(`ERR unknown subcommand '${subcommand}'`);
  }
}

function assertCount(
  name: string,
  args: readonly string[],
  { least, most }: { readonly least: number; readonly most: number },
): void {
  if (args.length >= least && args.length <= most) return;
  throw new RedisFault(`ERR wrong number of arguments for '${name.toLowerCase()}' command`);
}
