import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { TestClient, type Answer } from "../../support/client.ts";
import { hasRedisServer, RedisServer } from "../../support/redis-server.ts";
import { until } from "../../support/until.ts";
import { createWorld, LOGIN_WITH_DEVICE, type World } from "../../support/world.ts";

const stored = (name: string): string =>
  readFileSync(
    new URL(`../../../schema/operations/mobile/${name}.graphql`, import.meta.url),
    "utf8",
  );
const [LOGIN, REGISTER, REQUEST_OTP, ANALYZE] = [
  "LoginWithPassword",
  "RegisterWithEmail",
  "RequestOtp",
  "AnalyzeSkin",
].map(stored) as [string, string, string, string];

let redis: RedisServer;
let world: World;
beforeAll(async () => {
  if (!hasRedisServer) return;
  redis = await RedisServer.start();
  world = await createWorld({
    nodes: 2,
    workers: 0,
    redisUrl: redis.url,
    env: {
      LOGIN_ATTEMPTS_PER_MINUTE: "6",
      REGISTRATIONS_PER_HOUR: "5",
      CODES_PER_HOUR: "5",
      IMAGE_JOBS_PER_MINUTE: "3",
      TRUST_PROXY: "true",
    },
  });
});
afterAll(async () => {
  await world?.stop();
  await redis?.down();
});

let addresses = 0;
const newAddress = () => `198.51.100.${(addresses += 1)}`;

type Try = (client: TestClient, address: string) => Promise<Answer>;

const from = (address: string) => ({ "x-forwarded-for": address });
/** What is limited per address, with how often it may happen. */
const LIMITED: Record<string, { allowed: number; tries: Try }> = {
  "sign-in": {
    allowed: 6,
    tries: (client, address) =>
      client.send(
        LOGIN,
        { input: { identifier: `${randomUUID()}@example.com`, password: "not the password" } },
        from(address),
      ),
  },
  registration: {
    allowed: 5,
    tries: (client, address) =>
      client.send(
        REGISTER,
        {
          input: {
            email: `${randomUUID()}@example.com`,
            password: "correct horse battery",
            firstName: "",
            lastName: "",
          },
        },
        from(address),
      ),
  },
  "codes by text message": {
    allowed: 5,
    tries: (client, address) => {
      const phone = `+85519${String(Math.floor(Math.random() * 1e7)).padStart(7, "0")}`;
      const input = { phone, purpose: "SIGN_IN" };
      return client.send(REQUEST_OTP, { input }, from(address));
    },
  },
  "image jobs": {
    allowed: 3,
    tries: (client, address) =>
      client.send(ANALYZE, { input: { uploadId: "upl_0000000000000" } }, from(address)),
  },
};

/** Somebody new, who comes from an address of their own. */
async function newcomer(): Promise<{ address: string; client: TestClient }> {
  const address = newAddress();
  const input = { deviceId: randomUUID(), deviceSecret: randomUUID(), platform: "IOS" };
  const { data } = await new TestClient(world.url).send(
    LOGIN_WITH_DEVICE,
    { input },
    from(newAddress()),
  );
  const { accessToken, refreshToken, viewer } = data.loginWithDevice.session;
  const session = { accessToken, refreshToken, userId: viewer.id };
  return { address, client: new TestClient(world.url, session) };
}

const isLimited = ({ errors }: Answer) => errors?.[0]?.extensions.code === "RATE_LIMITED";

/** How many of many tries at once at one node get through. */
async function through(node: number, of: { tries: Try; address: string; client: TestClient }) {
  const client = of.client.at(world.nodes[node]!.url);
  const answers = await Promise.all(Array.from({ length: 9 }, () => of.tries(client, of.address)));
  expect(answers.map(({ status }) => status).filter((status) => status >= 500)).toEqual([]);
  return answers.filter((answer) => !isLimited(answer)).length;
}

(hasRedisServer ? describe : describe.skip)("with a Redis that comes and goes", () => {
  const limits = Object.entries(LIMITED);
  /** Who was limited before Redis went, per limit. */
  const before = new Map<string, { address: string; client: TestClient }>();

  test.each(limits)("%s: with Redis one count holds for all processes", async (name, limit) => {
    const who = await newcomer();
    before.set(name, who);
    const [first, second] = [
      await through(0, { ...limit, ...who }),
      await through(1, { ...limit, ...who }),
    ];
    expect([first, second]).toEqual([limit.allowed, 0]);
  });

  test.each(limits)("%s: without Redis each process counts by itself", async (name, limit) => {
    await redis.down();
    const { redis: connection } = world.nodes[0]!.stores;
    await until(() => connection.status !== "ready");
    const who = await newcomer();
    expect(await through(0, { ...limit, ...who })).toBe(limit.allowed);
    expect(await through(1, { ...limit, ...who })).toBe(limit.allowed);
    // Whoever was at the limit stays there: the process remembers what Redis said.
    const stays = await through(0, { ...limit, ...before.get(name)! });
    expect(stays).toBe(0);
  });

  test.each(limits)("%s: an empty Redis that comes back opens no gate", async (name, limit) => {
    if (name === limits[0]![0]) await redis.up();
    for (const node of world.nodes) await until(() => node.stores.redis.status === "ready");
    expect(await through(0, { ...limit, ...before.get(name)! })).toBe(0);
    const who = await newcomer();
    expect(await through(0, { ...limit, ...who })).toBe(limit.allowed);
    expect(await through(1, { ...limit, ...who })).toBe(0);
  });
});
