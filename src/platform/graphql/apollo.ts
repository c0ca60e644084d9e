import type { Server } from "node:http";
import {
  ApolloServer,
  type ApolloServerOptionsWithGateway,
  type ApolloServerPlugin,
} from "@apollo/server";
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from "@apollo/server/plugin/disabled";
import { ApolloServerPluginDrainHttpServer } from "@apollo/server/plugin/drainHttpServer";
import { OperationTypeNode } from "graphql";
import { currentRequestId } from "../observe/request-id.ts";
import type { Context } from "./context.ts";
import { badUserInput, PublicError, type ErrorCode } from "./errors.ts";
import { VALIDATION_OPTIONS, type GraphQLEngine } from "./engine.ts";
import { OPERATION_LIMITS } from "./limits.ts";
import type { ErrorMask } from "./masking.ts";

/** What happened with one operation over HTTP, for metrics. */
export interface OperationReport {
  readonly name: string;
  readonly type: "query" | "mutation" | "subscription";
  readonly failed: boolean;
  readonly durationMs: number;
}

export interface ApolloOptions {
  readonly engine: GraphQLEngine;
  readonly mask: ErrorMask;
  readonly httpServer: Server;
  readonly onOperation: (report: OperationReport) => void;
}

/** Apollo Server for HTTP, with facet's limits, error masking and persisted operations. */
export function createApolloServer(options: ApolloOptions): ApolloServer<Context> {
  const { engine, mask, httpServer } = options;
  return new ApolloServer<Context>({
    gateway: gatewayTo(engine),
    introspection: true, // The engine's own rule closes it, on WebSockets as well.
    validationRules: [...engine.rules],
    parseOptions: { maxTokens: OPERATION_LIMITS.tokens },
    validationOptions: VALIDATION_OPTIONS,
    hideSchemaDetailsFromClientErrors: true,
    includeStacktraceInErrorResponses: false,
    formatError: (_formatted, error) => mask.format(error, currentRequestId()),
    stringifyResult: (result) => JSON.stringify(result),
    csrfPrevention: true,
    persistedQueries: { cache: storedOperations(engine) },
    stopOnTerminationSignals: false,
    plugins: [
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginDrainHttpServer({ httpServer, stopGracePeriodMillis: 10_000 }),
      admission(engine),
      legacyStatus(),
      reporting(options.onOperation),
    ],
  });
}

type Gateway = ApolloServerOptionsWithGateway<Context>["gateway"];

/** Lets the engine execute operations: a gateway is where Apollo Server accepts another executor than graphql-js. */
function gatewayTo(engine: GraphQLEngine): Gateway {
  return {
    load: () =>
      Promise.resolve({
        executor: async ({ document, request, context }) =>
          engine.execute({
            document,
            operationName: request.operationName ?? null,
            variableValues: request.variables ?? {},
            contextValue: context,
          }),
      }),
    onSchemaLoadOrUpdate: (learn) => {
      learn({ apiSchema: engine.schema, coreSupergraphSdl: "" });
      return () => undefined;
    },
    stop: () => Promise.resolve(),
  };
}

/** Answers hashes from the manifest and stores nothing: clients cannot register operations. */
function storedOperations(engine: GraphQLEngine) {
  return {
    get: (key: string) => Promise.resolve(engine.storedOperation(key.replace(/^apq:/, ""))),
    set: () => Promise.resolve(),
    delete: () => Promise.resolve(false),
  };
}

function admission(engine: GraphQLEngine): ApolloServerPlugin<Context> {
  return {
    requestDidStart: () =>
      Promise.resolve({
        didResolveOperation: async ({ document, operation, source, request, contextValue }) => {
          if (!operation) return;
          try {
            if (operation.operation === OperationTypeNode.SUBSCRIPTION) {
              throw badUserInput("Subscriptions run over WebSocket.", []);
            }
            await engine.admit(document, operation, source, request.variables ?? {}, contextValue);
          } catch (error) {
            throw withStatus(error);
          }
        },
      }),
  };
}

/** What Apollo answers with 500 unless told: a refusal is the client's business. */
function withStatus(error: unknown): unknown {
  if (!(error instanceof PublicError)) return error;
  const { code, ...details } = error.extensions;
  const status = code === "RATE_LIMITED" ? 429 : 400;
  return new PublicError(code as ErrorCode, error.message, { ...details, http: { status } });
}

/**
 * Answers 200 to request errors of clients that only know `application/json`,
 * as GraphQL over HTTP asks for (section "application/json").
 */
function legacyStatus(): ApolloServerPlugin<Context> {
  return {
    requestDidStart: () =>
      Promise.resolve({
        willSendResponse: ({ request, response }) => {
          const accept = request.http?.headers.get("accept") ?? "";
          const modern = accept.includes("application/graphql-response+json");
          if (!modern && response.http.status === 400 && (request.query || request.extensions)) {
            response.http.status = 200;
          }
          return Promise.resolve();
        },
      }),
  };
}

function reporting(onOperation: (report: OperationReport) => void): ApolloServerPlugin<Context> {
  return {
    requestDidStart: () => {
      const started = performance.now();
      return Promise.resolve({
        willSendResponse: ({ operation, operationName, errors }) => {
          if (operation) {
            onOperation({
              name: operationName ?? "anonymous",
              type: operation.operation,
              failed: errors !== undefined && errors.length > 0,
              durationMs: performance.now() - started,
            });
          }
          return Promise.resolve();
        },
      });
    },
  };
}
