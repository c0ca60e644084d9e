import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { paymentFailed } from "../../../src/domains/billing/index.ts";
import {
  stripeEvent,
  stripeInvoice,
  stripeSession,
  stripeSubscription,
} from "../../support/stubs/index.ts";
import {
  newCustomer,
  openSubscriptionsBed,
  type Event,
  type SubscriptionsBed,
} from "./subscriptions-bed.ts";

const T0 = Math.floor(Date.now() / 1000) - 1_000;
const PERIOD_END = T0 + 30 * 86_400;
const TIMES = 20;

interface Life {
  readonly customer: string;
  readonly userId: string;
  readonly subscription: string;
  readonly events: readonly Event[];
}

const told: string[] = [];
let bed: SubscriptionsBed;
beforeAll(async () => {
  bed = await openSubscriptionsBed();
  for (const { parts } of bed.world.workers) {
    parts.events.on(paymentFailed, (_tx, { userId }) => {
      told.push(userId);
      return Promise.resolve();
    });
  }
});
afterAll(() => bed.close());

const ordersOf = (indices: readonly number[]): number[][] =>
  indices.length < 2
    ? [[...indices]]
    : indices.flatMap((first) =>
        ordersOf(indices.filter((each) => each !== first)).map((rest) => [first, ...rest]),
      );

/** Only the page that was paid names the user. */
function bought(): Life {
  const customer = newCustomer();
  const userId = customer.replace("cus", "usr");
  const of = { customer, userId: null, periodEnd: PERIOD_END };
  const active = stripeSubscription(of);
  const { id: subscription } = active;
  const events = [
    stripeEvent("customer.subscription.created", { ...active, status: "incomplete" }, T0),
    stripeEvent("customer.subscription.updated", active, T0 + 1),
    stripeEvent("invoice.paid", stripeInvoice({ customer, subscription, paid: true }), T0 + 2),
    stripeEvent(
      "checkout.session.completed",
      stripeSession({ customer, subscription, userId }),
      T0 + 3,
    ),
  ];
  return { customer, userId, subscription, events };
}

/** A renewal that was never paid. */
function lost(): Life {
  const customer = newCustomer();
  const userId = customer.replace("cus", "usr");
  const active = stripeSubscription({ customer, userId, periodEnd: PERIOD_END });
  const { id: subscription } = active;
  const unpaid = stripeInvoice({ customer, subscription, userId, paid: false });
  const events = [
    stripeEvent("customer.subscription.created", active, T0),
    stripeEvent("invoice.payment_failed", unpaid, T0 + 10),
    stripeEvent("customer.subscription.updated", { ...active, status: "past_due" }, T0 + 11),
    stripeEvent("customer.subscription.deleted", { ...active, status: "canceled" }, T0 + 20),
  ];
  return { customer, userId, subscription, events };
}

/** Lives the same life in all 24 orders at once: each event so often at once, and applied before the next. */
async function inAllOrders(make: () => Life): Promise<Life[]> {
  const lives = ordersOf([0, 1, 2, 3]).map((order) => ({ life: make(), order }));
  for (let step = 0; step < 4; step += 1) {
    const answers = await Promise.all(
      lives.map(({ life, order }) => bed.deliver(life.events[order[step]!]!, TIMES)),
    );
    expect(new Set(answers.flat())).toEqual(new Set([200]));
    await bed.settled();
  }
  return lives.map(({ life }) => life);
}

/** All that is known of a subscription, without what differs from life to life. */
async function rowOf({ subscription, customer, userId }: Life): Promise<string> {
  const rows = await bed.rows<Record<string, unknown>>(
    `select *, customer_id = $2 as is_customer, user_id = $3 as is_user from subscriptions
     where store_subscription_id = $1`,
    [subscription, customer, userId],
  );
  expect(rows).toHaveLength(1);
  const own = ["id", "store_subscription_id", "customer_id", "user_id", "version"];
  const times = ["created_at", "updated_at"];
  return JSON.stringify(
    Object.entries(rows[0]!).filter(([name]) => ![...own, ...times].includes(name)),
  );
}

async function outcomes(lives: readonly Life[]): Promise<Record<string, unknown>[]> {
  const rows = new Set(await Promise.all(lives.map(rowOf)));
  return [...rows].map((row) => Object.fromEntries(JSON.parse(row)));
}

async function appliedOnce(lives: readonly Life[]): Promise<void> {
  const rows = await bed.rows<{ status: string; attempts: number; count: number }>(
    `select status, attempts, count(*)::int as count from webhook_events
     where subject = any($1) group by status, attempts`,
    [lives.map(({ customer }) => customer)],
  );
  expect(rows).toEqual([{ status: "APPLIED", attempts: 1, count: 4 * 24 }]);
}

test("bought: four events in 24 orders, each 20 times at once on two nodes, end in one row and one plan", async () => {
  const lives = await inAllOrders(bought);
  await appliedOnce(lives);
  expect(await outcomes(lives)).toEqual([
    expect.objectContaining({
      is_user: true,
      is_customer: true,
      status: "ACTIVE",
      product_id: "price_pro_monthly",
      current_period_end: new Date(PERIOD_END * 1000).toISOString(),
      failed_at: [],
    }),
  ]);
  const { entitlements } = bed.world.nodes[1]!.parts.billing;
  const users = lives.map(({ userId }) => userId);
  const held = await entitlements.plansOf(users);
  expect(held.map(({ plan }) => plan)).toEqual(Array(24).fill("PRO"));
  expect(new Set(held.map(({ userId }) => userId))).toEqual(new Set(users));
});

test("lost: a payment that failed and the end of it, in 24 orders, end in one row and no plan", async () => {
  const lives = await inAllOrders(lost);
  await appliedOnce(lives);
  expect(await outcomes(lives)).toEqual([
    expect.objectContaining({ is_user: true, status: "CANCELED", past_due_since: null }),
  ]);
  const { entitlements } = bed.world.nodes[0]!.parts.billing;
  const users = lives.map(({ userId }) => userId);
  expect(await entitlements.plansOf(users)).toEqual([]);
  // Whoever was past due at any time was told, and nobody twice.
  expect(told.length).toBeGreaterThan(0);
  expect(told).toHaveLength(new Set(told).size);
});
