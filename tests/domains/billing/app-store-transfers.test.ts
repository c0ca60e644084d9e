import { afterAll, beforeAll, expect, test } from "@jest/globals";
import {
  alike,
  daysFromNow as at,
  eventOf,
  inAllOrders,
  openAppStoreBed,
  transferOf,
  parsed,
  type AppStoreBed,
} from "./app-store-bed.ts";

let bed: AppStoreBed;
beforeAll(async () => {
  bed = await openAppStoreBed();
});
afterAll(() => bed.close());

test("bought, unpaid, renewed, handed over", async () => {
  const end = await inAllOrders(bed, (a, b) => [
    eventOf("INITIAL_PURCHASE", a, at(-60), { expiration_at_ms: at(-30) }),
    eventOf("BILLING_ISSUE", a, at(-30), { expiration_at_ms: at(-30) }),
    eventOf("RENEWAL", a, at(-29), { expiration_at_ms: at(5) }),
    transferOf(a, b, at(-10)),
  ]);
  expect(parsed(alike(end).subscriptions)).toMatchObject([
    { user_id: "user 1", status: "ACTIVE", current_period_end: new Date(at(5)).toISOString() },
  ]);
});

test("bought, handed over, bought anew by the former owner, over for the new one", async () => {
  const end = await inAllOrders(bed, (a, b) => [
    eventOf("INITIAL_PURCHASE", a, at(-60), { expiration_at_ms: at(-30) }),
    transferOf(a, b, at(-50)),
    eventOf("INITIAL_PURCHASE", a, at(-20), { expiration_at_ms: at(10) }),
    eventOf("EXPIRATION", b, at(-5), { expiration_at_ms: at(-5) }),
  ]);
  expect(parsed(alike(end).subscriptions)).toMatchObject([
    { user_id: "user 0", status: "ACTIVE" },
    { user_id: "user 1", status: "EXPIRED" },
  ]);
});
