import { gql, type ApolloClient } from "@apollo/client";
import WebSocket from "ws";
import {
  createFacetClient,
  memorySessionStore,
  type FacetClient,
  type SocketStatus,
} from "../../src/client/index.ts";

const WATCH = gql`
  subscription Watch($id: ID!, $afterVersion: Int) {
    jobChanged(id: $id, afterVersion: $afterVersion) {
      job {
        id
        status
        version
      }
    }
  }
`;
const FEED = gql`
  subscription Feed($after: Int) {
    viewerEvents(after: $after) {
      __typename
      seq
    }
  }
`;

export interface Seen {
  readonly value: number;
  readonly type: string;
  readonly atMs: number;
}

/** Somebody with the client of the apps, who notes what a subscription brings. */
export class Subscriber {
  readonly seen: Seen[] = [];
  /** Milliseconds from each loss of the socket to the next connection. */
  readonly awayMs: number[] = [];
  ended = false;
  private connected = false;
  failure: unknown = null;
  private lostMs: number | null = null;
  private readonly client: FacetClient;

  constructor(url: string, accessToken: string, userId: string) {
    this.client = createFacetClient({
      httpUrl: `${url}/graphql`,
      webSocketImpl: WebSocket,
      onStatus: (status) => this.note(status),
      sessionStore: memorySessionStore({
        userId,
        accessToken,
        refreshToken: "unused",
        expiresAtMs: Date.now() + 3_600_000,
      }),
    });
  }

  watchJob(id: string): this {
    return this.follow(WATCH, { id }, (data) => [
      data.jobChanged.job.version,
      data.jobChanged.job.status,
    ]);
  }

  followFeed(after: number): this {
    return this.follow(FEED, { after }, (data) => [
      data.viewerEvents.seq,
      data.viewerEvents.__typename,
    ]);
  }

  /** Resolves when the subscription has brought this value. */
  async reached(value: number, deadlineMs: number): Promise<void> {
    const endMs = performance.now() + deadlineMs;
    while ((this.seen.at(-1)?.value ?? 0) < value) {
      if (this.failure) throw this.failure as Error;
      if (performance.now() > endMs) {
        throw new Error(`stuck at ${this.seen.at(-1)?.value} of ${value}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** Cuts the socket as a lost network does. */
  drop(): void {
    // While it connects there is nothing to cut yet.
    if (this.connected) this.client.socket.terminate();
  }

  get rising(): boolean {
    return this.seen.every(
      ({ value }, index) => index === 0 || value > this.seen[index - 1]!.value,
    );
  }

  close(): void {
    this.client.stop();
  }

  private follow(
    query: Parameters<ApolloClient["subscribe"]>[0]["query"],
    variables: Record<string, unknown>,
    read: (data: any) => [number, string],
  ): this {
    this.client.apollo.subscribe({ query, variables, fetchPolicy: "no-cache" }).subscribe({
      next: ({ data, error }) => {
        if (error) return void (this.failure = error);
        const [value, type] = read(data);
        this.seen.push({ value, type, atMs: performance.now() });
      },
      error: (error: unknown) => void (this.failure = error),
      complete: () => void (this.ended = true),
    });
    return this;
  }

  private note(status: SocketStatus): void {
    this.connected = status === "CONNECTED";
    if (status === "OFFLINE") this.lostMs ??= performance.now();
    if (status === "CONNECTED" && this.lostMs !== null) {
      this.awayMs.push(performance.now() - this.lostMs);
      this.lostMs = null;
    }
  }
}
