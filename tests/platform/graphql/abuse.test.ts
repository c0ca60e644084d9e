import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { TestClient } from "../../support/client.ts";
import { malformedFrames, malformedRequests } from "../../support/malformed.ts";
import { RawSocket } from "../../support/raw-socket.ts";
import { createWorld, type World } from "../../support/world.ts";

const SEED = 20_26;
const REQUESTS = 2_000;
const FRAMES = 500;
const AT_ONCE = 20;
const VIEWER = "{ viewer { id } }";
/** What only a developer may see: frames of a stack, SQL, files, drivers. */
const INTERNAL =
  /\n\s+at |node_modules|node:internal|\.ts:\d|\/work\/|\bselect\b.*\bfrom\b|relation "|ai_jobs|syntax error at or near|ECONN|MongoServer|invalid input syntax/i;

let world: World;
let ada: TestClient;

beforeAll(async () => {
  world = await createWorld({ nodes: 1, workers: 0, env: { MAX_SOCKETS_PER_USER: "1000" } });
  ada = await world.person();
});
afterAll(() => world.stop());

test(`${REQUESTS} malformed requests: refused as such, nothing internal told, all well afterwards`, async () => {
  const next = malformedRequests(SEED);
  const wrong: unknown[] = [];
  const send = async (): Promise<void> => {
    const { path, method, headers, body } = next();
    const signedIn = { authorization: `Bearer ${ada.session!.accessToken}`, ...headers };
    const response = await fetch(world.url + path, {
      method,
      headers: signedIn,
      body: typeof body === "string" ? body : body && new Uint8Array(body),
    });
    const text = await response.text();
    if (response.status >= 500 || INTERNAL.test(text) || text.includes("INTERNAL_SERVER_ERROR")) {
      wrong.push({ path, body: String(body).slice(0, 600), status: response.status, text });
    }
  };
  for (let sent = 0; sent < REQUESTS; sent += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, send));
  }
  expect(wrong).toEqual([]);
  expect((await ada.must(VIEWER)).viewer.id).toBe(ada.userId);
});

test(`${FRAMES} malformed frames: at worst the socket closes as the protocol says`, async () => {
  const next = malformedFrames(SEED);
  const codes = new Map<number, number>();
  const wrong: unknown[] = [];
  let socket = await RawSocket.ready(world.url, ada.session!.accessToken);
  for (let sent = 0; sent < FRAMES; sent += 1) {
    const frame = next();
    socket.send(frame);
    socket.send({ type: "ping", payload: { sent } });
    const ended = await Promise.race([socket.closed, socket.next("pong").then(() => null)]).catch(
      () => socket.closed,
    );
    const text = JSON.stringify(socket.received.splice(0));
    if (INTERNAL.test(text) || text.includes("INTERNAL_SERVER_ERROR")) {
      wrong.push({ frame: String(frame).slice(0, 600), text });
    }
    if (!ended) continue;
    codes.set(ended.code, (codes.get(ended.code) ?? 0) + 1);
    socket = await RawSocket.ready(world.url, ada.session!.accessToken);
  }
  expect(wrong).toEqual([]);
  for (const code of codes.keys()) expect([4400, 4409, 1007, 1009]).toContain(code);
  expect((await socket.run(VIEWER)).data.viewer.id).toBe(ada.userId);
  socket.close();
});
