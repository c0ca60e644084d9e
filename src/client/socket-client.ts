import { createClient, type Client, type CloseCode } from "graphql-ws";

const FORBIDDEN: `${CloseCode.Forbidden}` = "4403";
const PING_MS = 10_000;
const PONG_WAIT_MS = 5_000;
const ACK_WAIT_MS = 10_000;
/** Screens change their subscriptions; the socket stays open in between. */
const IDLE_CLOSE_MS = 3_000;
const FIRST_RETRY_MS = 250;
const MAX_RETRY_MS = 30_000;

/** What an app may show about the live connection. */
export type SocketStatus = "CONNECTING" | "CONNECTED" | "OFFLINE";

export interface SocketClientOptions {
  /** Such as `wss://api.example.com/graphql`. */
  readonly url: string;
  /**
   * The access token for the next connection, null for a stranger. Called before each connection.
   * A rejection counts as "offline": the connection is tried again later.
   * @param refused The token that the server has just turned down, if any: a fresh one is needed.
   */
  readonly getAccessToken: (refused: string | null) => Promise<string | null>;
  /** Told about each change of the connection. */
  readonly onStatus?: (status: SocketStatus) => void;
  /** A WebSocket class, where the platform has none of its own. */
  readonly webSocketImpl?: unknown;
  /** How long the socket stays open without subscriptions, in milliseconds. Default 3,000. */
  readonly idleCloseMs?: number;
  /** Milliseconds to wait before the n-th new connection, n from 0. Default: full jitter up to 30 s. */
  readonly retryDelayMs?: (retries: number) => number;
}

/** The graphql-ws client that `createResumeLink` subscribes with. */
export type SocketClient = Client;

/**
 * A graphql-ws client for apps that come and go: it connects with the first subscription, comes back after every
 * loss with a fresh token, never gives up but for faults of the protocol, and notices a connection that is dead
 * without being closed.
 */
export function createSocketClient(options: SocketClientOptions): SocketClient {
  const { url, getAccessToken, onStatus, webSocketImpl } = options;
  const delayMs = options.retryDelayMs ?? jitteredDelayMs;
  let sent: string | null = null;
  let refused: string | null = null;
  let pongTimer: ReturnType<typeof setTimeout> | undefined;
  const client: Client = createClient({
    url,
    keepAlive: PING_MS,
    lazyCloseTimeout: options.idleCloseMs ?? IDLE_CLOSE_MS,
    connectionAckWaitTimeout: ACK_WAIT_MS,
    retryAttempts: Number.POSITIVE_INFINITY,
    retryWait: (retries) => new Promise((resolve) => setTimeout(resolve, delayMs(retries))),
    // Failed connections come as error events, which graphql-ws would take for the end.
    shouldRetry: () => true,
    ...(webSocketImpl === undefined ? {} : { webSocketImpl }),
    connectionParams: async () => {
      try {
        sent = await getAccessToken(refused);
        refused = null;
      } catch {
        // A throw here would end all subscriptions for good; this way the connection is tried again.
        client.terminate();
      }
      return sent === null ? {} : { authorization: `Bearer ${sent}` };
    },
    on: {
      connecting: () => onStatus?.("CONNECTING"),
      connected: () => onStatus?.("CONNECTED"),
      closed: (event) => {
        clearTimeout(pongTimer);
        if (closeCodeOf(event) === FORBIDDEN) refused = sent;
        onStatus?.("OFFLINE");
      },
      ping: (received) => {
        if (received) return;
        clearTimeout(pongTimer);
        pongTimer = setTimeout(() => {
          client.terminate();
        }, PONG_WAIT_MS);
      },
      pong: (received) => {
        if (received) clearTimeout(pongTimer);
      },
    },
  });
  return client;
}

/** Full jitter, so that clients do not return all at once after a restart. */
function jitteredDelayMs(retries: number): number {
  const ceiling = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** retries);
  return ceiling * (0.2 + 0.8 * Math.random());
}

function closeCodeOf(event: unknown): string | null {
  const code = (event as { code?: unknown } | null)?.code;
  return typeof code === "number" ? String(code) : null;
}
