import { randomUUID } from "node:crypto";
import type { TestClient } from "../../support/client.ts";
import {
  deliverStripe,
  startStubs,
  STUB_STRIPE,
  stripeEvent,
  type Stubs,
} from "../../support/stubs/index.ts";
import { until } from "../../support/until.ts";
import { createWorld, type World, type WorldOptions } from "../../support/world.ts";

export type Event = ReturnType<typeof stripeEvent>;

/** A world that sells subscriptions at the stub of Stripe. */
export interface SubscriptionsBed {
  readonly world: World;
  readonly stubs: Stubs;
  rows<T extends object>(sql: string, values?: readonly unknown[]): Promise<T[]>;
  /** Delivers an event so often at once, at each api node in turn. @returns the statuses that came back */
  deliver(event: Event, times?: number): Promise<number[]>;
  /** Waits until no event waits. */
  settled(): Promise<void>;
  /** Delivers events one after the other, each when the ones before are applied. */
  live(events: readonly Event[]): Promise<void>;
  close(): Promise<void>;
}

export async function openSubscriptionsBed(options: WorldOptions = {}): Promise<SubscriptionsBed> {
  const stubs = await startStubs();
  const world = await createWorld({
    ...options,
    env: {
      STRIPE_SECRET_KEY: STUB_STRIPE.secretKey,
      STRIPE_WEBHOOK_SECRETS: `whsec_of_yesterday,${STUB_STRIPE.webhookSecret}`,
      STRIPE_BASE_URL: stubs.stripeUrl,
      SKIN_ANALYSES_PER_MONTH: "",
      ...options.env,
    },
  });
  const database = world.nodes[0]!.stores.database;
  const rows = <T extends object>(sql: string, values: readonly unknown[] = []) =>
    database.query<T>(sql, [...values]);
  const deliver = (event: Event, times = 1) =>
    Promise.all(
      Array.from({ length: times }, async (_, index) => {
        const { url } = world.nodes[index % world.nodes.length]!;
        const response = await deliverStripe(url, event);
        await response.arrayBuffer();
        return response.status;
      }),
    );
  const settled = async () => {
    await until(
      () => rows("select type, last_error from webhook_events where status = 'RECEIVED'"),
      (waiting) => waiting.length === 0,
    );
  };
  return {
    world,
    stubs,
    rows,
    deliver,
    settled,
    live: async (events) => {
      for (const event of events) {
        await deliver(event);
        await settled();
      }
    },
    close: async () => {
      await world.stop();
      await stubs.close();
    },
  };
}

export const newCustomer = (): string => `cus_${randomUUID()}`;

export const SUBSCRIPTIONS = /* GraphQL */ `
  query Subscriptions {
    viewer {
      entitlements {
        plans
        entitlements
      }
      subscriptions {
        id
        version
        status
        plan
        entitled
        periodEnd
        graceUntil
        cancelAtPeriodEnd
        channel
        isTest
      }
      usage {
        name
        used
        limit
        resetsAt
      }
    }
  }
`;

/** The plans that a person has. */
export const plansOf = async (person: TestClient): Promise<string[]> =>
  (await person.must(SUBSCRIPTIONS)).viewer.entitlements.plans;
