import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { NacosConfig, type NacosOptions } from "../../src/integrations/nacos/nacos-config.ts";
import { startStubs, STUB_NACOS, type Stubs } from "../support/stubs/index.ts";
import { until } from "../support/until.ts";
import { everyFault, failure, nobody, TIMEOUT_MS } from "./faults.ts";

const PLACE = { dataId: "facet.json", group: "DEFAULT_GROUP" };
const SECRETS = [STUB_NACOS.password, STUB_NACOS.username];
const dialects = ["v1", "v3"] as const;
const opened: NacosConfig[] = [];
let stubs: Stubs;

beforeAll(async () => {
  stubs = await startStubs();
});
beforeEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.stop()));
  stubs.reset();
  stubs.nacos.tokenTtl = 18_000;
  stubs.nacos.publish(PLACE, '{"points":10}');
});
afterAll(async () => {
  await Promise.all(opened.map((one) => one.stop()));
  await stubs.close();
});

function nacos(dialect: "v1" | "v3", options: Partial<NacosOptions> = {}): NacosConfig {
  const one = new NacosConfig({
    server: stubs.url,
    ...PLACE,
    namespace: "public",
    dialect,
    credentials: STUB_NACOS,
    timeoutMs: TIMEOUT_MS,
    holdMs: 60,
    backoff: { firstMs: 5, maxMs: 20 },
    ...options,
  });
  opened.push(one);
  return one;
}

/** Follows the document and notes what is told. */
function follow(one: NacosConfig) {
  const told = { documents: [] as string[], faults: [] as unknown[], reached: 0 };
  one.watch({
    onReached: () => (told.reached += 1),
    onDocument: (text) => told.documents.push(text),
    onFault: (error) => told.faults.push(error),
  });
  return told;
}

const asked = (path: string) => stubs.requests("nacos").filter((request) => request.path === path);

describe.each(dialects)("%s", (dialect) => {
  const get = dialect === "v1" ? "GET /v1/cs/configs" : "GET /v3/client/cs/config";
  const wait = dialect === "v1" ? "/v1/cs/configs/listener" : get;
  const login = dialect === "v1" ? "/v1/auth/login" : "/v3/auth/user/login";

  test("signs in by a form and reads the document with its md5", async () => {
    const document = await nacos(dialect).read();
    expect(document).toEqual({
      text: '{"points":10}',
      md5: "27459c96cb9dd3a72d60a8ce444ff876",
    });
    expect(asked(login)).toHaveLength(1);
    for (const { query } of stubs.requests("nacos")) {
      expect(Object.keys(query)).not.toEqual(expect.arrayContaining(["username"]));
      expect(JSON.stringify(query)).not.toContain(STUB_NACOS.password);
    }
  });

  test("tells a change, and nothing while there is none", async () => {
    const told = follow(nacos(dialect));
    await until(() => told.reached > 2);
    expect(told.documents).toEqual(['{"points":10}']);
    stubs.nacos.publish(PLACE, "ពណ៌");
    await until(() => told.documents.length > 1);
    expect(told).toMatchObject({ documents: ['{"points":10}', "ពណ៌"], faults: [] });
  });

  test("takes a token for its life and renews it in time", async () => {
    let now = new Date("2026-03-01T00:00:00Z");
    stubs.nacos.tokenTtl = 100;
    const one = nacos(dialect, { now: () => now });
    await one.read();
    await one.read();
    expect(asked(login)).toHaveLength(1);
    now = new Date("2026-03-01T00:01:25Z");
    await one.read();
    expect(asked(login)).toHaveLength(2);
  });

  test("signs in again when the token is refused before its time", async () => {
    const one = nacos(dialect);
    await one.read();
    stubs.nacos.expireTokens();
    expect(await one.read()).not.toBeNull();
    expect(asked(login)).toHaveLength(2);
  });

  test("a watch outlives the end of its token", async () => {
    const told = follow(nacos(dialect));
    await until(() => told.reached > 0);
    stubs.nacos.expireTokens();
    stubs.nacos.publish(PLACE, "2");
    await until(() => told.documents.length > 1);
    expect(told.faults).toEqual([]);
  });

  test("wrong credentials: refused, and never shown", async () => {
    const one = nacos(dialect, { credentials: { username: "eve", password: "eves-secret" } });
    const error = await failure(one.read(), ["eve", "eves-secret"]);
    expect(error).toMatchObject({ outcome: "misconfigured", status: 403 });
  });

  test("no document: null, then told when there is one", async () => {
    stubs.nacos.publish(PLACE, null);
    const one = nacos(dialect);
    expect(await one.read()).toBeNull();
    const told = follow(one);
    await until(() => told.faults.length > 0);
    stubs.nacos.publish(PLACE, "1");
    await until(() => told.documents.length > 0);
    expect(told.documents).toEqual(["1"]);
    expect(told.faults).toHaveLength(1);
  });

  describe("faults of a look", () => {
    const regular = new Set(
      dialect === "v1" ? ["404", "no JSON", "half JSON", "empty answer", "other JSON"] : [],
    );
    const faults = everyFault("retryable").filter(({ name }) => !regular.has(name));
    test.each(faults)("$name", async ({ behaviour, expected }) => {
      const one = nacos(dialect);
      await one.read();
      stubs.script("nacos", { ...behaviour, match: get, times: 2 });
      const error = await failure(one.read(), SECRETS);
      expect(error).toMatchObject(expected);
    });

    test("half a document, whole by its length", async () => {
      const half =
        dialect === "v1"
          ? { body: '{"poi', headers: { "content-md5": "27459c96cb9dd3a72d60a8ce444ff876" } }
          : {
              body: {
                code: 0,
                data: { content: '{"poi', md5: "27459c96cb9dd3a72d60a8ce444ff876" },
              },
            };
      stubs.script("nacos", { status: 200, ...half, match: get });
      const error = await failure(nacos(dialect).read(), SECRETS);
      expect(error.code).toBe("PROVIDER_BAD_ANSWER");
    });

    test("nobody listens", async () => {
      const error = await failure(nacos(dialect, { server: await nobody() }).read(), SECRETS);
      expect(error.outcome).toBe("retryable");
    });
  });

  describe("a watch goes on after", () => {
    test.each([
      ["403", { status: 403, times: 2 }],
      ["500", { status: 500 }],
      ["a hang", { delayMs: 2_000 }],
      ["a cut before the answer", { cut: "before" as const }],
      ["a cut after the request", { cut: "after" as const }],
      ["an answer of a proxy", { status: 200, body: "<html>Sign in</html>" }],
    ])("%s", async (_name, behaviour) => {
      const told = follow(nacos(dialect));
      await until(() => told.reached > 0);
      stubs.script("nacos", { ...behaviour, match: wait });
      await until(() => told.faults.length > 0);
      stubs.nacos.publish(PLACE, "2");
      await until(() => told.documents.length > 1);
      expect(told.documents).toEqual(['{"points":10}', "2"]);
    });
  });

  test("a stop ends a wait at once", async () => {
    const one = nacos(dialect, { holdMs: 30_000 });
    const told = follow(one);
    await until(() => told.reached > 0);
    const started = performance.now();
    await one.stop();
    expect(performance.now() - started).toBeLessThan(1_000);
    expect(told.faults).toEqual([]);
  });
});

test("v1 holds its poll as the server wants it told; the default namespace has no name", async () => {
  const told = follow(nacos("v1"));
  await until(() => told.reached > 1);
  const [poll] = asked("/v1/cs/configs/listener");
  expect(poll?.headers["long-pulling-timeout"]).toBe("60");
  expect(poll?.text).toBe(
    "Listening-Configs=facet.json%02DEFAULT_GROUP%0227459c96cb9dd3a72d60a8ce444ff876%01",
  );
  expect(asked("/v1/cs/configs")[0]?.query).not.toHaveProperty("tenant");
});

test("v1 names any other namespace", async () => {
  stubs.nacos.publish({ ...PLACE, namespace: "blue" }, "{}");
  const told = follow(nacos("v1", { namespace: "blue" }));
  await until(() => told.reached > 1);
  // The last ones: a poll that the test before has sent and left may arrive first.
  expect(asked("/v1/cs/configs").at(-1)?.query).toMatchObject({ tenant: "blue" });
  expect(asked("/v1/cs/configs/listener").at(-1)?.text).toMatch(/%02blue%01$/);
});

test("v3 sends its token as a header", async () => {
  await nacos("v3").read();
  const [look] = asked("/v3/client/cs/config");
  expect(look?.query).toEqual({
    namespaceId: "public",
    groupName: "DEFAULT_GROUP",
    dataId: "facet.json",
  });
  expect(look?.headers["accesstoken"]).toBeTruthy();
});

test("pauses after faults grow to the longest and are part chance", async () => {
  stubs.script("nacos", { status: 500, times: 6 });
  const started = performance.now();
  const told = follow(nacos("v1", { backoff: { firstMs: 20, maxMs: 80 }, random: () => 0 }));
  await until(() => told.documents.length > 0);
  // Half of 20, 40, 80, 80, 80, 80.
  expect(performance.now() - started).toBeGreaterThanOrEqual(180);
  expect(told.faults).toHaveLength(6);
});

test("polls that nobody holds are not repeated without a pause", async () => {
  const told = follow(nacos("v1", { backoff: { firstMs: 200, maxMs: 200 }, random: () => 1 }));
  stubs.script("nacos", { status: 200, body: "", match: "listener", times: 1_000 });
  await until(() => told.reached > 2);
  expect(asked("/v1/cs/configs/listener").length).toBeLessThanOrEqual(3);
});
