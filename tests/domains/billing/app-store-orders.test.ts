import { afterAll, beforeAll, expect, test } from "@jest/globals";
import {
  alike,
  daysFromNow as at,
  eventOf,
  inAllOrders,
  openAppStoreBed,
  parsed,
  type AppStoreBed,
} from "./app-store-bed.ts";

let bed: AppStoreBed;
beforeAll(async () => {
  bed = await openAppStoreBed();
});
afterAll(() => bed.close());

test("bought, renewed, cancelled, over", async () => {
  const end = await inAllOrders(bed, (a) => [
    eventOf("INITIAL_PURCHASE", a, at(-60), { expiration_at_ms: at(-30) }),
    eventOf("RENEWAL", a, at(-30), { expiration_at_ms: at(5) }),
    eventOf("CANCELLATION", a, at(-20), {
      expiration_at_ms: at(5),
      cancel_reason: "UNSUBSCRIBE",
    }),
    // As seen in the wild: an event without any transaction.
    eventOf("EXPIRATION", a, at(-1), { expiration_at_ms: at(-1), transaction_id: undefined }),
  ]);
  expect(parsed(alike(end).subscriptions)).toMatchObject([
    { user_id: "user 0", status: "EXPIRED", product_id: "vip_monthly" },
  ]);
});

test("points bought, given back, bought again, and told twice", async () => {
  const end = await inAllOrders(
    bed,
    (a) => [
      eventOf("NON_RENEWING_PURCHASE", a, at(-4), {
        product_id: "points_500",
        transaction_id: `${a}-1`,
      }),
      eventOf("CANCELLATION", a, at(-3), {
        product_id: "points_500",
        transaction_id: `${a}-1`,
        cancel_reason: "CUSTOMER_SUPPORT",
        price: -9.99,
      }),
      eventOf("NON_RENEWING_PURCHASE", a, at(-2), {
        product_id: "points_100",
        transaction_id: `${a}-2`,
      }),
      eventOf("VIRTUAL_CURRENCY_TRANSACTION", a, at(-1), {
        product_id: "points_100",
        transaction_id: `${a}-2`,
        source: "in_app_purchase",
        adjustments: [{ amount: 100, currency: { code: "PTS" } }],
      }),
    ],
    async () => (await bed.world.person()).userId,
  );
  const { subscriptions, wallets, entries } = alike(end);
  expect(subscriptions).toEqual([]);
  expect(parsed(wallets)).toMatchObject([{ currency: "POINTS", balance: 100 }]);
  expect(parsed(entries).map(({ delta }) => delta)).toHaveLength(3);
});
