import { ApolloClient, gql, InMemoryCache } from "@apollo/client";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import WebSocket from "ws";
import {
  createResumeLink,
  createSocketClient,
  type SocketClient,
  type SocketClientOptions,
} from "../../src/client/index.ts";
import { startLiveServer, type LiveServer } from "./live-server.ts";

const WATCH = gql`
  subscription WatchJob($id: ID!, $afterVersion: Int) {
    jobChanged(id: $id, afterVersion: $afterVersion) {
      job {
        id
        version
        status
      }
    }
  }
`;
const EVENTS = gql`
  subscription ViewerEvents($after: Int!) {
    events: viewerEvents(after: $after) {
      seq
    }
  }
`;
const LAST_VERSION = 400;
const EVENTS_IN_ALL = 3_000;

let server: LiveServer;
let socket: SocketClient | null = null;
beforeEach(async () => {
  server = await startLiveServer(LAST_VERSION);
});
afterEach(async () => {
  await socket?.dispose();
  socket = null;
  await server.stop();
});

function connect(options: Partial<SocketClientOptions> = {}): ApolloClient {
  socket = createSocketClient({
    url: server.url,
    getAccessToken: () => Promise.resolve("token-1"),
    webSocketImpl: WebSocket,
    retryDelayMs: () => 5 * Math.random(),
    idleCloseMs: 0,
    ...options,
  });
  return new ApolloClient({ cache: new InMemoryCache(), link: createResumeLink(socket) });
}

/** Advances at most once a millisecond until told to end. */
async function run(steps: number, step: (index: number) => void): Promise<void> {
  for (let index = 0; index < steps; index += 1) {
    step(index);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** Subscribes; `until` resolves when an event satisfies it. */
function collect<T>(client: ApolloClient, query: typeof WATCH, variables: object) {
  const seen: T[] = [];
  let check = () => {};
  const ended = new Promise<void>((resolve, reject) => {
    client.subscribe<T>({ query, variables }).subscribe({
      next: ({ data, error }) => {
        if (error) {
          reject(new Error(error.message));
          return;
        }
        seen.push(data as T);
        check();
      },
      error: reject,
      complete: resolve,
    });
  });
  ended.catch(() => {});
  const until = (done: (value: T) => boolean) =>
    Promise.race([
      ended.then(() => {
        throw new Error("The subscription ended.");
      }),
      new Promise<void>((resolve) => {
        check = () => {
          if (seen.some(done)) resolve();
        };
        check();
      }),
    ]);
  return { seen, ended, until };
}

test("a watched job reaches its end over 40 lost connections, versions only rising", async () => {
  const client = connect();
  const { seen, ended } = collect<any>(client, WATCH, { id: "job_1" });

  await run(LAST_VERSION, (index) => {
    server.job.advance();
    if (index % 10 === 0) server.drop([undefined, 1012, 1013, 1001, 4403][(index / 10) % 5]);
  });
  await ended;

  const versions = seen.map((data) => data.jobChanged.job.version);
  expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
  expect(seen.at(-1).jobChanged.job).toMatchObject({ version: LAST_VERSION, status: "SUCCEEDED" });
  expect(server.subscribed.length).toBeGreaterThan(10);
  expect(server.subscribed[0]).toEqual({ id: "job_1" });
  expect(server.subscribed.at(-1)).toEqual({ id: "job_1", afterVersion: expect.any(Number) });
});

test("each of 3,000 events comes once and in order over 50 lost connections", async () => {
  const client = connect();
  const { seen, until } = collect<any>(client, EVENTS, { after: 0 });

  await run(EVENTS_IN_ALL / 3, (index) => {
    for (let count = 0; count < 3; count += 1) server.feed.advance();
    if (index % 20 === 0) server.drop();
  });
  await until((data) => data.events.seq === EVENTS_IN_ALL);
  expect(server.connections()).toBe(1);

  expect(seen.map((data) => data.events.seq)).toEqual(
    Array.from({ length: EVENTS_IN_ALL }, (_, index) => index + 1),
  );
});

test("a reset of the feed sets the position anew", async () => {
  for (let count = 0; count < 5; count += 1) server.feed.advance();
  const client = connect();
  const { seen, until } = collect<any>(client, EVENTS, { after: -1 });
  await until((data) => data.events.__typename === "FeedReset");
  server.drop();
  server.feed.advance();
  await until((data) => data.events.seq === 6);
  expect(seen.map(({ events }) => [events.__typename, events.seq])).toEqual([
    ["FeedReset", 5],
    ["JobEvent", 6],
  ]);
});

test("a refused token is replaced before the next connection", async () => {
  const refused: (string | null)[] = [];
  const client = connect({
    getAccessToken: (token) => {
      refused.push(token);
      return Promise.resolve(token === null ? "old" : "fresh");
    },
  });
  server.refusedToken = "old";
  const { until } = collect<any>(client, WATCH, { id: "job_1" });
  server.job.advance();
  await until((data) => data.jobChanged.job.version === 1);
  expect(refused).toEqual([null, "old"]);
  expect(server.authorizations).toEqual(["Bearer old", "Bearer fresh"]);
});

test("a token that cannot be fetched counts as offline and ends nothing", async () => {
  let tries = 0;
  const client = connect({
    getAccessToken: () => {
      tries += 1;
      return tries < 4 ? Promise.reject(new Error("no network")) : Promise.resolve("token");
    },
  });
  const { until } = collect<any>(client, WATCH, { id: "job_1" });
  server.job.advance();
  await until((data) => data.jobChanged.job.version === 1);
  expect(tries).toBe(4);
});

test("a refusal that passes is waited out, any other one is reported", async () => {
  const client = connect();
  server.refusals.push({ message: "busy", extensions: { code: "SERVICE_UNAVAILABLE" } });
  const first = collect<any>(client, WATCH, { id: "job_1" });
  server.job.advance();
  await first.until((data) => data.jobChanged.job.version === 1);
  expect(server.subscribed).toHaveLength(2);

  server.refusals.push({ message: "Sign in first.", extensions: { code: "UNAUTHENTICATED" } });
  const second = collect<any>(client, WATCH, { id: "job_2" });
  await expect(second.ended).rejects.toThrow("Sign in first.");
});
