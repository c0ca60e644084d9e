import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import type { TestClient } from "../../support/client.ts";
import {
  daysFromNow as at,
  eventOf,
  isVip,
  openAppStoreBed,
  PLANS,
  pointsOf,
  type AppStoreBed,
} from "./app-store-bed.ts";

const SYNC = readFileSync("schema/operations/mobile/SyncPurchases.graphql", "utf8");
let bed: AppStoreBed;
let ada: TestClient;
beforeAll(async () => {
  bed = await openAppStoreBed();
});
beforeEach(async () => {
  bed.stubs.reset();
  ada = await bed.world.person();
});
afterAll(() => bed.close());

const sync = async (person = ada) => (await person.must(SYNC, { input: {} })).syncPurchases;

describe("looking up purchases", () => {
  const iso = (ms: number) => new Date(ms).toISOString();
  const bought = () => {
    bed.stubs.revenueCat.subscribe(ada.userId, "vip_monthly", {
      purchase_date: iso(at(-1)),
      expires_date: iso(at(29)),
    });
    bed.stubs.revenueCat.buy(ada.userId, "points_100", `${ada.userId}-t`, new Date(at(-1)));
  };
  const webhooks = () => [
    eventOf("INITIAL_PURCHASE", ada.userId, at(-1) + 500, { expiration_at_ms: at(29) }),
    eventOf("NON_RENEWING_PURCHASE", ada.userId, at(-1) + 500, {
      product_id: "points_100",
      transaction_id: `${ada.userId}-t`,
    }),
  ];

  test("before the webhooks: at once, and only once", async () => {
    bought();
    const { viewer, problems } = await sync();
    expect(problems).toEqual([]);
    expect(viewer.entitlements).toEqual({
      plans: ["FREE", "VIP"],
      entitlements: ["WEEKLY_POINTS"],
    });
    expect(viewer.wallets).toContainEqual(expect.objectContaining({ balance: 100 }));
    await bed.happens(...webhooks());
    await sync();
    expect([await isVip(ada), await pointsOf(ada)]).toEqual([true, 100]);
    expect((await ada.must(PLANS)).viewer.subscriptions).toHaveLength(1);
  });

  test("after the webhooks: nothing more", async () => {
    bought();
    await bed.happens(...webhooks());
    const { viewer } = await sync();
    expect(viewer.subscriptions).toMatchObject([{ plan: "VIP", status: "ACTIVE", entitled: true }]);
    expect(await pointsOf(ada)).toBe(100);
  });

  test("an answer that is older than an event takes nothing back", async () => {
    bought();
    await bed.happens(
      eventOf("EXPIRATION", ada.userId, Date.now() - 1_000, {
        expiration_at_ms: Date.now() - 1_000,
      }),
    );
    await sync();
    expect(await isVip(ada)).toBe(false);
  });

  test("called twice at once is asked once; over both nodes it counts once", async () => {
    bought();
    const [a, b] = bed.world.nodes;
    await Promise.all([...[a!.url, a!.url, b!.url, b!.url].map((url) => sync(ada.at(url)))]);
    expect(bed.stubs.requests("revenuecat").length).toBeLessThanOrEqual(2);
    expect([await isVip(ada), await pointsOf(ada)]).toEqual([true, 100]);
  });

  test("a store that is away is a problem, and what is known stays", async () => {
    await bed.happens(eventOf("INITIAL_PURCHASE", ada.userId, at(-1), { expiration_at_ms: at(1) }));
    bed.stubs.script("revenuecat", { status: 401, times: 9 });
    const { viewer, problems } = await sync();
    expect(problems).toMatchObject([{ code: "STORE_UNAVAILABLE", path: [] }]);
    expect(viewer.entitlements.plans).toContain("VIP");
  });

  test("is limited per user", async () => {
    const answers = [];
    for (let count = 0; count < 11; count += 1) answers.push(await ada.send(SYNC, { input: {} }));
    expect(answers.at(-1)?.errors?.[0]?.extensions.code).toBe("RATE_LIMITED");
    expect((await (await bed.world.person()).send(SYNC, { input: {} })).errors).toBeUndefined();
  });
});
