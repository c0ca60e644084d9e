import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { bundledPlans } from "../../../src/domains/billing/index.ts";
import { ANALYZE } from "../../support/analyses.ts";
import type { TestClient } from "../../support/client.ts";
import { startStubs, STUB_NACOS, type Stubs } from "../../support/stubs/index.ts";
import { until } from "../../support/until.ts";
import { createWorld, portrait, type World } from "../../support/world.ts";

const APP_CONFIG = /* GraphQL */ `
  query AppConfig {
    appConfig {
      minimumAppVersion
      emojiPricePoints
      vipWeeklyPoints
      plans {
        name
        entitlements
        limits {
          skinAnalysesPerMonth
          palQuestionsPerDay
          chatMessagesPerDay
          carePlansPerDay
        }
      }
      pointPackages {
        name
        points
      }
      creditPackages {
        name
        credits
        price {
          amount
          currency
        }
      }
    }
  }
`;
const USAGE = /* GraphQL */ `
  query Usage {
    viewer {
      usage {
        name
        used
        limit
      }
    }
  }
`;

const PLACE = { dataId: "facet.json", group: "DEFAULT_GROUP" };
const worlds: World[] = [];
let stubs: Stubs;
let world: World;
beforeAll(async () => {
  stubs = await startStubs();
  stubs.nacos.publish(PLACE, withLimit(10));
  world = await withNacos({}, 2);
});
afterAll(async () => {
  await Promise.all(worlds.map((one) => one.stop()));
  await stubs.close();
});

async function withNacos(env: Record<string, string> = {}, nodes = 1): Promise<World> {
  const opened = await createWorld({
    nodes,
    workers: 0,
    env: {
      SKIN_ANALYSES_PER_MONTH: "",
      NACOS_MODE: "live",
      NACOS_SERVER_ADDRESS: stubs.url,
      NACOS_USERNAME: STUB_NACOS.username,
      NACOS_PASSWORD: STUB_NACOS.password,
      NACOS_DIALECT: "v1",
      ...env,
    },
  });
  worlds.push(opened);
  return opened;
}

/** Puts a limit into Nacos and waits until every node has it. */
async function publishLimit(limit: number): Promise<void> {
  stubs.nacos.publish(PLACE, withLimit(limit));
  for (const { parts } of world.nodes) {
    await until(
      () => parts.planDocument.current().plans.FREE.limits.skinAnalysesPerMonth === limit,
    );
  }
}

function withLimit(skinAnalysesPerMonth: unknown): string {
  const document = structuredClone(bundledPlans) as any;
  document.plans.FREE.limits.skinAnalysesPerMonth = skinAnalysesPerMonth;
  return JSON.stringify(document);
}

const limitOf = async (person: TestClient): Promise<unknown> =>
  (await person.must(USAGE)).viewer.usage[0].limit;

test("a limit that goes from 10 to 1 counts for the next request", async () => {
  const ada = await world.person();
  const analyze = async () => {
    const uploadId = await world.upload(ada, portrait());
    return (await ada.must(ANALYZE, { input: { uploadId } })).analyzeSkin;
  };
  expect((await analyze()).problems).toEqual([]);
  expect(await limitOf(ada)).toBe(10);
  await publishLimit(1);
  expect((await analyze()).problems).toMatchObject([{ code: "QUOTA_EXCEEDED" }]);
  expect((await ada.must(USAGE)).viewer.usage).toContainEqual({
    name: "SKIN_ANALYSES",
    used: 1,
    limit: 1,
  });
});

test("a bad document changes nothing, the good one after it does", async () => {
  await publishLimit(7);
  const ada = await world.person();
  const looks = () =>
    stubs.requests("nacos").filter(({ path }) => path === "/v1/cs/configs").length;
  for (const bad of [withLimit(-1), withLimit("8"), withLimit(8).slice(0, 200), ""]) {
    const before = looks();
    stubs.nacos.publish(PLACE, bad);
    await until(() => looks() >= before + world.nodes.length);
    expect(await limitOf(ada)).toBe(7);
  }
  await publishLimit(9);
  expect(await limitOf(ada)).toBe(9);
});

test("everybody sees plans, prices and packages", async () => {
  await publishLimit(7);
  const { appConfig } = await world.stranger().must(APP_CONFIG);
  expect(appConfig).toMatchObject({
    minimumAppVersion: "1.0.0",
    emojiPricePoints: 10,
    vipWeeklyPoints: 100,
    creditPackages: [
      { name: "CREDITS_5", credits: 5, price: { amount: "4.99", currency: "USD" } },
      { name: "CREDITS_20" },
    ],
  });
  expect(appConfig.plans.map(({ name }: any) => name)).toEqual(["FREE", "PREMIUM", "PRO", "VIP"]);
  expect(appConfig.plans[0].limits).toEqual({
    skinAnalysesPerMonth: 7,
    palQuestionsPerDay: 5,
    chatMessagesPerDay: 5,
    carePlansPerDay: 5,
  });
});

test("a server that is down at the start: the last good document of the same place", async () => {
  await publishLimit(3);
  stubs.script("nacos", { cut: "before", times: 1_000 });
  const again = await withNacos({ DATA_DIR: world.dataDir });
  expect(await limitOf(await again.person())).toBe(3);
  const elsewhere = await withNacos({ DATA_DIR: world.dataDir, NACOS_DATA_ID: "other.json" });
  expect(await limitOf(await elsewhere.person())).toBe(10);
});
