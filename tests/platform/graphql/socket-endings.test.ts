import { decodeJwt } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { AccessTokens } from "../../../src/domains/identity/sessions/access-tokens.ts";
import { loadConfig } from "../../../src/platform/config/env.ts";
import { systemClock } from "../../../src/platform/clock/clock.ts";
import type { TestClient } from "../../support/client.ts";
import { RawSocket } from "../../support/raw-socket.ts";
import { hasRedisServer, RedisServer } from "../../support/redis-server.ts";
import { createWorld, type World } from "../../support/world.ts";

const EVENTS = "subscription { viewerEvents { seq } }";
const RENAME = /* GraphQL */ `
  mutation {
    updateProfile(input: { firstName: "Late" }) {
      problems {
        code
      }
    }
  }
`;
const LOGOUT = "mutation { logout(input: {}) { problems { code } } }";
const FOLLOW = /* GraphQL */ `
  subscription {
    viewerEvents(after: 0) {
      ... on JobEvent {
        job {
          version
          status
        }
      }
    }
  }
`;

let world: World;

/** How a socket ended and how long that took, in milliseconds. */
async function ending(socket: RawSocket): Promise<{ code: number; reason: string; ms: number }> {
  const started = performance.now();
  return { ...(await socket.closed), ms: performance.now() - started };
}

/** A token of the person's session that lives only so long. */
async function shortToken(person: TestClient, lifeSeconds: number): Promise<string> {
  const { SECRET_KEY } = loadConfig(world.env);
  const { sid } = decodeJwt<{ sid: string }>(person.session!.accessToken);
  const tokens = new AccessTokens({ secretKey: SECRET_KEY, lifeSeconds, clock: systemClock });
  const owner = {
    userId: person.userId,
    sessionId: sid,
    role: "CUSTOMER",
    language: "EN",
  } as const;
  return (await tokens.issue(owner)).token;
}

describe("while everything runs", () => {
  beforeAll(async () => {
    world = await createWorld({ nodes: 2, workers: 0 });
  });
  afterAll(() => world.stop());

  test("a socket closes with 4403 when its token expires, and does nothing more", async () => {
    const ada = await world.person();
    const lifeMs = 2_000;
    const token = await shortToken(ada, lifeMs / 1000);
    const expiresAtMs = decodeJwt(token).exp! * 1000;
    const socket = await RawSocket.ready(world.url, token);
    socket.subscribe(EVENTS);
    expect(await socket.closed).toEqual({ code: 4403, reason: "Token expired" });
    expect(Math.abs(Date.now() - expiresAtMs)).toBeLessThan(1_000);
  });

  test("a peer that ignores the closing has no more power", async () => {
    const ada = await world.person();
    const [socket, witness] = await Promise.all(
      [1, 2].map(() => RawSocket.ready(world.url, ada.session!.accessToken)),
    );
    // It does not read that it is closed, and goes on sending.
    socket!.socket.pause();
    await ada.must(LOGOUT);
    expect(await witness!.closed).toMatchObject({ code: 4403 });
    socket!.subscribe(RENAME);
    socket!.socket.resume();
    expect(await socket!.closed).toMatchObject({ code: 4403 });
    const user = await world.nodes[0]!.parts.identity.users.find(ada.userId);
    expect(user?.firstName).toBe("");
  });

  test.each([0, 1])(
    "a session that ends at node %i closes its sockets within a second",
    async (at) => {
      const ada = await world.person();
      const sockets = await Promise.all(
        world.nodes.map(({ url }) => RawSocket.ready(url, ada.session!.accessToken)),
      );
      const bystander = await world.person();
      const other = await RawSocket.ready(world.url, bystander.session!.accessToken);
      const endings = sockets.map(ending);
      await ada.at(world.nodes[at]!.url).must(LOGOUT);
      for (const { code, reason, ms } of await Promise.all(endings)) {
        expect({ code, reason }).toEqual({ code: 4403, reason: "Session ended" });
        expect(ms).toBeLessThan(1_000);
      }
      expect((await other.run("{ viewer { id } }")).data.viewer.id).toBe(bystander.userId);
      other.close();
    },
  );

  test("each event is resolved with loaders of its own", async () => {
    const ada = await world.person();
    const { jobs, unitOfWork } = world.nodes[0]!.parts;
    const events = ada.watch(FOLLOW);
    const seen: any[] = [];
    const first = events.next();
    const kind = "SKIN_ANALYSIS";
    const id = jobs.newId(kind);
    await unitOfWork.run((tx) => jobs.start(tx, { id, userId: ada.userId, kind, input: {} }));
    seen.push((await first).value);
    await unitOfWork.run((tx) =>
      tx.query("update ai_jobs set version = version + 1, progress = 5 where id = $1", [id]),
    );
    const job = (await world.nodes[0]!.parts.jobRepository.byIds([id]))[0]!;
    await unitOfWork.run((tx) => jobs.moved(tx, job));
    seen.push((await events.next()).value);
    expect(seen.map(({ data }) => data.viewerEvents.job.version)).toEqual([1, 2]);
    await events.return?.();
  });
});

const withRedisServer = hasRedisServer ? describe : describe.skip;

withRedisServer("without Redis (needs redis-server)", () => {
  let redis: RedisServer;

  beforeAll(async () => {
    redis = await RedisServer.start();
    world = await createWorld({ nodes: 2, workers: 0, redisUrl: redis.url });
  });
  afterAll(async () => {
    await world.stop();
    await redis.down();
  });

  test("a session that ends at another node closes its sockets within two seconds", async () => {
    const ada = await world.person();
    const token = ada.session!.accessToken;
    const before = await RawSocket.ready(world.nodes[1]!.url, token);
    await redis.down();
    const during = await RawSocket.ready(world.nodes[1]!.url, token);
    const endings = [before, during].map(ending);
    await ada.must(LOGOUT);
    for (const { code, ms } of await Promise.all(endings)) {
      expect(code).toBe(4403);
      expect(ms).toBeLessThan(2_200);
    }
    await redis.up();
  });

  test("a frozen Redis is treated like a dead one", async () => {
    const ada = await world.person();
    const token = ada.session!.accessToken;
    const before = await RawSocket.ready(world.nodes[1]!.url, token);
    redis.freeze();
    const during = await RawSocket.ready(world.nodes[1]!.url, token);
    const endings = [before, during].map(ending);
    await ada.must(LOGOUT);
    for (const { code, ms } of await Promise.all(endings)) {
      expect(code).toBe(4403);
      expect(ms).toBeLessThan(2_200);
    }
  });
});

describe("when a node stops", () => {
  test("its sockets close with 1012, spread over a window, and none is let in", async () => {
    world = await createWorld({ nodes: 1, workers: 0, env: { MAX_SOCKETS_PER_USER: "100" } });
    const ada = await world.person();
    const sockets = await Promise.all(
      Array.from({ length: 30 }, () => RawSocket.ready(world.url, ada.session!.accessToken)),
    );
    for (const socket of sockets) socket.subscribe(EVENTS);
    const endings = sockets.map(ending);
    const stopped = world.stop();
    await expect(RawSocket.open(world.url)).rejects.toThrow();
    const ended = await Promise.all(endings);
    await stopped;
    expect(new Set(ended.map(({ code }) => code))).toEqual(new Set([1012]));
    const times = ended.map(({ ms }) => ms);
    expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(1_000);
    expect(Math.max(...times)).toBeLessThan(3_000);
  });
});
