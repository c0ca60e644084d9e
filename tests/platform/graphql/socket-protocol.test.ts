import { once } from "node:events";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import WebSocket from "ws";
import type { TestClient } from "../../support/client.ts";
import { RawSocket } from "../../support/raw-socket.ts";
import { createWorld, type World } from "../../support/world.ts";

const VIEWER = "query { viewer { id firstName } }";
const EVENTS = "subscription { viewerEvents { seq } }";
const RENAME = /* GraphQL */ `
  mutation ($name: String!) {
    updateProfile(input: { firstName: $name }) {
      viewer {
        firstName
      }
    }
  }
`;

let world: World;
let ada: TestClient;
let token: string;
const open: RawSocket[] = [];

const keep = async (socket: Promise<RawSocket>): Promise<RawSocket> => {
  open.push(await socket);
  return socket;
};
const connect = (options: Parameters<typeof RawSocket.open>[1] = {}) =>
  keep(RawSocket.open(world.url, options));
const ready = (accessToken?: string) => keep(RawSocket.ready(world.url, accessToken));

beforeAll(async () => {
  world = await createWorld({ nodes: 1, workers: 0 });
  ada = await world.person();
  token = ada.session!.accessToken;
});
afterEach(async () => {
  await Promise.all(open.splice(0).map(async (socket) => (socket.close(), socket.closed)));
});
afterAll(() => world.stop());

describe("what a client does wrong closes the socket with the protocol's code", () => {
  test("no connection_init within three seconds: 4408", async () => {
    const socket = await connect();
    const started = Date.now();
    expect(await socket.closed).toMatchObject({ code: 4408 });
    expect(Date.now() - started).toBeGreaterThan(2_500);
    expect(Date.now() - started).toBeLessThan(4_000);
  });

  test("a second connection_init: 4429", async () => {
    const socket = await ready();
    socket.init();
    expect(await socket.closed).toMatchObject({ code: 4429 });
  });

  test("subscribing before the acknowledgement: 4401", async () => {
    const socket = await connect();
    socket.subscribe("{ __typename }");
    expect(await socket.closed).toMatchObject({ code: 4401 });
  });

  test.each(["same", "a long id ".repeat(100)])("an id that is in use: 4409", async (id) => {
    const socket = await ready(token);
    socket.subscribe(EVENTS, {}, {}, id);
    socket.subscribe(EVENTS, {}, {}, id);
    expect(await socket.closed).toMatchObject({ code: 4409 });
  });

  test.each([
    ["no JSON", "{"],
    ["no object", "[]"],
    ["null", "null"],
    ["no type", "{}"],
    ["an unknown type", '{"type":"start"}'],
    ["a type of servers", '{"type":"connection_ack"}'],
    ["a result from a client", '{"type":"next","id":"1","payload":{"data":null}}'],
    ["a subscribe without an id", '{"type":"subscribe","payload":{"query":"{ __typename }"}}'],
    ["a subscribe without a text", '{"type":"subscribe","id":"1","payload":{}}'],
    ["variables that are a list", subscribeWith({ variables: [] })],
    ["extensions that are a number", subscribeWith({ extensions: 1 })],
    ["a number for the operation's name", subscribeWith({ operationName: 1 })],
    ["bytes", Buffer.from('{"type":"ping"}')],
  ])("%s: 4400", async (_what, message) => {
    const socket = await ready();
    socket.send(message);
    expect(await socket.closed).toMatchObject({ code: 4400 });
  });

  test("another subprotocol, or none: 4406", async () => {
    const none = await connect({ protocol: null });
    expect(await none.closed).toMatchObject({ code: 4406 });
    // A client of the old protocol hears that none was chosen, and gives up by itself.
    await expect(connect({ protocol: "graphql-ws" })).rejects.toThrow("no subprotocol");
  });

  test("a frame of more than 64 kB: 1009", async () => {
    const socket = await ready(token);
    const answer = await socket.run(`{ viewer { id } } # ${"x".repeat(60_000)}`);
    expect(answer.data.viewer.id).toBe(ada.userId);
    socket.subscribe(`{ viewer { id } } # ${"x".repeat(66_000)}`);
    expect(await socket.closed).toMatchObject({ code: 1009 });
  });
});

describe("pings", () => {
  test("are answered with their payload, before the acknowledgement as well", async () => {
    const socket = await connect();
    socket.send({ type: "ping", payload: { at: 1 } });
    expect(await socket.next("pong")).toEqual({ type: "pong", payload: { at: 1 } });
    socket.send({ type: "ping" });
    expect(await socket.next("pong")).toEqual({ type: "pong" });
    socket.send({ type: "pong" }); // asks for nothing
    socket.init();
    await socket.next("connection_ack");
    const pong = once(socket.socket, "pong");
    socket.socket.ping();
    await pong;
  });
});

describe("operations", () => {
  test("queries and mutations are answered once and completed", async () => {
    const socket = await ready(token);
    const query = socket.subscribe(VIEWER);
    expect(await socket.next("next", query)).toMatchObject({ payload: { data: { viewer: {} } } });
    await socket.next("complete", query);
    const mutation = socket.subscribe(RENAME, { name: "Ada" });
    expect((await socket.next("next", mutation)).payload.data.updateProfile).toEqual({
      viewer: { firstName: "Ada" },
    });
    await socket.next("complete", mutation);
    expect(socket.received).toEqual([]);
  });

  test("an id can be used again once its operation is complete", async () => {
    const socket = await ready(token);
    for (let time = 0; time < 2; time += 1) {
      socket.subscribe(VIEWER, {}, {}, "again");
      await socket.next("next", "again");
      await socket.next("complete", "again");
    }
    for (let time = 0; time < 2; time += 1) {
      socket.subscribe(EVENTS, {}, {}, "events");
      socket.send({ type: "complete", id: "events" });
    }
    expect((await socket.run(VIEWER)).data.viewer.id).toBe(ada.userId);
  });

  test.each([
    ["a syntax error", "{ boom", "GRAPHQL_PARSE_FAILED"],
    ["an empty text", "", "GRAPHQL_PARSE_FAILED"],
    ["an unknown field", "{ boom }", "GRAPHQL_VALIDATION_FAILED"],
    ["no operation", "fragment F on Query { __typename }", "GRAPHQL_VALIDATION_FAILED"],
    ["two operations", "query A { __typename } query B { __typename }", "BAD_USER_INPUT"],
    ["two root fields", "subscription { viewerEvents { seq } b: viewerEvents { seq } }", undefined],
  ])("%s is an error message; the socket stays", async (_what, query, code) => {
    const socket = await ready(token);
    const id = socket.subscribe(query);
    const { payload } = await socket.next("error", id);
    expect(payload[0].extensions).toMatchObject({ requestId: expect.any(String) });
    if (code) expect(payload[0].extensions.code).toBe(code);
    expect((await socket.run(VIEWER)).data.viewer.id).toBe(ada.userId);
  });

  test("suggestions of the validation are not told", async () => {
    const socket = await ready(token);
    const { errors } = await socket.run("{ viewr { id } }");
    expect(errors[0].message).toBe('Cannot query field "viewr" on type "Query".');
  });

  test("a subscription that cannot start answers its error and completes", async () => {
    const socket = await ready(token);
    const id = socket.subscribe('subscription { jobChanged(id: "ska_0") { job { id } } }');
    const { payload } = await socket.next("next", id);
    expect(payload).not.toHaveProperty("data");
    expect(payload.errors[0].extensions.code).toBe("NOT_FOUND");
    await socket.next("complete", id);
  });

  test("strangers connect, and are told to sign in", async () => {
    const socket = await ready();
    for (const query of [EVENTS, "{ viewer { id } }"]) {
      const { errors } = await socket.run(query);
      expect(errors[0].extensions).toMatchObject({
        code: "UNAUTHENTICATED",
        reason: "MISSING_TOKEN",
      });
    }
  });
});

describe("credentials", () => {
  test("a token that is refused closes with 4403", async () => {
    for (const authorization of ["Bearer nonsense", "Basic YTpi", `Bearer ${token}x`]) {
      const socket = await connect();
      socket.send({ type: "connection_init", payload: { authorization } });
      expect(await socket.closed).toMatchObject({ code: 4403 });
      expect(socket.received).toEqual([]);
    }
  });

  test("GraphiQL's headers count for the operation that they come with", async () => {
    const socket = await ready();
    const headers = { Authorization: `Bearer ${token}` };
    const mine = await socket.run(VIEWER, {}, { extensions: { headers } });
    expect(mine.data.viewer.id).toBe(ada.userId);
    const bob = await world.person();
    const his = { authorization: `Bearer ${bob.session!.accessToken}` };
    const { data } = await socket.run(VIEWER, {}, { extensions: { headers: his } });
    expect(data.viewer.id).toBe(bob.userId);
    const { errors } = await socket.run(VIEWER);
    expect(errors[0].extensions.code).toBe("UNAUTHENTICATED");
    const wrong = { authorization: "Bearer nonsense" };
    const refused = await socket.run(VIEWER, {}, { extensions: { headers: wrong } });
    expect(refused.errors[0].extensions).toMatchObject({
      code: "UNAUTHENTICATED",
      reason: "MALFORMED_TOKEN",
    });
  });

  test("many operations at once with GraphiQL's headers are one socket of the user", async () => {
    const eve = await world.person();
    const headers = { Authorization: `Bearer ${eve.session!.accessToken}` };
    const socket = await ready();
    const ids = Array.from({ length: 20 }, () =>
      socket.subscribe(EVENTS, {}, { extensions: { headers } }),
    );
    for (const id of ids) socket.send({ type: "complete", id });
    expect((await socket.run(VIEWER, {}, { extensions: { headers } })).data.viewer.id).toBe(
      eve.userId,
    );
    for (let count = 1; count < 5; count += 1) await ready(eve.session!.accessToken);
  });
});

describe("limits", () => {
  test("the 51st subscription of a socket is refused, the others live on", async () => {
    const socket = await ready(token);
    const ids = Array.from({ length: 50 }, () => socket.subscribe(EVENTS));
    const { errors } = await socket.run(EVENTS);
    expect(errors[0].extensions).toMatchObject({
      code: "RATE_LIMITED",
      retryAfterMs: expect.any(Number),
    });
    socket.send({ type: "complete", id: ids[0] });
    expect((await socket.run(VIEWER)).data.viewer.id).toBe(ada.userId);
  });

  test("the sixth socket of a user closes with 1013", async () => {
    const eve = await world.person();
    const accessToken = eve.session!.accessToken;
    const five = await Promise.all([1, 2, 3, 4, 5].map(() => ready(accessToken)));
    const sixth = await connect();
    sixth.init(accessToken);
    expect(await sixth.closed).toEqual({ code: 1013, reason: "Too many sockets" });
    expect(sixth.received).toEqual([]);
    five[0]!.close();
    await five[0]!.closed;
    expect((await (await ready(accessToken)).run(VIEWER)).data.viewer.id).toBe(eve.userId);
  });

  test("pages of other origins cannot connect", async () => {
    const refused = { headers: { origin: "https://elsewhere.example" } };
    await expect(connect(refused)).rejects.toThrow("403");
    await expect(connect({ headers: { origin: "null" } })).rejects.toThrow("403");
    const own = await connect({ headers: { origin: world.url } });
    own.init(token);
    await own.next("connection_ack");
  });

  test("other paths are no sockets", async () => {
    const socket = new WebSocket(`${world.url.replace("http", "ws")}/elsewhere`);
    const [error] = (await once(socket, "error")) as [Error];
    expect(error.message).toContain("404");
  });
});

function subscribeWith(extra: object): string {
  return JSON.stringify({
    type: "subscribe",
    id: "1",
    payload: { query: "{ __typename }", ...extra },
  });
}
