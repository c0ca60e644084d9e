import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { fastifyApolloHandler } from "@as-integrations/fastify";
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyRequest,
} from "fastify";
import { countStatements, currentStatementCount } from "../db/statements.ts";
import { createApolloServer, type OperationReport } from "../graphql/apollo.ts";
import type { Authenticator, Context, SessionEndings } from "../graphql/context.ts";
import { callerOf, createContext } from "../graphql/create-context.ts";
import type { GraphQLEngine } from "../graphql/engine.ts";
import { ErrorMask } from "../graphql/masking.ts";
import { OpenSockets } from "../graphql/open-sockets.ts";
import { GraphQLSockets } from "../graphql/websocket.ts";
import type { Logger } from "../observe/logger.ts";
import type { Nudges } from "../realtime/nudges.ts";
import { corsHeaders, originRule, type OriginRule } from "./origins.ts";
import { healthRoutes, type HealthCheck } from "./health.ts";

const MAX_BODY_BYTES = 100 * 1024;
const REQUEST_ID = /^[A-Za-z0-9._-]{1,64}$/;

export interface HttpServerOptions {
  readonly engine: GraphQLEngine;
  readonly authenticator: Authenticator;
  readonly sessionEndings: SessionEndings;
  readonly nudges: Nudges;
  readonly log: Logger;
  readonly publicUrl: string;
  readonly allowedOrigins: readonly string[];
  readonly trustProxy: boolean;
  readonly maxSocketsPerUser: number;
  readonly healthChecks: readonly HealthCheck[];
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
  const { engine, log } = options;
  const app: FastifyInstance = Fastify({
    loggerInstance: log.child({ part: "http" }, { level: "warn" }) as FastifyBaseLogger,
    disableRequestLogging: true,
    trustProxy: options.trustProxy,
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: 60_000,
    forceCloseConnections: "idle",
    genReqId: (request) => requestIdOf(request),
    requestIdHeader: false,
  });
  const mask = new ErrorMask(log);
  const rule = originRule(options.publicUrl, options.allowedOrigins);
  answerWithRequestId(app);
  allowOrigins(app, rule);
  answerFaults(app, log);
  const openSockets = new OpenSockets(
    options.sessionEndings,
    options.nudges,
    options.maxSocketsPerUser,
    log,
  );
  const sockets = new GraphQLSockets({
    engine,
    mask,
    log,
    sockets: openSockets,
    originAllowed: rule,
    createContext: (caller, authorization) =>
      createContext(options, { caller, authorization, requestId: randomUUID() }),
    onCount: options.onSockets,
  });
  sockets.attach(app.server);
  const apollo = createApolloServer({
    engine,
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
      await Promise.all([sockets.drain(), apollo.stop()]);
      openSockets.close();
      await app.close();
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
    handler: async (request, reply) => {
      if (request.method === "OPTIONS") return reply.code(204).send();
      const { result } = await countStatements(async () => handle.call(app, request, reply));
      return result;
    },
  });
}

function requestIdOf(request: { headers: IncomingMessage["headers"] }): string {
  const given = request.headers["x-request-id"];
  return typeof given === "string" && REQUEST_ID.test(given) ? given : randomUUID();
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

/** Faults outside GraphQL have the same form as GraphQL errors, and tell nothing internal. */
function answerFaults(app: FastifyInstance, log: Logger): void {
  app.setErrorHandler((error: { statusCode?: number; code?: string }, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500) log.error({ err: error, requestId: request.id }, "a request failed");
    const code =
      status === 413 ? "BODY_TOO_LARGE" : status >= 500 ? "INTERNAL_SERVER_ERROR" : "BAD_REQUEST";
    const message =
      status >= 500 ? "Something went wrong on our side." : "The request is malformed.";
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
