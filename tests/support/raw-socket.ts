import { once } from "node:events";
import WebSocket from "ws";

const DEADLINE_MS = 8_000;

/** A WebSocket that sends and shows exactly what goes over the wire. */
export class RawSocket {
  /** Everything that came and was not asked for yet. */
  readonly received: any[] = [];
  /** How the server closed. */
  readonly closed: Promise<{ code: number; reason: string }>;
  private readonly waiting = new Set<() => void>();
  private ended = false;

  private constructor(readonly socket: WebSocket) {
    socket.on("message", (data) => {
      this.received.push(JSON.parse((data as Buffer).toString()));
      this.wake();
    });
    this.closed = new Promise((resolve) => {
      socket.once("close", (code, reason) => {
        this.ended = true;
        this.wake();
        resolve({ code, reason: reason.toString() });
      });
    });
  }

  /** Connects. @param protocol Null offers none. @param baseUrl Of an api node, http. */
  static async open(
    baseUrl: string,
    options: { protocol?: string | null; headers?: Record<string, string> } = {},
  ): Promise<RawSocket> {
    const url = `${baseUrl.replace("http", "ws")}/graphql`;
    const protocol = options.protocol === undefined ? "graphql-transport-ws" : options.protocol;
    const socket = new WebSocket(url, protocol === null ? [] : [protocol], {
      headers: options.headers ?? {},
    });
    const raw = new RawSocket(socket);
    await once(socket, "open");
    return raw;
  }

  /** Connects and gets the acknowledgement. */
  static async ready(baseUrl: string, accessToken?: string): Promise<RawSocket> {
    const raw = await RawSocket.open(baseUrl);
    raw.init(accessToken);
    await raw.next("connection_ack");
    return raw;
  }

  init(accessToken?: string): void {
    const payload = accessToken === undefined ? {} : { authorization: `Bearer ${accessToken}` };
    this.send({ type: "connection_init", payload });
  }

  /** Sends an object as JSON; text and bytes as they are. */
  send(message: object | string | Buffer): void {
    const raw = typeof message === "string" || Buffer.isBuffer(message);
    this.socket.send(raw ? message : JSON.stringify(message), { binary: Buffer.isBuffer(message) });
  }

  /** Sends an operation; its id is given back. */
  subscribe(
    query: string,
    variables: object = {},
    extra: object = {},
    id = String(nextId++),
  ): string {
    this.send({ type: "subscribe", id, payload: { query, variables, ...extra } });
    return id;
  }

  /** The next message of one of these types, and of an operation when its id is given. */
  async next(types: string | readonly string[], id?: string): Promise<any> {
    const end = Date.now() + DEADLINE_MS;
    for (;;) {
      const index = this.received.findIndex(
        (message) => types.includes(message.type) && (id === undefined || message.id === id),
      );
      if (index >= 0) return this.received.splice(index, 1)[0];
      const leftMs = end - Date.now();
      if (this.ended || leftMs <= 0) {
        throw new Error(`No ${String(types)} came; waiting: ${JSON.stringify(this.received)}`);
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.waiting.add(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  /** Runs an operation to its end: the payload of `next`, or the errors of `error`. */
  async run(query: string, variables: object = {}, extra: object = {}): Promise<any> {
    const id = this.subscribe(query, variables, extra);
    const answer = await this.next(["next", "error"], id);
    return answer.type === "next" ? answer.payload : { errors: answer.payload };
  }

  close(): void {
    this.socket.terminate();
  }

  private wake(): void {
    for (const waiting of this.waiting) waiting();
    this.waiting.clear();
  }
}

let nextId = 1;
