import type { Loaders } from "./loaders.ts";
import type { Streams } from "./streams.ts";
import { unauthenticated, type UnauthenticatedReason } from "./errors.ts";

/** What a user may do: customers see their own things, moderators moderate, admins do everything. */
export type Role = "CUSTOMER" | "MODERATOR" | "ADMIN";

/** Languages that texts come in. */
export type Language = "EN" | "KH";

/** The signed-in user of an operation, as the access token and the session row say. */
export interface SignedIn {
  readonly userId: string;
  readonly sessionId: string;
  readonly role: Role;
  readonly language: Language;
  /** When the access token expires, in milliseconds since the epoch. */
  readonly expiresAtMs: number;
}

/** What every resolver is given. */
export interface Context {
  readonly requestId: string;
  readonly ip: string;
  readonly userAgent: string | null;
  /** Null for a stranger. */
  readonly signedIn: SignedIn | null;
  /** Why a token that was sent is not accepted; null when none was sent or it is fine. */
  readonly refusal: UnauthenticatedReason | null;
  /** The language to answer in: the user's, else the client's Accept-Language, else English. */
  readonly language: Language;
  readonly loaders: Loaders;
  readonly streams: Streams;
}

/** Checks an access token. Implemented by the domain that owns sessions. */
export interface Authenticator {
  /** Resolves to the signed-in user, or to the reason why the token is refused. */
  authenticate(accessToken: string): Promise<SignedIn | UnauthenticatedReason>;
}

/** The signed-in user. @throws UNAUTHENTICATED for a stranger. */
export function signedIn(context: Context): SignedIn {
  if (!context.signedIn) throw unauthenticated(context.refusal ?? "MISSING_TOKEN");
  return context.signedIn;
}

/** Learns which sessions have ended, so that their sockets can be closed. Implemented with the Authenticator. */
export interface SessionEndings {
  /** The topic that is nudged when the session ends. */
  topicOf(sessionId: string): string;
  /** Those of the given sessions that have ended, in one statement. */
  endedAmong(sessionIds: readonly string[]): Promise<readonly string[]>;
}
