import { afterAll, beforeAll, expect, test } from "@jest/globals";
import WebSocket from "ws";
import { RawSocket } from "../../support/raw-socket.ts";
import { until } from "../../support/until.ts";
import { createWorld, type World } from "../../support/world.ts";

const LIMIT = 20;
let world: World;
beforeAll(async () => {
  world = await createWorld({
    nodes: 1,
    workers: 0,
    env: { MAX_STRANGER_SOCKETS: String(LIMIT), TRUST_PROXY: "true" },
  });
});
afterAll(() => world.stop());

const connect = (address: string) =>
  RawSocket.open(world.url, { headers: { "x-forwarded-for": address } });

/** The status of an upgrade that is refused. */
const refusal = (address: string): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(
      `${world.url.replace("http", "ws")}/graphql`,
      "graphql-transport-ws",
      {
        headers: { "x-forwarded-for": address },
      },
    );
    socket.once("unexpected-response", (request, response) => {
      request.destroy();
      resolve(response.statusCode);
    });
    socket.once("open", () => {
      socket.terminate();
      reject(new Error("It was let in."));
    });
    socket.on("error", () => undefined);
  });

test("one address opens so many sockets without a sign-in, others are not touched, places come back", async () => {
  const address = "203.0.113.1";
  const open = await Promise.all(Array.from({ length: LIMIT }, () => connect(address)));
  expect(await refusal(address)).toBe(429);
  const neighbour = await connect("203.0.113.2");
  neighbour.socket.close();

  open[0]!.socket.terminate();
  const next = await until(
    () => connect(address).catch(() => null),
    (socket) => socket !== null,
  );
  expect(await refusal(address)).toBe(429);
  for (const socket of [...open, next!]) socket.socket.terminate();
});

test("people behind one address are bounded by their own limits only", async () => {
  const address = "203.0.113.3";
  const people = await Promise.all(Array.from({ length: 8 }, () => world.person()));
  const sockets: RawSocket[] = [];
  for (const person of people) {
    for (let n = 0; n < 5; n += 1) {
      const socket = await connect(address);
      socket.init(person.session!.accessToken);
      await socket.next("connection_ack");
      sockets.push(socket);
    }
  }
  expect(sockets.length).toBeGreaterThan(LIMIT);
  const stranger = await connect(address);
  for (const { socket } of [...sockets, stranger]) socket.close();
});

test("upgrades that fail halfway take no place", async () => {
  const address = "203.0.113.4";
  for (let n = 0; n < LIMIT + 5; n += 1) {
    const response = await fetch(`${world.url}/graphql`, {
      headers: { "x-forwarded-for": address, "sec-websocket-version": "1" },
    });
    await response.arrayBuffer();
    const protocol = new WebSocket(`${world.url.replace("http", "ws")}/graphql`, "unknown", {
      headers: { "x-forwarded-for": address },
    });
    await new Promise((resolve) => {
      protocol.once("error", resolve);
      protocol.once("close", resolve);
    });
    protocol.terminate();
  }
  const socket = await until(
    () => connect(address).catch(() => null),
    (opened) => opened !== null,
  );
  socket!.socket.terminate();
});
