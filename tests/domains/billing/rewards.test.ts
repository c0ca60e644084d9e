import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { createRewardRoom } from "../../../src/domains/billing/rewards/reward.module.ts";
import { dueWeek } from "../../../src/domains/billing/rewards/reward-week.ts";
import { weeklyReward } from "../../../src/domains/billing/billing.events.ts";
import { PlanService } from "../../../src/domains/billing/plans/plan.service.ts";
import { createWorld, type World } from "../../support/world.ts";

type App = World["nodes"][number];
const SUNDAY = new Date("2026-11-22T00:00:00.000Z");
const WEEK = "2026-11-16";
let world: World;
beforeAll(async () => {
  world = await createWorld({ workers: 0, nodes: 2 });
});
beforeEach(async () => {
  for (const table of ["reward_runs", "subscriptions"]) await rows(`delete from ${table}`);
});
afterAll(() => world.stop());

const rows = <T extends object>(sql: string, values: unknown[] = []): Promise<T[]> =>
  world.nodes[0]!.stores.database.query<T>(sql, values);

/** The reward as a worker has it, at a moment of the test's own. */
function rewardsOf(app: App, now: Date, wallets = app.parts.wallet.wallets) {
  return createRewardRoom({
    ...app.parts,
    database: app.stores.database,
    clock: { now: () => now },
    wallets,
    plans: new PlanService(app.parts.planDocument),
    entitlements: app.parts.billing.entitlements,
  }).rewards;
}

/** Subscribes new users by the thousand. @returns the prefix of their ids, unique to the call */
async function subscribe(
  count: number,
  change: { product?: string; status?: string; end?: string | null } = {},
): Promise<string> {
  const { product = "vip_monthly", status = "ACTIVE", end = "2099-01-01" } = change;
  const prefix = `usr_${crypto.randomUUID()}`;
  await rows(
    `insert into subscriptions (id, store, store_subscription_id, user_id, product_id, status,
       current_period_end, snapshot_at, snapshot_rank, snapshot_status)
     select 'sbn_' || who, 'REVENUECAT', who || '/' || $3, who, $3, $4, $5, now(), 0, $4
     from (select $1 || '_' || lpad(n::text, 5, '0') as who from generate_series(1, $2) n) people`,
    [prefix, count, product, status, end],
  );
  return prefix;
}

const rewardedOf = async (prefix: string) =>
  rows<{ user_id: string; count: number; points: number; weeks: string[] }>(
    `select user_id, count(*)::int as count, sum(delta)::int as points,
       array_agg(reward_week::text order by reward_week) as weeks
     from ledger_entries where user_id like $1 || '%' and kind = 'REWARD' group by user_id`,
    [prefix],
  );

describe("the week", () => {
  test.each([
    ["2026-11-22T00:00:00.000Z", "2026-11-16"],
    ["2026-11-21T23:59:59.999Z", "2026-11-09"],
    ["2026-11-22T23:59:59.999Z", "2026-11-16"],
    ["2026-11-23T00:00:00.000Z", "2026-11-16"],
    ["2026-11-28T23:59:59.999Z", "2026-11-16"],
    ["2027-01-03T00:00:00.000Z", "2026-12-28"],
  ])("at %s that of %s is due", (now, week) => {
    expect(dueWeek(new Date(now))).toBe(week);
  });
});

test("every VIP gets the points once, and nobody else", async () => {
  const vips = await subscribe(3);
  const lifetime = await subscribe(1, { product: "vip_lifetime", end: null });
  const others = [
    await subscribe(1, { end: "2020-01-01" }),
    await subscribe(1, { status: "EXPIRED" }),
    await subscribe(1, { product: "premium_monthly" }),
    await subscribe(1, { product: "not_sold" }),
  ];
  const told: unknown[] = [];
  world.nodes[0]!.parts.events.on(weeklyReward, (_tx, facts) => {
    if (facts.userId.startsWith(vips)) told.push(facts);
    return Promise.resolve();
  });
  const rewards = rewardsOf(world.nodes[0]!, SUNDAY);
  expect([await rewards.run(), await rewards.run()]).toEqual([4, 0]);
  expect(await rewardedOf(vips)).toHaveLength(3);
  expect(await rewardedOf(lifetime)).toMatchObject([{ count: 1, points: 100, weeks: [WEEK] }]);
  for (const other of others) expect(await rewardedOf(other)).toEqual([]);
  expect(told).toHaveLength(3);
  expect(told).toContainEqual({ userId: `${vips}_00001`, points: 100, week: WEEK });
});

test("1,000 VIPs, a crash in the middle, two workers at once: each once, in turns", async () => {
  const vips = await subscribe(1_000);
  const [a, b] = world.nodes as [App, App];
  let left = 320;
  const dying = rewardsOf(a, SUNDAY, {
    credit: (...args: Parameters<typeof a.parts.wallet.wallets.credit>) => {
      left -= 1;
      if (left < 0) throw new Error("power cut");
      return a.parts.wallet.wallets.credit(...args);
    },
  } as typeof a.parts.wallet.wallets);
  await expect(dying.run()).rejects.toThrow("power cut");
  const before = (await rewardedOf(vips)).length;
  expect(before).toBe(300);
  const counts = await Promise.all([a, b].map((app) => rewardsOf(app, SUNDAY).run()));
  expect(counts[0]! + counts[1]!).toBe(700);
  const rewarded = await rewardedOf(vips);
  expect(rewarded).toHaveLength(1_000);
  expect(rewarded.every(({ count, points }) => count === 1 && points === 100)).toBe(true);
});

test("a missed Sunday is made up for, and the next one gives again", async () => {
  const vips = await subscribe(2);
  const at = (iso: string) => rewardsOf(world.nodes[0]!, new Date(iso));
  expect(await at("2026-11-25T10:37:00Z").run()).toBe(2);
  const late = await subscribe(1);
  expect(await at("2026-11-26T10:37:00Z").run()).toBe(0);
  expect(await at("2026-11-29T00:00:00Z").run()).toBe(3);
  expect(await rewardedOf(vips)).toMatchObject([
    { weeks: [WEEK, "2026-11-23"] },
    { weeks: [WEEK, "2026-11-23"] },
  ]);
  expect(await rewardedOf(late)).toMatchObject([{ weeks: ["2026-11-23"] }]);
});

test("a batch is found by its index, whatever the number of subscriptions", async () => {
  await subscribe(5_000, { status: "EXPIRED" });
  await subscribe(1_000);
  await rows("analyze subscriptions");
  const plan = await rows<{ "QUERY PLAN": string }>(
    `explain select distinct user_id from subscriptions
     where status in ('TRIALING', 'ACTIVE', 'PAST_DUE') and user_id is not null and user_id > 'usr_'
     order by user_id limit 50`,
  );
  const text = plan.map((line) => line["QUERY PLAN"]).join("\n");
  expect(text).toContain("subscriptions_running");
  expect(text).not.toContain("Seq Scan");
  expect(text).not.toContain("Sort");
});

test("the crons are Sunday at midnight and each hour", () => {
  const crons = world.nodes[0]!.parts.modules.flatMap((module) => module.crons ?? []);
  expect(crons.filter(({ name }) => name.startsWith("weekly_reward"))).toMatchObject([
    { pattern: "0 0 * * 0" },
    { pattern: "37 * * * *" },
  ]);
});
