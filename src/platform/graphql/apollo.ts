import type { Server } from "node:http";
import { ApolloServer, type ApolloServerPlugin } from "@apollo/server";
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from "@apollo/server/plugin/disabled";
import { ApolloServerPluginDrainHttpServer } from "@apollo/server/plugin/drainHttpServer";
import type { Context } from "./context.ts";
import { PublicError } from "./errors.ts";
import type { GraphQLEngine } from "./engine.ts";
import { OPERATION_LIMITS } from "./limits.ts";
import type { ErrorMask } from "./masking.ts";

const MAX_RECURSIVE_SELECTIONS = 10_000;

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
    schema: engine.schema,
    introspection: true, // The engine's own rule closes it, on WebSockets as well.
    validationRules: [...engine.rules],
    parseOptions: { maxTokens: OPERATION_LIMITS.tokens },
    maxRecursiveSelections: MAX_RECURSIVE_SELECTIONS,
    hideSchemaDetailsFromClientErrors: true,
    includeStacktraceInErrorResponses: false,
    csrfPrevention: true,
    persistedQueries: { cache: storedOperations(engine) },
    stopOnTerminationSignals: false,
    plugins: [
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginDrainHttpServer({ httpServer, stopGracePeriodMillis: 10_000 }),
      admission(engine),
      masking(mask),
      legacyStatus(),
      reporting(options.onOperation),
    ],
  });
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
          if (operation.operation === "subscription") {
            throw new PublicError("BAD_USER_INPUT", "Subscriptions run over WebSocket.");
          }
          await engine.admit(document, operation, source, request.variables ?? {}, contextValue);
        },
      }),
  };
}

/** Masks errors with the request's own id, which `formatError` does not know. */
function masking(mask: ErrorMask): ApolloServerPlugin<Context> {
  return {
    requestDidStart: () =>
      Promise.resolve({
        willSendResponse: ({ response, errors, contextValue }) => {
          if (response.body.kind === "single" && errors && errors.length > 0) {
            response.body.singleResult.errors = errors.map((error) =>
              mask.format(error, contextValue.requestId),
            );
          }
          return Promise.resolve();
        },
      }),
  };
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
