import { expect } from "@jest/globals";
import { randomUUID } from "node:crypto";
import type { TestClient } from "../../support/client.ts";
import { until } from "../../support/until.ts";
import {
  revenueCatDelivery,
  revenueCatEvent,
  startStubs,
  STUB_REVENUECAT,
  type Stubs,
} from "../../support/stubs/index.ts";
import { createWorld, type World } from "../../support/world.ts";

export const DAY = 86_400_000;
export type Event = ReturnType<typeof revenueCatEvent>;

/** A world whose phones are served by the stub of RevenueCat. */
export interface AppStoreBed {
  readonly world: World;
  readonly stubs: Stubs;
  rows<T extends object>(sql: string, values?: readonly unknown[]): Promise<T[]>;
  /** Delivers an event at each api node in turn. @returns the statuses that came back */
  deliver(event: Event, times?: number): Promise<number[]>;
  /** Waits until no event waits, but those that have failed before. */
  settled(): Promise<void>;
  /** Delivers events one by one, each once, and waits until they are done with. */
  happens(...events: Event[]): Promise<void>;
  /** What users have, without what differs from user to user. */
  belongings(userIds: readonly string[]): Promise<object>;
  close(): Promise<void>;
}

export async function openAppStoreBed(workers = 1): Promise<AppStoreBed> {
  const stubs = await startStubs();
  const world = await createWorld({
    workers,
    env: {
      REVENUECAT_BASE_URL: `${stubs.url}/revenuecat`,
      REVENUECAT_API_KEY: STUB_REVENUECAT.apiKey,
      REVENUECAT_WEBHOOK_AUTHORIZATION: STUB_REVENUECAT.authorization,
      REVENUECAT_WEBHOOK_SECRETS: STUB_REVENUECAT.signingSecret,
    },
  });
  const database = world.nodes[0]!.stores.database;
  const rows = <T extends object>(sql: string, values: readonly unknown[] = []) =>
    database.query<T>(sql, [...values]);
  const bed: AppStoreBed = {
    world,
    stubs,
    rows,
    deliver: (event, times = 1) =>
      Promise.all(
        Array.from({ length: times }, async (_, index) => {
          const { body, headers } = revenueCatDelivery(event);
          const { url } = world.nodes[index % world.nodes.length]!;
          const response = await fetch(`${url}/webhooks/revenuecat`, {
            method: "POST",
            headers,
            body: new Uint8Array(body),
          });
          await response.arrayBuffer();
          return response.status;
        }),
      ),
    settled: async () => {
      await until(
        () =>
          rows(
            "select type, last_error from webhook_events where status = 'RECEIVED' and attempts = 0",
          ),
        (waiting) => waiting.length === 0,
      );
    },
    happens: async (...events) => {
      for (const event of events) expect(await bed.deliver(event)).toEqual([200]);
      await bed.settled();
    },
    belongings: async (userIds) => {
      const names = new Map(userIds.map((id, index) => [id, `user ${index}`]));
      const of = async (sql: string) =>
        (await rows<{ user_id: string }>(sql, [userIds]))
          .map((row) => ({ ...row, user_id: names.get(row.user_id) }))
          .map((row) => JSON.stringify(row))
          .sort();
      return {
        subscriptions: await of(`select user_id, product_id, status, current_period_end,
          grace_until, cancel_at_period_end, snapshot_at, snapshot_rank, snapshot_status
          from subscriptions where user_id = any($1)`),
        payments: await of(`select user_id, package_name, status, amount, refunded_amount
          from payments where user_id = any($1)`),
        entries: await of(`select user_id, kind, delta, shortfall from ledger_entries
          where user_id = any($1)`),
        wallets: await of(
          "select user_id, currency, balance, held from wallets where user_id = any($1)",
        ),
      };
    },
    close: async () => {
      await world.stop();
      await stubs.close();
    },
  };
  return bed;
}

/** An event of a user about a product. */
export const eventOf = (
  type: string,
  userId: string,
  at: number,
  fields: Record<string, unknown> = {},
): Event =>
  revenueCatEvent(type, {
    app_user_id: userId,
    event_timestamp_ms: at,
    product_id: "vip_monthly",
    transaction_id: `t-${userId}`,
    purchased_at_ms: at,
    ...fields,
  });

export const transferOf = (fromId: string, toId: string, at: number): Event =>
  revenueCatEvent("TRANSFER", {
    event_timestamp_ms: at,
    transferred_from: [fromId],
    transferred_to: [toId],
  });

/** All orders of some things. */
export const ordersOf = <T>(things: readonly T[]): T[][] =>
  things.length <= 1
    ? [[...things]]
    : things.flatMap((first) =>
        ordersOf(things.filter((each) => each !== first)).map((rest) => [first, ...rest]),
      );

export const PLANS = /* GraphQL */ `
  query Plans {
    viewer {
      entitlements {
        plans
        entitlements
      }
      subscriptions {
        status
        entitled
        channel
      }
      wallets {
        currency
        balance
      }
    }
  }
`;

/** Whether a person is a VIP. */
export const isVip = async (person: TestClient): Promise<boolean> =>
  (await person.must(PLANS)).viewer.entitlements.plans.includes("VIP");

/** The points that a person has. */
export const pointsOf = async (person: TestClient): Promise<number> =>
  (await person.must(PLANS)).viewer.wallets.find((each: any) => each.currency === "POINTS").balance;

const NOW = Date.now();
/** A moment, in ms; the same one for the same number. */
export const daysFromNow = (days: number): number => NOW + days * DAY;

const somebody = (): Promise<string> => Promise.resolve(`usr_${randomUUID()}`);

/**
 * Plays four events in all 24 orders, for somebody else each, side by side, each event 20 times at once over both nodes.
 * @returns what each had at the end
 */
export async function inAllOrders(
  bed: AppStoreBed,
  story: (a: string, b: string) => readonly Event[],
  made: () => Promise<string> = somebody,
): Promise<object[]> {
  const casts = await Promise.all(
    ordersOf([0, 1, 2, 3]).map(async (order) => {
      const ids = [await made(), await somebody()];
      const events = story(ids[0]!, ids[1]!);
      return { ids, events: order.map((index) => events[index]!) };
    }),
  );
  expect(casts).toHaveLength(24);
  for (const step of [0, 1, 2, 3]) {
    const statuses = await Promise.all(casts.map(({ events }) => bed.deliver(events[step]!, 20)));
    expect(new Set(statuses.flat())).toEqual(new Set([200]));
    await bed.settled();
  }
  return Promise.all(casts.map(({ ids }) => bed.belongings(ids)));
}

/** What all have, which must be the same. */
export function alike(all: readonly object[]): any {
  for (const each of all) expect(each).toEqual(all[0]);
  return all[0];
}

export const parsed = (rows: string[]): any[] => rows.map((row) => JSON.parse(row));
