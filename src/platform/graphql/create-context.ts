import type { IncomingMessage } from "node:http";
import type { Authenticator, Context, Language, SignedIn } from "./context.ts";
import type { GraphQLEngine } from "./engine.ts";
import type { UnauthenticatedReason } from "./errors.ts";

const BEARER = /^Bearer (\S{1,4096})$/i;

/** What is kept of whoever calls; a socket lives too long to hold on to its whole request. */
export interface Caller {
  readonly ip: string;
  readonly userAgent: string | null;
  readonly language: Language;
}

/** @param ip The client's address as the proxies tell it; that of the connection when absent. */
export const callerOf = (request: IncomingMessage, ip?: string): Caller => ({
  ip: ip ?? request.socket.remoteAddress ?? "unknown",
  userAgent: request.headers["user-agent"]?.slice(0, 256) ?? null,
  language: languageOf(request.headers["accept-language"]),
});

/** Builds the context of an operation: who asks, in which language, with fresh loaders. */
export async function createContext(
  parts: { readonly engine: GraphQLEngine; readonly authenticator: Authenticator },
  from: {
    readonly caller: Caller;
    /** The Authorization header, or what a socket sent in its place. */
    readonly authorization: string | null;
    readonly requestId: string;
  },
): Promise<Context> {
  const identified = await identify(parts.authenticator, from.authorization);
  const signedIn = typeof identified === "string" ? null : identified;
  return {
    requestId: from.requestId,
    ip: from.caller.ip,
    userAgent: from.caller.userAgent,
    signedIn,
    refusal: typeof identified === "string" ? identified : null,
    language: signedIn?.language ?? from.caller.language,
    loaders: parts.engine.createLoaders(),
    streams: parts.engine.streams,
  };
}

async function identify(
  authenticator: Authenticator,
  authorization: string | null,
): Promise<SignedIn | UnauthenticatedReason | null> {
  if (authorization === null || authorization === "") return null;
  const token = BEARER.exec(authorization)?.[1];
  return token === undefined ? "MALFORMED_TOKEN" : authenticator.authenticate(token);
}

/** Khmer when the client names it before English (RFC 9110 §12.5.4), else English. */
export function languageOf(header: string | undefined): Language {
  for (const part of (header ?? "").toLowerCase().split(",")) {
    const tag = part.trim().split(/[-;]/)[0];
    if (tag === "km" || tag === "kh") return "KH";
    if (tag === "en") return "EN";
  }
  return "EN";
}
