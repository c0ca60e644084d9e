import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buildSchema, GraphQLError } from "graphql";
import { useServer } from "graphql-ws/use/ws";
import { WebSocketServer, type WebSocket } from "ws";

const SDL = /* GraphQL */ `
  interface Job {
    id: ID!
    version: Int!
    status: String!
  }
  type SkinAnalysis implements Job {
    id: ID!
    version: Int!
    status: String!
  }
  type JobChanged {
    job: Job!
  }
  interface ViewerEvent {
    seq: Int!
  }
  type JobEvent implements ViewerEvent {
    seq: Int!
  }
  type FeedReset implements ViewerEvent {
    seq: Int!
  }
  type Query {
    nothing: Int
  }
  type Subscription {
    jobChanged(id: ID!, afterVersion: Int): JobChanged!
    viewerEvents(after: Int): ViewerEvent!
    plain: Int!
  }
`;

/** A number that only rises, and those who wait for it. */
export class Counter {
  private waiting: (() => void)[] = [];
  value = 0;

  constructor(readonly end = Number.POSITIVE_INFINITY) {}

  advance(): void {
    this.value += 1;
    for (const wake of this.waiting.splice(0)) wake();
  }

  changed(): Promise<void> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }
}

export interface LiveServer {
  readonly url: string;
  /** The version of the one job; at its end the job has succeeded. */
  readonly job: Counter;
  /** The number of the newest event. */
  readonly feed: Counter;
  /** The variables of each subscription that arrived. */
  readonly subscribed: Record<string, unknown>[];
  /** What each connection sent as authorization. */
  readonly authorizations: unknown[];
  /** Refuses the subscription with these errors, once each. */
  readonly refusals: { message: string; extensions: Record<string, unknown> }[];
  /** A token that is refused with 4403. */
  refusedToken: string | null;
  /** Open connections at this moment. */
  connections(): number;
  /** Breaks all connections: with a code, or without a word. */
  drop(code?: number): void;
  stop(): Promise<void>;
}

/** A GraphQL server over WebSocket that behaves like facet's streams, and can be told to break. */
export async function startLiveServer(lastVersion = 1_000_000): Promise<LiveServer> {
  const http = createServer();
  const sockets = new WebSocketServer({ server: http, path: "/graphql" });
  const job = new Counter(lastVersion);
  const feed = new Counter();
  const state = {
    job,
    feed,
    subscribed: [] as Record<string, unknown>[],
    authorizations: [] as unknown[],
    refusals: [] as LiveServer["refusals"],
    refusedToken: null as string | null,
  };
  const cleanup = useServer<{ authorization?: string }>(
    {
      schema: buildSchema(SDL),
      roots: {
        subscription: {
          jobChanged: ({ afterVersion }: { afterVersion?: number }) =>
            versions(job, afterVersion ?? 0),
          viewerEvents: ({ after }: { after?: number }) => events(feed, after ?? feed.value),
          plain: () => versions(job, 0),
        },
      },
      onConnect: ({ connectionParams }) => {
        const token = connectionParams?.authorization ?? null;
        state.authorizations.push(token);
        return token === null || token !== `Bearer ${state.refusedToken}`;
      },
      onSubscribe: (_context, _id, { variables }) => {
        state.subscribed.push(variables ?? {});
        const refusal = state.refusals.shift();
        return refusal && [new GraphQLError(refusal.message, { extensions: refusal.extensions })];
      },
    },
    sockets,
  );
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  return Object.assign(state, {
    url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}/graphql`,
    connections: () => sockets.clients.size,
    drop: (code?: number) => {
      for (const socket of sockets.clients) close(socket, code);
    },
    stop: async () => {
      await cleanup.dispose();
      await new Promise((resolve) => http.close(resolve));
    },
  });
}

function close(socket: WebSocket, code: number | undefined): void {
  if (code === undefined) socket.terminate();
  else socket.close(code, "told to");
}

/** The state as it is, then each newer one that the reader is quick enough for, then the end. */
async function* versions(job: Counter, after: number) {
  let seen = after;
  for (;;) {
    if (job.value > seen) {
      seen = job.value;
      const status = seen >= job.end ? "SUCCEEDED" : "RUNNING";
      yield {
        plain: seen,
        jobChanged: { job: { __typename: "SkinAnalysis", id: "job_1", version: seen, status } },
      };
      if (status === "SUCCEEDED") return;
    }
    if (job.value <= seen) await job.changed();
  }
}

/** Every event after a number, in order; cursors from before 0 are gone. */
async function* events(feed: Counter, after: number) {
  let seq = after;
  if (after < 0) {
    seq = feed.value;
    yield { viewerEvents: { __typename: "FeedReset", seq } };
  }
  for (;;) {
    while (seq < feed.value) {
      seq += 1;
      yield { viewerEvents: { __typename: "JobEvent", seq } };
    }
    await feed.changed();
  }
}
