import { GraphQLError } from "graphql";

/** The codes of top-level errors. Everything that a client can expect in normal use is a Problem instead. */
export type ErrorCode =
  | "UNAUTHENTICATED"
  | "FORBIDDEN"
  | "NOT_FOUND"
  | "BAD_USER_INPUT"
  | "RATE_LIMITED"
  | "QUERY_TOO_COMPLEX"
  | "CONFLICT"
  | "IDEMPOTENCY_MISMATCH"
  | "PROVIDER_UNAVAILABLE"
  | "SERVICE_UNAVAILABLE"
  | "INTERNAL_SERVER_ERROR";

/** Why a request counts as a stranger's. */
export type UnauthenticatedReason =
  "MISSING_TOKEN" | "MALFORMED_TOKEN" | "TOKEN_EXPIRED" | "SESSION_ENDED";

/** A top-level error that clients may see as it is; anything else is masked. */
export class PublicError extends GraphQLError {
  constructor(code: ErrorCode, message: string, details: Record<string, unknown> = {}) {
    super(message, { extensions: { ...details, code } });
    this.name = "PublicError";
  }
}

/** The operation needs a signed-in user; `reason` says what is wrong with the token. */
export const unauthenticated = (reason: UnauthenticatedReason): PublicError =>
  new PublicError("UNAUTHENTICATED", "Sign in first.", { reason });

/** The user is known, but has not the role for this. */
export const forbidden = (): PublicError => new PublicError("FORBIDDEN", "You may not do this.");

/** @param what The missing thing as a user would name it; foreign things are missing too. */
export const notFound = (what: string): PublicError =>
  new PublicError("NOT_FOUND", `${what} was not found.`);

/** Input that no rule of the product can accept. @param path Where in the input, such as ["input", "email"]. */
export const badUserInput = (message: string, path: readonly string[]): PublicError =>
  new PublicError("BAD_USER_INPUT", message, { fields: [{ path: [...path], message }] });

/** @param retryAfterMs Time until the next try can succeed. */
export const rateLimited = (retryAfterMs: number): PublicError =>
  new PublicError("RATE_LIMITED", "Too many tries. Wait a little.", {
    retryAfterMs: Math.ceil(retryAfterMs),
  });

/** A key stands for one input: the same key with another input is refused. */
export const idempotencyMismatch = (): PublicError =>
  new PublicError("IDEMPOTENCY_MISMATCH", "This idempotency key was used before with other input.");
