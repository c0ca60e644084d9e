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

const happens = (...events: Parameters<AppStoreBed["happens"]>) => bed.happens(...events);
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
  );
  expect(await isVip(ada)).toBe(true);
  await happens(transferOf(ada.userId, bea.userId, at(-1)));
  expect([await isVip(ada), await pointsOf(ada)]).toEqual([false, 100]);
  expect([await isVip(bea), await pointsOf(bea)]).toEqual([true, 0]);
  const told = await bed.rows<{ user_id: string }>(
    "select distinct user_id from feed_events where topic = 'ENTITLEMENTS' and user_id = any($1)",
    [[ada.userId, bea.userId]],
  );
  expect(told).toHaveLength(2);
});

test("what a guest bought, and is said to have bought later, is the account's", async () => {
  const guest = await bed.world.person();
  const [node] = bed.world.nodes;
  await happens(eventOf("INITIAL_PURCHASE", guest.userId, at(-9), { expiration_at_ms: at(-2) }));
  const billing = node!.parts.modules.find(({ personalData }) => personalData?.name === "billing");
  await node!.parts.unitOfWork.run((tx) =>
    billing!.personalData!.merge(tx, { fromUserId: guest.userId, toUserId: ada.userId }),
  );
  await happens(eventOf("RENEWAL", guest.userId, at(-2), { expiration_at_ms: at(5) }));
  expect([await isVip(guest), await isVip(ada)]).toEqual([false, true]);
  expect((await ada.must(PLANS)).viewer.subscriptions).toHaveLength(1);
  bed.stubs.revenueCat.buy(guest.userId, "points_100", `${guest.userId}-t`, new Date(at(-1)));
  await sync();
  expect(await pointsOf(ada)).toBe(100);
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
