import { createHash } from "node:crypto";
import {
  getOperationAST,
  GraphQLError,
  NoSchemaIntrospectionCustomRule,
  parse,
  specifiedRules,
  validate,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type ValidationRule,
} from "graphql";
import { PublicOperations } from "./public-operations.ts";
import { RateLimiter, type RateLimit } from "../redis/rate-limiter.ts";
import type { Context } from "./context.ts";
import { Admission } from "./admission.ts";
import { PublicError } from "./errors.ts";
import { CompiledExecutor } from "./executor/compiled-executor.ts";
import { OPERATION_LIMITS } from "./limits.ts";
import type { Loaders } from "./loaders.ts";
import type { Streams } from "./streams.ts";
import { checkTexts } from "./texts.ts";

/** One GraphQL operation as a client sent it. */
export interface OperationRequest {
  readonly query?: string | null | undefined;
  readonly operationName?: string | null | undefined;
  readonly variables?: Record<string, unknown> | null | undefined;
  readonly extensions?: Record<string, unknown> | null | undefined;
}

export interface EngineOptions {
  readonly schema: GraphQLSchema;
  readonly createLoaders: () => Loaders;
  readonly streams: Streams;
  /** Operations that the apps send, by the SHA-256 of their text. */
  readonly manifest: ReadonlyMap<string, string>;
  /** Runs only operations of the manifest. */
  readonly trustedDocumentsOnly: boolean;
  readonly introspection: boolean;
  readonly costBudgetPerMinute: number;
  /** Fields such as `Query.product` that are the same for everybody in a language; none unless told. */
  readonly publicFields?: readonly string[];
}

/** Validation stops early: finding every fault of a bad operation costs more than running a good one. */
export const VALIDATION_OPTIONS = { maxErrors: 10 } as const;

const MAX_CACHED_DOCUMENTS = 1_000;

/** The rules for operations, the same over HTTP and WebSocket. */
export class GraphQLEngine {
  readonly schema: GraphQLSchema;
  readonly createLoaders: () => Loaders;
  readonly streams: Streams;
  readonly rules: readonly ValidationRule[];
  private readonly admission: Admission;
  private readonly executor: CompiledExecutor;
  private readonly publicOperations: PublicOperations;
  private readonly documents = new Map<string, DocumentNode>();
  private readonly budgets = new RateLimiter(null);
  private readonly budget: RateLimit;

  constructor(private readonly options: EngineOptions) {
    this.schema = options.schema;
    this.createLoaders = options.createLoaders;
    this.streams = options.streams;
    this.admission = new Admission(options.schema);
    this.executor = new CompiledExecutor(options.schema);
    this.publicOperations = new PublicOperations(
      options.schema,
      new Set(options.publicFields),
      (hash) => this.storedOperation(hash),
    );
    this.rules = options.introspection ? [] : [NoSchemaIntrospectionCustomRule];
    this.budget = { name: "cost", points: options.costBudgetPerMinute, windowSeconds: 60 };
  }

  /** The text of a stored operation. */
  storedOperation(hash: string): string | undefined {
    return this.options.manifest.get(hash);
  }

  /**
   * Finds, parses and validates an operation that came over a WebSocket.
   * @returns the document with its text, or the errors to answer.
   */
  prepare(
    request: OperationRequest,
  ): { document: DocumentNode; text: string } | readonly GraphQLError[] {
    const persisted = request.extensions?.["persistedQuery"] as
      { sha256Hash?: unknown } | undefined;
    const hash = persisted?.sha256Hash;
    // The protocol demands a text: whoever sends only the hash sends an empty one.
    const text =
      request.query || (typeof hash === "string" ? this.storedOperation(hash) : request.query);
    if (typeof text !== "string") return [persistedQueryNotFound()];
    const known = this.documents.get(text);
    if (known) return { document: known, text };
    let document: DocumentNode;
    try {
      document = parse(text, { maxTokens: OPERATION_LIMITS.tokens, noLocation: false });
    } catch (error) {
      return [withCode(error as GraphQLError, "GRAPHQL_PARSE_FAILED")];
    }
    const rules = [...specifiedRules, ...this.rules];
    const errors = validate(this.schema, document, rules, VALIDATION_OPTIONS);
    if (errors.length > 0) {
      return errors.map((error) =>
        withCode(error, "GRAPHQL_VALIDATION_FAILED", withoutSuggestions(error.message)),
      );
    }
    if (this.documents.size >= MAX_CACHED_DOCUMENTS) {
      const oldest = this.documents.keys().next().value;
      if (oldest !== undefined) this.documents.delete(oldest);
    }
    this.documents.set(text, document);
    return { document, text };
  }

  /**
   * Judges a valid operation before it runs: trusted documents, form, cost, the user's budget.
   * @returns its cost in points.
   * @throws FORBIDDEN, QUERY_TOO_COMPLEX, BAD_USER_INPUT or RATE_LIMITED.
   */
  async admit(
    document: DocumentNode,
    operation: OperationDefinitionNode,
    text: string,
    variables: Record<string, unknown>,
    context: Context,
  ): Promise<number> {
    if (this.options.trustedDocumentsOnly) this.checkTrusted(text);
    checkTexts(text, variables);
    const cost = this.admission.costOf(document, operation, variables);
    await this.budgets.consume(this.budget, context.signedIn?.userId ?? context.ip, cost);
    return cost;
  }

  /** Whether everybody gets the same answer to a stored operation, in the same language. */
  isPublic(hash: string): boolean {
    return this.publicOperations.isPublic(hash);
  }

  /** Runs a valid operation; subscriptions for one event, which is the root value. */
  execute(args: Omit<ExecutionArgs, "schema">): ExecutionResult | Promise<ExecutionResult> {
    return this.executor.execute(args);
  }

  /** The operation that a request means, undefined when that is not clear. */
  operationOf(
    document: DocumentNode,
    operationName: string | null | undefined,
  ): OperationDefinitionNode | undefined {
    return getOperationAST(document, operationName) ?? undefined;
  }

  private checkTrusted(text: string): void {
    const hash = createHash("sha256").update(text).digest("hex");
    if (this.options.manifest.has(hash)) return;
    throw new PublicError("FORBIDDEN", "Only the published operations can be run.");
  }
}

function withCode(error: GraphQLError, code: string, message = error.message): GraphQLError {
  return new GraphQLError(message, {
    nodes: error.nodes ?? null,
    source: error.source ?? null,
    positions: error.positions ?? null,
    extensions: { code },
  });
}

/** The same as over HTTP. */
const persistedQueryNotFound = (): GraphQLError =>
  new GraphQLError("PersistedQueryNotFound", {
    extensions: { code: "PERSISTED_QUERY_NOT_FOUND" },
  });

/** Cuts "Did you mean …": it tells strangers the names of fields. */
const withoutSuggestions = (message: string): string =>
  message.replace(/ ?Did you mean .*\?$/s, "");
