import { mkdir, readdir } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { freePort } from "../free-port.ts";
import { newSecret, readText, writtenOnce } from "../private-file.ts";
import { asksForProof, askForProof, giveProof } from "./proof.ts";

/** What the owner of a port does there. */
export interface Service {
  accept(socket: Socket): void;
  close(): Promise<void>;
}

export interface SharedPortOptions {
  /** Where the port and the secret of this store are kept. */
  readonly folder: string;
  /** Called when this process has become the owner; connections wait until it is done. */
  open(secret: string): Promise<Service>;
  /** Told of what cannot be thrown at a caller: the store could not be opened on a takeover. */
  onTrouble(error: unknown): void;
}

const RETRY_MS = 10;

/**
 * One port, served by exactly one of all processes that share a folder. The port itself is the lock: the
 * system lets one process listen, and frees the port when that process ends, however it ends. The others
 * hold a connection to the owner; when it closes, the first to listen is the next owner (src/decisions/0003). Clients connect to
 * the same port all the time. A port that a stranger has taken is given up for a new one.
 */
export class SharedPort {
  readonly secret: string;
  private readonly options: SharedPortOptions;
  private readonly sockets = new Set<Socket>();
  private server: Server | undefined;
  private service: Service | undefined;
  private watched: Socket | undefined;
  private current = 0;
  private closing = false;

  private constructor(options: SharedPortOptions, secret: string) {
    this.options = options;
    this.secret = secret;
  }

  /** Resolves when the port is served, by this process or another one. */
  static async join(options: SharedPortOptions): Promise<SharedPort> {
    await mkdir(options.folder, { recursive: true, mode: 0o700 });
    const secret = await writtenOnce(join(options.folder, "secret"), newSecret);
    const shared = new SharedPort(options, secret);
    await shared.settle();
    return shared;
  }

  get port(): number {
    return this.current;
  }

  get isOwner(): boolean {
    return this.service !== undefined;
  }

  /** Hands the port over to another process, if there is one. Nothing is accepted any more once called. */
  async close(): Promise<void> {
    this.closing = true;
    this.watched?.destroy();
    for (const socket of this.sockets) socket.destroy();
    // The next owner must not begin before this one has let go of its files.
    await this.service?.close();
    await new Promise<void>((resolve) => {
      if (this.server) this.server.close(() => resolve());
      else resolve();
      for (const socket of this.sockets) socket.destroy();
    });
  }

  /** Becomes the owner, or finds it. */
  private async settle(): Promise<void> {
    while (!this.closing) {
      this.current = await currentPort(this.options.folder);
      const server = await listen(this.current);
      if (server) return this.own(server);
      const owner = await askForProof(this.current, this.secret);
      if (owner === "stranger") await nextPort(this.options.folder, this.current);
      else if (owner === "nobody") await pause(RETRY_MS);
      else return this.follow(owner);
    }
  }

  private follow(owner: Socket): void {
    this.watched = owner;
    const takeOver = () => {
      this.watched = undefined;
      if (!this.closing) this.settle().catch((error: unknown) => this.options.onTrouble(error));
    };
    if (owner.destroyed) takeOver();
    else owner.once("close", takeOver);
  }

  private async own(server: Server): Promise<void> {
    this.server = server;
    const opened = this.options.open(this.secret);
    server.on("connection", (socket) => this.receive(socket, opened));
    try {
      this.service = await opened;
    } catch (error) {
      server.close();
      for (const socket of this.sockets) socket.destroy();
      throw error;
    }
  }

  /** The first bytes tell another process of ours from a client. */
  private receive(socket: Socket, opened: Promise<Service>): void {
    if (this.closing) {
      socket.destroy();
      return;
    }
    this.sockets.add(socket);
    socket.once("close", () => this.sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    socket.once("data", (chunk: Buffer) => {
      if (asksForProof(chunk)) {
        giveProof(socket, chunk, this.secret);
        return;
      }
      socket.pause();
      socket.unshift(chunk);
      opened.then(
        (service) => {
          service.accept(socket);
          socket.resume();
        },
        () => socket.destroy(),
      );
    });
  }
}

function listen(port: number): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE" || error.code === "EACCES") resolve(undefined);
      else reject(error);
    });
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => resolve(server));
  });
}

/** The port is in the file with the highest number; all processes agree, since each file is written once. */
async function currentPort(folder: string): Promise<number> {
  const numbers = await portFiles(folder);
  const path = join(folder, `port.${numbers.at(-1) ?? 1}`);
  const known = await readText(path);
  if (known !== undefined) return Number(known);
  const port = await freePort();
  return Number(await writtenOnce(path, () => String(port)));
}

async function nextPort(folder: string, given: number): Promise<void> {
  const last = (await portFiles(folder)).at(-1) ?? 1;
  const known = await readText(join(folder, `port.${last}`));
  if (Number(known) !== given) return; // another process was quicker
  const port = await freePort();
  await writtenOnce(join(folder, `port.${last + 1}`), () => String(port));
}

async function portFiles(folder: string): Promise<number[]> {
  return (await readdir(folder))
    .flatMap((name) => /^port\.(\d+)$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}
