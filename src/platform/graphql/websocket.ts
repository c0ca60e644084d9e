import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import {
  execute,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLError,
  type GraphQLFormattedError,
} from "graphql";
import { GRAPHQL_TRANSPORT_WS_PROTOCOL, makeServer } from "graphql-ws";
import { WebSocketServer, type WebSocket } from "ws";
import type { Logger } from "../observe/logger.ts";
import type { Context } from "./context.ts";
import { callerOf, type Caller } from "./create-context.ts";
import { rateLimited } from "./errors.ts";
import type { GraphQLEngine } from "./engine.ts";
import type { ErrorMask } from "./masking.ts";
import { CLOSE, type OpenSockets } from "./open-sockets.ts";
import { subscribeWithFreshLoaders } from "./subscribe.ts";

const PATH = "/graphql";
const MAX_FRAME_BYTES = 64 * 1024;
const MAX_SUBSCRIPTIONS_PER_SOCKET = 50;
const PING_MS = 12_000;
const INIT_WAIT_MS = 3_000;
const MAX_UNSENT_BYTES = 1024 * 1024;
/** A message that the network did not take in this time means that the client does not read. */
const MAX_SEND_MS = 20_000;
const CLOSE_WINDOW_MS = 2_000;

export interface SocketOptions {
  readonly engine: GraphQLEngine;
  readonly mask: ErrorMask;
  readonly log: Logger;
  readonly sockets: OpenSockets;
  /** Whether a browser's Origin may connect; apps send none. */
  readonly originAllowed: (origin: string | undefined) => boolean;
  /** Builds the context of a connection or of one operation. */
  readonly createContext: (caller: Caller, authorization: string | null) => Promise<Context>;
  readonly onCount: (sockets: number, subscriptions: number) => void;
}

interface Extra {
  readonly socket: WebSocket;
  readonly caller: Caller;
  connection: Context | null;
  /** Gives back what the socket holds in the registry of open sockets. */
  readonly release: (() => void)[];
}

/** graphql-transport-ws (PROTOCOL.md of graphql-ws) on the path of the HTTP endpoint. */
export class GraphQLSockets {
  private readonly server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_FRAME_BYTES,
    perMessageDeflate: false,
    clientTracking: true,
    handleProtocols: (offered) =>
      offered.has(GRAPHQL_TRANSPORT_WS_PROTOCOL) ? GRAPHQL_TRANSPORT_WS_PROTOCOL : false,
  });
  private readonly protocol: ReturnType<typeof makeServer<Record<string, unknown>, Extra>>;
  private subscriptions = 0;
  private readonly pings: NodeJS.Timeout;

  constructor(private readonly options: SocketOptions) {
    this.protocol = makeServer<Record<string, unknown>, Extra>({
      schema: options.engine.schema,
      connectionInitWaitTimeout: INIT_WAIT_MS,
      onConnect: (ctx) => this.connect(ctx.extra, ctx.connectionParams),
      onSubscribe: (ctx, id, payload) =>
        this.prepare(ctx.extra, Object.keys(ctx.subscriptions).length, payload),
      execute: (args) => execute(args),
      subscribe: async (args) => {
        const stream = await subscribeWithFreshLoaders(args, options.engine.createLoaders);
        return "next" in stream ? this.counted(stream) : stream;
      },
      onNext: (_ctx, _id, _payload, args, { data, errors }) =>
        errors ? { data: data ?? null, errors: this.masked(errors, contextOf(args)) } : undefined,
      onError: (ctx, _id, _payload, errors) => this.masked(errors, ctx.extra.connection),
    });
    this.pings = setInterval(() => {
      this.ping();
    }, PING_MS).unref();
  }

  /** Takes over WebSocket upgrades of an HTTP server. */
  attach(server: Server): void {
    server.on("upgrade", (request, stream, head) => {
      this.upgrade(request, stream, head);
    });
  }

  /** Closes all sockets with 1012, spread over two seconds so that clients do not return all at once. */
  async drain(): Promise<void> {
    clearInterval(this.pings);
    const open = [...this.server.clients];
    await Promise.all(
      open.map(async (socket, index) => {
        const delayMs = open.length < 20 ? 0 : (index / open.length) * CLOSE_WINDOW_MS;
        await new Promise((resolve) => setTimeout(resolve, delayMs));
        await closed(socket, CLOSE.restart, "Service restart");
      }),
    );
    this.server.close();
  }

  private upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    stream.on("error", (error) => {
      this.options.log.debug({ err: error }, "a socket broke during its upgrade");
    });
    const refuse = (status: string) => {
      stream.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    };
    if ((request.url ?? "").split("?")[0] !== PATH) return refuse("404 Not Found");
    if (!this.options.originAllowed(request.headers.origin)) return refuse("403 Forbidden");
    this.server.handleUpgrade(request, stream, head, (socket) => {
      this.open(socket, request);
    });
  }

  private open(socket: WebSocket, request: IncomingMessage): void {
    const extra: Extra = { socket, caller: callerOf(request), connection: null, release: [] };
    const closeSafely = (code: number, reason: string) => {
      socket.close(code, reason);
    };
    socket.on("error", (error) => {
      this.options.log.debug({ err: error }, "a socket broke");
    });
    const ended = this.protocol.opened(
      {
        protocol: socket.protocol,
        send: (text) => send(socket, text),
        close: closeSafely,
        onMessage: (handle) => {
          socket.on("message", (data, isBinary) => {
            if (isBinary) return closeSafely(4400, "Invalid message received");
            handle(data.toString()).catch((error: unknown) => {
              this.options.log.error({ err: error }, "a WebSocket message could not be handled");
              // Clients give up after 4500, and most faults here are a store that is away.
              closeSafely(CLOSE.tryLater, "Try again later");
            });
          });
        },
      },
      extra,
    );
    socket.on("pong", () => alive.add(socket));
    alive.add(socket);
    socket.once("close", (code, reason) => {
      for (const release of extra.release) release();
      void ended(code, reason.toString());
      this.report();
    });
    this.report();
  }

  private async connect(
    extra: Extra,
    params: Readonly<Record<string, unknown>> | undefined,
  ): Promise<boolean> {
    const authorization = params?.["authorization"] ?? params?.["Authorization"];
    const token = typeof authorization === "string" ? authorization : null;
    const context = await this.options.createContext(extra.caller, token);
    extra.connection = context;
    if (token !== null && !context.signedIn) return false;
    return this.hold(extra, context);
  }

  /** Ties the socket to the session of a context; false closes it with 4403. */
  private async hold(extra: Extra, context: Context): Promise<boolean> {
    if (!context.signedIn) return true;
    const release = await this.options.sockets.admit(extra.socket, context.signedIn);
    if (!release) {
      extra.socket.close(CLOSE.tryLater, "Too many sockets");
      return true;
    }
    if (extra.socket.readyState === extra.socket.OPEN) extra.release.push(release);
    else release();
    return true;
  }

  private async prepare(
    extra: Extra,
    open: number,
    payload: {
      query?: string | null;
      operationName?: string | null | undefined;
      variables?: Record<string, unknown> | null | undefined;
      extensions?: Record<string, unknown> | null | undefined;
    },
  ): Promise<ExecutionArgs | readonly GraphQLError[]> {
    const { engine } = this.options;
    if (open > MAX_SUBSCRIPTIONS_PER_SOCKET) return [rateLimited(1_000)];
    const context = await this.operationContext(extra, payload.extensions);
    const prepared = engine.prepare(payload);
    if (!("document" in prepared)) return prepared;
    const { document, text } = prepared;
    const operation = engine.operationOf(document, payload.operationName);
    const variableValues = payload.variables ?? {};
    try {
      if (operation) {
        await engine.admit(document, operation, text, variableValues, context);
      }
    } catch (error) {
      return [error as GraphQLError];
    }
    return {
      schema: engine.schema,
      document,
      operationName: payload.operationName ?? null,
      variableValues,
      contextValue: { ...context, loaders: engine.createLoaders() },
    };
  }

  /** GraphiQL sends its headers with each operation instead of with the connection. */
  private async operationContext(
    extra: Extra,
    extensions: Record<string, unknown> | null | undefined,
  ): Promise<Context> {
    const headers = extensions?.["headers"] as Record<string, unknown> | undefined;
    const entry = Object.entries(headers ?? {}).find(
      ([name]) => name.toLowerCase() === "authorization",
    );
    const connection = extra.connection as Context;
    if (!entry || typeof entry[1] !== "string" || connection.signedIn) return connection;
    const context = await this.options.createContext(extra.caller, entry[1]);
    if (context.signedIn) {
      extra.connection = context;
      await this.hold(extra, context);
    }
    return context;
  }

  private masked(errors: readonly unknown[], context: Context | null): GraphQLFormattedError[] {
    return errors.map((error) => this.options.mask.format(error, context?.requestId ?? "unknown"));
  }

  private counted(
    stream: AsyncIterableIterator<ExecutionResult>,
  ): AsyncIterableIterator<ExecutionResult> {
    this.subscriptions += 1;
    this.report();
    let open = true;
    const end = () => {
      if (!open) return;
      open = false;
      this.subscriptions -= 1;
      this.report();
    };
    const counted: AsyncIterableIterator<ExecutionResult> = {
      [Symbol.asyncIterator]: () => counted,
      next: async () => {
        const result = await stream.next().catch((error: unknown) => {
          end();
          throw error;
        });
        if (result.done === true) end();
        return result;
      },
      return: async () => {
        end();
        return (await stream.return?.()) ?? { done: true, value: undefined };
      },
      throw: (error: unknown) => {
        end();
        return stream.throw?.(error) ?? Promise.reject(error);
      },
    };
    return counted;
  }

  private report(): void {
    this.options.onCount(this.server.clients.size, this.subscriptions);
  }

  private ping(): void {
    for (const socket of this.server.clients) {
      if (!alive.has(socket)) {
        socket.terminate();
        continue;
      }
      alive.delete(socket);
      if (socket.readyState === socket.OPEN) socket.ping();
    }
  }
}

/** Sockets that answered since the last ping. */
const alive = new WeakSet<WebSocket>();

const contextOf = (args: unknown): Context | null =>
  ((args as { contextValue?: unknown }).contextValue as Context | undefined) ?? null;

/**
 * Resolves when the network took the message, so that a slow reader holds back only its own subscriptions:
 * they are not asked for their next event before. A reader that stays behind is closed with 1013.
 */
function send(socket: WebSocket, text: string): Promise<void> {
  if (socket.readyState !== socket.OPEN) return Promise.resolve();
  if (socket.bufferedAmount > MAX_UNSENT_BYTES) {
    dismiss(socket);
    return Promise.resolve();
  }
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      dismiss(socket);
      resolve();
    }, MAX_SEND_MS).unref();
    // A failed write means that the socket is closing; its close event ends the subscriptions.
    socket.send(text, () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function dismiss(socket: WebSocket): void {
  socket.close(CLOSE.tryLater, "Reading too slowly");
  setTimeout(() => {
    socket.terminate();
  }, 5_000).unref();
}

function closed(socket: WebSocket, code: number, reason: string): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      socket.terminate();
      resolve();
    }, 1_000);
    socket.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
    socket.close(code, reason);
  });
}
