import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { fastifyApolloHandler } from "@as-integrations/fastify";
import Fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyRequest,
} from "fastify";
import { isConnectionLoss } from "../db/faults.ts";
import { countStatements, currentStatementCount } from "../db/statements.ts";
import { createApolloServer, type OperationReport } from "../graphql/apollo.ts";
import type { Authenticator, Context, SessionEndings } from "../graphql/context.ts";
import { callerOf, createContext } from "../graphql/create-context.ts";
import type { GraphQLEngine } from "../graphql/engine.ts";
import { ErrorMask } from "../graphql/masking.ts";
import { OpenSockets, type SocketBounds } from "../graphql/open-sockets.ts";
import { GraphQLSockets } from "../graphql/websocket.ts";
import type { Logger } from "../observe/logger.ts";
import { requestIdOf, withRequestId } from "../observe/request-id.ts";
import type { Nudges } from "../realtime/nudges.ts";
import { corsHeaders, originRule, type OriginRule } from "./origins.ts";
import { LameDuck } from "./lame-duck.ts";
import type { PublicAnswers } from "./public-answers.ts";
import { healthRoutes, type HealthCheck } from "./health.ts";

const MAX_BODY_BYTES = 100 * 1024;

export interface HttpServerOptions {
  readonly engine: GraphQLEngine;
  readonly authenticator: Authenticator;
  readonly sessionEndings: SessionEndings;
  readonly nudges: Nudges;
  readonly log: Logger;
  readonly publicUrl: string;
  readonly allowedOrigins: readonly string[];
  readonly trustProxy: boolean;
  readonly socketBounds: SocketBounds;
  /** How long idle keep-alive clients get at shutdown to send one more request. */
  readonly lingerMs: number;
  readonly healthChecks: readonly HealthCheck[];
  /** Keeps answers that everybody may have; left out, nothing is kept. */
  readonly publicAnswers?: PublicAnswers;
  /** Further routes: blobs, webhooks, GraphiQL, metrics. */
  readonly routes: readonly ((app: FastifyInstance) => void | Promise<void>)[];
  readonly onOperation: (report: OperationReport & { statements: number }) => void;
  readonly onSockets: (sockets: number, subscriptions: number) => void;
}

/** The HTTP and WebSocket server of one process. */
export interface HttpServer {
  /** Resolves to the port that it listens on. */
  listen(host: string, port: number): Promise<number>;
  /** Readiness off, sockets away with 1012, running requests finished, then closed. */
  drain(): Promise<void>;
}

/** Puts Fastify, Apollo Server and the WebSocket protocol together. */
export async function createHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const mask = new ErrorMask(options.log);
  const rule = originRule(options.publicUrl, options.allowedOrigins);
  const app = openFastify(options, rule);
  const lameDuck = new LameDuck(app);
  const sockets = openSocketServer(app, options, mask, rule);
  const apollo = createApolloServer({
    engine: options.engine,
    mask,
    httpServer: app.server,
    onOperation: (report) => {
      options.onOperation({ ...report, statements: currentStatementCount()?.statements ?? 0 });
    },
  });
  await apollo.start();
  const health = healthRoutes(app, options.healthChecks);
  graphQLRoute(app, apollo, options);
  for (const register of options.routes) await register(app);
  return {
    listen: async (host, port) => {
      await app.listen({ host, port });
      const address = app.server.address();
      return typeof address === "object" && address !== null ? address.port : port;
    },
    drain: async () => {
      health.stopping();
      // Apollo's drain plugin cuts whatever runs no request, WebSockets first of all.
      await Promise.all([lameDuck.leave(options.lingerMs), sockets.drain()]);
      await apollo.stop();
      await app.close();
    },
  };
}

function openFastify({ log, trustProxy }: HttpServerOptions, rule: OriginRule): FastifyInstance {
  const requestLog: FastifyBaseLogger = log.child({ part: "http" }, { level: "warn" });
  const app: FastifyInstance = Fastify({
    loggerInstance: requestLog,
    logController: new LogController({ disableRequestLogging: true }),
    // A logger for each request costs more than many a request; lines of ours name their request anyway.
    childLoggerFactory: (logger) => logger,
    trustProxy,
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: 60_000,
    forceCloseConnections: "idle",
    genReqId: (request) => requestIdOf(request),
    requestIdHeader: false,
  });
  answerWithRequestId(app);
  allowOrigins(app, rule);
  answerFaults(app, log);
  return app;
}

function openSocketServer(
  app: FastifyInstance,
  options: HttpServerOptions,
  mask: ErrorMask,
  rule: OriginRule,
): { drain(): Promise<void> } {
  const { engine, log, sessionEndings, nudges, socketBounds, trustProxy } = options;
  const openSockets = new OpenSockets(sessionEndings, nudges, socketBounds, log);
  const sockets = new GraphQLSockets({
    engine,
    mask,
    log,
    sockets: openSockets,
    originAllowed: rule,
    callerOf: (request) => callerOf(request, trustProxy ? forwardedAddress(request) : undefined),
    createContext: (caller, authorization) =>
      createContext(options, { caller, authorization, requestId: randomUUID() }),
    onCount: options.onSockets,
  });
  sockets.attach(app.server);
  return {
    drain: async () => {
      await sockets.drain();
      openSockets.close();
    },
  };
}

function graphQLRoute(
  app: FastifyInstance,
  apollo: ReturnType<typeof createApolloServer>,
  options: HttpServerOptions,
): void {
  const handle = fastifyApolloHandler<Context>(apollo, {
    context: (request: FastifyRequest) =>
      createContext(options, {
        caller: callerOf(request.raw, request.ip),
        authorization: request.headers.authorization ?? null,
        requestId: request.id,
      }),
  });
  app.route({
    method: ["GET", "POST", "OPTIONS"],
    url: "/graphql",
    onSend: (request, reply, payload, done) => {
      done(null, options.publicAnswers?.leave(request, reply, payload) ?? payload);
    },
    handler: async (request, reply) => {
      if (request.method === "OPTIONS") return reply.code(204).send();
      if (await options.publicAnswers?.serve(request, reply)) return reply;
      const { result } = await withRequestId(request.id, () =>
        countStatements(async () => handle.call(app, request, reply)),
      );
      return result;
    },
  });
}

/** The address that the outermost proxy saw, as Fastify reads it. */
function forwardedAddress(request: IncomingMessage): string | undefined {
  const forwarded = request.headers["x-forwarded-for"];
  const first = (Array.isArray(forwarded) ? forwarded[0] : forwarded)?.split(",")[0]?.trim();
  return first === "" ? undefined : first;
}

function answerWithRequestId(app: FastifyInstance): void {
  app.addHook("onRequest", (request, reply, done) => {
    void reply.header("x-request-id", request.id);
    void reply.header("x-content-type-options", "nosniff");
    done();
  });
}

function allowOrigins(app: FastifyInstance, rule: OriginRule): void {
  app.addHook("onRequest", (request, reply, done) => {
    const { origin } = request.headers;
    if (origin !== undefined && rule(origin)) void reply.headers(corsHeaders(origin));
    done();
  });
}

const FAULTS: Readonly<Record<number, readonly [code: string, message: string]>> = {
  413: ["BODY_TOO_LARGE", "The request is too large."],
  415: ["UNSUPPORTED_MEDIA_TYPE", "The request is of a type that is not known here."],
  503: ["SERVICE_UNAVAILABLE", "The service cannot answer for a moment. Try again."],
};
const BAD_REQUEST = ["BAD_REQUEST", "The request is malformed."] as const;
const INTERNAL = ["INTERNAL_SERVER_ERROR", "Something went wrong on our side."] as const;

/** Faults outside GraphQL have the same form as GraphQL errors, and tell nothing internal. */
function answerFaults(app: FastifyInstance, log: Logger): void {
  app.setErrorHandler((error: { statusCode?: number }, request, reply) => {
    const status = error.statusCode ?? (isConnectionLoss(error) ? 503 : 500);
    if (status >= 500) log.error({ err: error, requestId: request.id }, "a request failed");
    const [code, message] = FAULTS[status] ?? (status >= 500 ? INTERNAL : BAD_REQUEST);
    return reply
      .code(status)
      .send({ errors: [{ message, extensions: { code, requestId: request.id } }] });
  });
  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send({
      errors: [
        {
          message: "There is nothing here.",
          extensions: { code: "NOT_FOUND", requestId: request.id },
        },
      ],
    }),
  );
}
