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
  transferOf,
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

const happens = async (...events: Parameters<AppStoreBed["deliver"]>[0][]) => {
  for (const event of events) expect(await bed.deliver(event)).toEqual([200]);
  await bed.settled();
};
const sync = async (person = ada) => (await person.must(SYNC, { input: {} })).syncPurchases;
const fateOf = async ({ event }: { event: { id: string } }) =>
  (
    await bed.rows<{ status: string; attempts: number; last_error: string }>(
      "select status, attempts, last_error from webhook_events where event_id = $1",
      [event.id],
    )
  )[0];

describe("who is a VIP", () => {
  test.each([
    ["over", { expiration_at_ms: at(-1) }, false],
    ["without an end", { expiration_at_ms: null, product_id: "vip_lifetime" }, true],
    ["with an end that comes", { expiration_at_ms: at(1) }, true],
  ])("%s", async (_name, fields, expected) => {
    const type = fields.expiration_at_ms === null ? "NON_RENEWING_PURCHASE" : "INITIAL_PURCHASE";
    await happens(eventOf(type, ada.userId, at(-30), fields));
    expect(await isVip(ada)).toBe(expected);
  });

  test("who cancelled until the end of the period, who was given the money back no longer", async () => {
    const [start, end] = [at(-3), at(4)];
    await happens(
      eventOf("INITIAL_PURCHASE", ada.userId, start, { expiration_at_ms: end }),
      eventOf("CANCELLATION", ada.userId, at(-2), {
        expiration_at_ms: end,
        cancel_reason: "UNSUBSCRIBE",
      }),
    );
    expect(await isVip(ada)).toBe(true);
    await happens(
      eventOf("CANCELLATION", ada.userId, at(-1), {
        expiration_at_ms: end,
        cancel_reason: "CUSTOMER_SUPPORT",
      }),
    );
    expect(await isVip(ada)).toBe(false);
  });

  test("whoever a lifetime was refunded to is none, and has lost no points", async () => {
    const product_id = "vip_lifetime";
    await happens(
      eventOf("NON_RENEWING_PURCHASE", ada.userId, at(-3), { product_id, expiration_at_ms: null }),
      eventOf("CANCELLATION", ada.userId, at(-2), { product_id, price: -99 }),
    );
    expect([await isVip(ada), await pointsOf(ada)]).toEqual([false, 0]);
  });

  test("who does not pay until grace ends", async () => {
    const unpaid = (grace: number) =>
      eventOf("BILLING_ISSUE", ada.userId, at(-1), {
        expiration_at_ms: at(-1),
        grace_period_expiration_at_ms: grace,
      });
    await happens(unpaid(at(2)));
    expect(await isVip(ada)).toBe(true);
  });

  test("units of a currency that a subscription brings make nobody a VIP for good", async () => {
    await happens(
      eventOf("VIRTUAL_CURRENCY_TRANSACTION", ada.userId, at(-1), { source: "in_app_purchase" }),
    );
    expect(await isVip(ada)).toBe(false);
  });
});

test("a purchase before signing in becomes the account's, points once", async () => {
  const anonymous = `$RCAnonymousID:${ada.userId}`;
  await happens(
    transferOf(anonymous, ada.userId, at(-1)),
    eventOf("NON_RENEWING_PURCHASE", anonymous, at(-2), {
      product_id: "points_100",
      transaction_id: `${ada.userId}-a`,
    }),
    eventOf("INITIAL_PURCHASE", anonymous, at(-2), { expiration_at_ms: at(5) }),
  );
  expect([await isVip(ada), await pointsOf(ada)]).toEqual([true, 100]);
});

test("a transfer takes plans and leaves points, and both are told", async () => {
  const bea = await bed.world.person();
  await happens(
    eventOf("INITIAL_PURCHASE", ada.userId, at(-2), { expiration_at_ms: at(5) }),
    eventOf("NON_RENEWING_PURCHASE", ada.userId, at(-2), {
      product_id: "points_100",
      transaction_id: `${ada.userId}-b`,
    }),
    transferOf(ada.userId, bea.userId, at(-1)),
  );
  expect([await isVip(ada), await pointsOf(ada)]).toEqual([false, 100]);
  expect([await isVip(bea), await pointsOf(bea)]).toEqual([true, 0]);
  const told = await bed.rows<{ user_id: string }>(
    "select distinct user_id from feed_events where topic = 'ENTITLEMENTS' and user_id = any($1)",
    [[ada.userId, bea.userId]],
  );
  expect(told).toHaveLength(2);
});

test("what is not sold waits for the staff; what says nothing is ignored", async () => {
  const unknown = eventOf("INITIAL_PURCHASE", ada.userId, at(-1), { product_id: "gone" });
  expect(await bed.deliver(unknown)).toEqual([200]);
  const test = eventOf("TEST", ada.userId, at(-1));
  expect(await bed.deliver(test)).toEqual([200]);
  await bed.settled();
  expect(await fateOf(test)).toMatchObject({ status: "IGNORED" });
  expect((await fateOf(unknown))?.last_error).toContain("Nothing is sold as gone");
  await bed.rows("update webhook_events set status = 'FAILED' where event_id = $1 returning id", [
    unknown.event.id,
  ]);
});

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
    await happens(...webhooks());
    await sync();
    expect([await isVip(ada), await pointsOf(ada)]).toEqual([true, 100]);
    expect((await ada.must(PLANS)).viewer.subscriptions).toHaveLength(1);
  });

  test("after the webhooks: nothing more", async () => {
    bought();
    await happens(...webhooks());
    const { viewer } = await sync();
    expect(viewer.subscriptions).toMatchObject([{ plan: "VIP", status: "ACTIVE", entitled: true }]);
    expect(await pointsOf(ada)).toBe(100);
  });

  test("an answer that is older than an event takes nothing back", async () => {
    bought();
    await happens(
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
    await happens(eventOf("INITIAL_PURCHASE", ada.userId, at(-1), { expiration_at_ms: at(1) }));
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
