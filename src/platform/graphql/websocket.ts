import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import {
  GraphQLError,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLFormattedError,
} from "graphql";
import { GRAPHQL_TRANSPORT_WS_PROTOCOL, makeServer } from "graphql-ws";
import { WebSocketServer, type WebSocket } from "ws";
import type { Logger } from "../observe/logger.ts";
import type { Context } from "./context.ts";
import type { Caller } from "./create-context.ts";
import { rateLimited } from "./errors.ts";
import type { GraphQLEngine, OperationRequest } from "./engine.ts";
import type { ErrorMask } from "./masking.ts";
import { CLOSE, type OpenSockets } from "./open-sockets.ts";
import { close, giveUp, onText, send } from "./socket-io.ts";
import { subscribeWithFreshLoaders } from "./subscribe.ts";

const PATH = "/graphql";
const MAX_FRAME_BYTES = 64 * 1024;
const MAX_SUBSCRIPTIONS_PER_SOCKET = 50;
const PING_MS = 12_000;
const INIT_WAIT_MS = 3_000;
const MAX_IDENTITIES_PER_SOCKET = 5;
const RETRY_MS = 1_000;
const CLOSE_WINDOW_MS = 2_000;
const DRAIN_CLOSING_MS = 1_000;

export interface SocketOptions {
  readonly engine: GraphQLEngine;
  readonly mask: ErrorMask;
  readonly log: Logger;
  readonly sockets: OpenSockets;
  /** Whether a browser's Origin may connect; apps send none. */
  readonly originAllowed: (origin: string | undefined) => boolean;
  readonly callerOf: (request: IncomingMessage) => Caller;
  /** Builds the context of a connection or of one operation. */
  readonly createContext: (caller: Caller, authorization: string | null) => Promise<Context>;
  readonly onCount: (sockets: number, subscriptions: number) => void;
}

interface Extra {
  readonly socket: WebSocket;
  readonly caller: Caller;
  connection: Context | null;
  /** Who asks by the credentials of single operations; made when the first one has some. */
  others: Map<string, Promise<Context>> | null;
  /** Somebody has signed in: the socket is no stranger's any more. */
  readonly known: () => void;
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
  private draining = false;
  private readonly pings: NodeJS.Timeout;

  constructor(private readonly options: SocketOptions) {
    this.protocol = makeServer<Record<string, unknown>, Extra>({
      schema: options.engine.schema,
      connectionInitWaitTimeout: INIT_WAIT_MS,
      onConnect: (ctx) => this.connect(ctx.extra, ctx.connectionParams),
      onSubscribe: (ctx, id, payload) =>
        this.prepare(ctx.extra, Object.keys(ctx.subscriptions).length, payload),
      execute: (args) => options.engine.execute(args),
      subscribe: async (args) => {
        const stream = await subscribeWithFreshLoaders(args, options.engine);
        return "next" in stream ? this.counted(stream) : stream;
      },
      onNext: (_ctx, _id, _payload, args, { data, errors }) => {
        if (!errors) return;
        const masked = this.masked(errors, contextOf(args));
        return data === undefined ? { errors: masked } : { data, errors: masked };
      },
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
    this.draining = true;
    clearInterval(this.pings);
    const open = [...this.server.clients];
    await Promise.all(
      open.map(async (socket, index) => {
        const delayMs = open.length < 20 ? 0 : (index / open.length) * CLOSE_WINDOW_MS;
        await new Promise((resolve) => setTimeout(resolve, delayMs));
        await close(socket, CLOSE.restart, "Service restart", DRAIN_CLOSING_MS);
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
    if (this.draining) return refuse("503 Service Unavailable");
    if (!this.options.originAllowed(request.headers.origin)) return refuse("403 Forbidden");
    const caller = this.options.callerOf(request);
    const known = this.options.sockets.arrive(caller.ip);
    if (!known) return refuse("429 Too Many Requests");
    stream.once("close", known);
    this.server.handleUpgrade(request, stream, head, (socket) => {
      this.open(socket, caller, known);
    });
  }

  private open(socket: WebSocket, caller: Caller, known: () => void): void {
    const extra: Extra = { socket, caller, connection: null, others: null, known, release: [] };
    socket.on("error", (error) => {
      this.options.log.debug({ err: error }, "a socket broke");
    });
    const ended = this.protocol.opened(
      {
        protocol: socket.protocol,
        send: (text) => send(socket, text),
        close: (code = 1000, reason = "") => void close(socket, code, reason),
        onMessage: (handle) => {
          onText(socket, (text) => {
            handle(text).catch((error: unknown) => {
              this.fail(socket, error);
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

  private fail(socket: WebSocket, error: unknown): void {
    // How graphql-ws reports messages that only a server may send.
    if (error instanceof Error && error.message.startsWith("Unexpected message of type")) {
      return void close(socket, CLOSE.badRequest, "Invalid message received");
    }
    this.options.log.error({ err: error }, "a WebSocket message could not be handled");
    // Clients give up after 4500, and most faults here are a store that is away.
    void close(socket, CLOSE.tryLater, "Try again later");
  }

  private async connect(
    extra: Extra,
    params: Readonly<Record<string, unknown>> | undefined,
  ): Promise<boolean> {
    const authorization = params?.["authorization"] ?? params?.["Authorization"];
    const token = typeof authorization === "string" ? authorization : null;
    const context = await this.options.createContext(extra.caller, token);
    extra.connection = context;
    this.hold(extra, context);
    return token === null || context.signedIn !== null; // false closes with 4403
  }

  /** Ties the socket to the session of a context: it is closed when that ends. */
  private hold({ socket, release, known }: Extra, context: Context): void {
    if (!context.signedIn || socket.readyState !== socket.OPEN) return;
    const closable = { close: (code: number, reason: string) => void close(socket, code, reason) };
    const letGo = this.options.sockets.admit(closable, context.signedIn);
    known();
    if (letGo) release.push(letGo);
    else void close(socket, CLOSE.tryLater, "Too many sockets");
  }

  private async prepare(
    extra: Extra,
    open: number,
    request: OperationRequest,
  ): Promise<ExecutionArgs | readonly GraphQLError[]> {
    const { engine } = this.options;
    const variableValues = request.variables ?? {};
    try {
      if (open > MAX_SUBSCRIPTIONS_PER_SOCKET) throw rateLimited(RETRY_MS);
      const context = await this.operationContext(extra, request.extensions);
      const prepared = engine.prepare(request);
      if (!("document" in prepared)) return prepared;
      const { document, text } = prepared;
      const operation = engine.operationOf(document, request.operationName);
      if (operation) await engine.admit(document, operation, text, variableValues, context);
      return {
        schema: engine.schema,
        document,
        operationName: request.operationName ?? null,
        variableValues,
        contextValue: { ...context, loaders: engine.createLoaders() },
      };
    } catch (error) {
      return [asGraphQLError(error)];
    }
  }

  /** GraphiQL sends its headers with each operation instead of with the connection. */
  private operationContext(
    extra: Extra,
    extensions: OperationRequest["extensions"],
  ): Promise<Context> {
    const authorization = authorizationIn(extensions?.["headers"]);
    if (authorization === null) return Promise.resolve(extra.connection as Context);
    const others = (extra.others ??= new Map<string, Promise<Context>>());
    const known = others.get(authorization);
    if (known) return known;
    if (others.size >= MAX_IDENTITIES_PER_SOCKET) throw rateLimited(RETRY_MS);
    const context = this.options.createContext(extra.caller, authorization).then((made) => {
      if (!made.signedIn) others.delete(authorization);
      this.hold(extra, made);
      return made;
    });
    others.set(authorization, context);
    context.catch(() => others.delete(authorization));
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
        return stream.throw?.(error) ?? Promise.resolve({ done: true, value: undefined });
      },
    };
    return counted;
  }

  private report(): void {
    this.options.onCount(this.server.clients.size, this.subscriptions);
  }

  private ping(): void {
    for (const socket of this.server.clients) {
      if (socket.readyState !== socket.OPEN) continue;
      if (alive.delete(socket)) socket.ping();
      else giveUp(socket);
    }
  }
}

/** Sockets that answered since the last ping. */
const alive = new WeakSet<WebSocket>();

const contextOf = (args: unknown): Context | null =>
  ((args as { contextValue?: unknown }).contextValue as Context | undefined) ?? null;

function authorizationIn(headers: unknown): string | null {
  const entries = Object.entries((headers ?? {}) as Record<string, unknown>);
  const value = entries.find(([name]) => name.toLowerCase() === "authorization")?.[1];
  return typeof value === "string" && value !== "" ? value : null;
}

const asGraphQLError = (error: unknown): GraphQLError =>
  error instanceof GraphQLError
    ? error
    : new GraphQLError("The operation failed.", { originalError: error as Error });
