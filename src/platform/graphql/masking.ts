import { GraphQLError, type GraphQLFormattedError } from "graphql";
import type { Logger } from "../observe/logger.ts";
import { isStoreAway } from "../resilience/store-away.ts";
import { PublicError } from "./errors.ts";
import { Refused } from "./problems.ts";

const MASKED = "Something went wrong on our side.";
/** Codes that Apollo Server gives to requests that never reached a resolver. */
const REQUEST_CODES = new Set([
  "GRAPHQL_PARSE_FAILED",
  "GRAPHQL_VALIDATION_FAILED",
  "PERSISTED_QUERY_NOT_FOUND",
  "PERSISTED_QUERY_NOT_SUPPORTED",
  "OPERATION_RESOLUTION_FAILURE",
  "BAD_REQUEST",
]);

/** Turns any error into what a client may see; logs the whole of what it hides. */
export class ErrorMask {
  constructor(private readonly log: Logger) {}

  /** @param error What graphql-js or Apollo reported. @param requestId Added to the error and to the log line. */
  format(error: unknown, requestId: string): GraphQLFormattedError {
    const graphQLError = error instanceof GraphQLError ? error : new GraphQLError(String(error));
    const original = rootCause(graphQLError);
    const where = {
      ...(graphQLError.locations ? { locations: graphQLError.locations } : {}),
      ...(graphQLError.path ? { path: graphQLError.path } : {}),
    };
    if (original instanceof PublicError) {
      // `http` is the status for Apollo Server, which takes it from its own copy.
      const extensions = { ...original.extensions, http: undefined, requestId };
      return { message: original.message, ...where, extensions };
    }
    if (original instanceof Refused) {
      const { code, message, path } = original.problem;
      return {
        message,
        ...where,
        extensions: {
          code: "BAD_USER_INPUT",
          problem: code,
          fields: [{ path, message }],
          requestId,
        },
      };
    }
    const code = requestCode(graphQLError);
    if (code !== null) {
      return { message: graphQLError.message, ...where, extensions: { code, requestId } };
    }
    const unavailable = isStoreAway(original);
    this.log.error({ err: original, requestId, path: graphQLError.path }, "an operation failed");
    return {
      message: unavailable ? "The service cannot answer for a moment. Try again." : MASKED,
      ...where,
      extensions: {
        code: unavailable ? "SERVICE_UNAVAILABLE" : "INTERNAL_SERVER_ERROR",
        requestId,
      },
    };
  }
}

/** The code of an error of the request itself (syntax, validation, variables), null for a fault of a resolver. */
function requestCode(error: GraphQLError): string | null {
  const { code } = error.extensions;
  if (typeof code === "string" && REQUEST_CODES.has(code)) return code;
  if (code === "BAD_USER_INPUT") return "BAD_USER_INPUT";
  const isPlain = error.originalError == null || error.originalError instanceof GraphQLError;
  return isPlain && error.path === undefined ? "BAD_USER_INPUT" : null;
}

function rootCause(error: GraphQLError): unknown {
  let cause: unknown = error;
  while (cause instanceof GraphQLError && !(cause instanceof PublicError) && cause.originalError) {
    cause = cause.originalError;
  }
  return cause;
}
