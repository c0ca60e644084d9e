import { ApolloClient, ApolloLink, HttpLink } from "@apollo/client";
import { OperationTypeNode } from "graphql";
import { FacetCache } from "./cache.ts";
import { StoredOperations, type OperationManifest } from "./manifest-link.ts";
import { createRefresh, storedSession, type IssuedSession } from "./refresh.ts";
import { createResumeLink } from "./resume-link.ts";
import { memorySessionStore, SessionKeeper, type SessionStore } from "./session-keeper.ts";
import { createSessionLink } from "./session-link.ts";
import {
  createSocketClient,
  type SocketClient,
  type SocketClientOptions,
  type SocketStatus,
} from "./socket-client.ts";

export interface FacetClientOptions {
  /** Such as `https://api.example.com/graphql`. */
  readonly httpUrl: string;
  /** By default `httpUrl` with ws in the place of http. */
  readonly wsUrl?: string;
  /** Where the session outlives the app; in memory by default. */
  readonly sessionStore?: SessionStore;
  /** `schema/persisted-query-manifest.json`: needed by servers that run only trusted documents. */
  readonly manifest?: OperationManifest;
  /** Sent with each operation, for the server's reports. */
  readonly app?: { readonly name: string; readonly version: string };
  readonly cache?: FacetCache;
  readonly fetch?: typeof globalThis.fetch;
  readonly webSocketImpl?: unknown;
  /** Told about each change of the live connection. */
  readonly onStatus?: (status: SocketStatus) => void;
  readonly retryDelayMs?: SocketClientOptions["retryDelayMs"];
  readonly idleCloseMs?: number;
}

/** An Apollo Client for facet, with what belongs to it. */
export interface FacetClient {
  readonly apollo: ApolloClient;
  readonly session: SessionKeeper;
  readonly socket: SocketClient;
  /** Keeps the session that a sign-in mutation answered, and acts as its user from now on. */
  signIn(session: IssuedSession): Promise<void>;
  /** Forgets session and cache. Send the `Logout` mutation before it to end the session on the server as well. */
  signOut(): Promise<void>;
  /** Closes the live connection and stops all operations. */
  stop(): void;
}

/**
 * Puts everything together that an app needs: sessions that renew themselves, subscriptions that lose nothing, a cache
 * in which jobs only move forward.
 */
export function createFacetClient(options: FacetClientOptions): FacetClient {
  const stored = options.manifest ? new StoredOperations(options.manifest) : null;
  const http = new HttpLink({
    uri: options.httpUrl,
    ...(options.fetch ? { fetch: options.fetch } : {}),
  });
  const overHttp = stored ? stored.link().concat(http) : http;
  const session = new SessionKeeper({
    store: options.sessionStore ?? memorySessionStore(),
    refresh: createRefresh(overHttp),
  });
  const socket = openSocket(options, session);
  const live = createResumeLink(
    socket,
    stored ? { textOf: (operation) => stored.textOf(operation) } : {},
  );
  const apollo = new ApolloClient({
    link: ApolloLink.split(
      ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
      live,
      createSessionLink(session).concat(overHttp),
    ),
    cache: options.cache ?? new FacetCache(),
    ...(options.app ? { clientAwareness: options.app } : {}),
  });
  const stopListening = session.onUserChange(() => {
    // The open socket speaks for the user before.
    socket.terminate();
  });
  return {
    apollo,
    session,
    socket,
    signIn: async (issued) => {
      const next = storedSession(issued);
      const before = await session.current();
      await session.replace(next);
      if (before && before.userId !== next.userId) await apollo.clearStore();
    },
    signOut: async () => {
      await session.replace(null);
      await apollo.clearStore();
    },
    stop: () => {
      stopListening();
      apollo.stop();
      // While it is offline this waits for the next try, which then closes at once.
      Promise.resolve(socket.dispose()).catch(() => {});
    },
  };
}

function openSocket(options: FacetClientOptions, session: SessionKeeper): SocketClient {
  const { onStatus, webSocketImpl, retryDelayMs, idleCloseMs } = options;
  return createSocketClient({
    url: options.wsUrl ?? options.httpUrl.replace(/^http/, "ws"),
    getAccessToken: (refused) => session.accessToken(refused),
    ...(onStatus ? { onStatus } : {}),
    ...(webSocketImpl === undefined ? {} : { webSocketImpl }),
    ...(retryDelayMs ? { retryDelayMs } : {}),
    ...(idleCloseMs === undefined ? {} : { idleCloseMs }),
  });
}
