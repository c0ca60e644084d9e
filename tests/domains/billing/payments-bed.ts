import { randomUUID } from "node:crypto";
import {
  standardWebhookHeaders,
  standardWebhookKey,
} from "../../../src/platform/crypto/webhook-signatures.ts";
import type { TestClient } from "../../support/client.ts";
import { dodoPayment, startStubs, STUB_DODO, type Stubs } from "../../support/stubs/index.ts";
import { until } from "../../support/until.ts";
import { createWorld, type World } from "../../support/world.ts";

export const START_CREDITS_CHECKOUT = /* GraphQL */ `
  mutation StartCreditsCheckout($input: StartCreditsCheckoutInput!) {
    startCreditsCheckout(input: $input) {
      url
      problems {
        code
        path
      }
    }
  }
`;
export const PAYMENTS = /* GraphQL */ `
  query Payments($first: Int, $after: String) {
    viewer {
      wallets {
        currency
        balance
      }
      payments(first: $first, after: $after) {
        nodes {
          id
          status
          packageName
          currency
          amount
          paid {
            amount
            currency
          }
          disputed
          sandbox
          refunds {
            id
            reason
            money {
              amount
            }
            takenBack
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
`;

/** An event as Dodo sends it; `id` is that of the message. */
export interface DodoMessage {
  readonly id: string;
  readonly body: Buffer;
}

/** A world in which credits are sold by a stub of Dodo. */
export interface PaymentsBed {
  readonly world: World;
  readonly stubs: Stubs;
  /** What the wish of a checkout looks like. */
  wish(change?: object): Record<string, unknown>;
  /** Opens a page for a person and answers the reference and the id that the store knows it by. */
  checkout(person: TestClient, packageName?: string): Promise<OpenPage>;
  /** Sends a message to a node, signed with a secret. */
  deliver(message: DodoMessage, node?: number, secret?: string): Promise<Response>;
  /** Waits until a message is settled; answers how. */
  settled(message: DodoMessage): Promise<EventRow>;
  /** Waits until a message has taken effect, whatever came before. */
  applied(message: DodoMessage): Promise<EventRow>;
  /** Delivers once and waits. */
  apply(message: DodoMessage): Promise<EventRow>;
  credits(userId: string): Promise<number>;
  rows<T extends object>(sql: string, values?: unknown[]): Promise<T[]>;
  findings(): Promise<string[]>;
  close(): Promise<void>;
}

export interface OpenPage {
  readonly reference: string;
  readonly sessionId: string;
  readonly userId: string;
}

export interface EventRow {
  readonly id: string;
  readonly status: string;
  readonly attempts: number;
  readonly last_error: string | null;
}

const WEB = "https://shop.example";

export async function openPaymentsBed(env: Record<string, string> = {}): Promise<PaymentsBed> {
  const stubs = await startStubs();
  const world = await createWorld({
    env: {
      DODO_API_KEY: STUB_DODO.apiKey,
      DODO_BASE_URL: `${stubs.url}/dodo`,
      DODO_WEBHOOK_SECRETS: STUB_DODO.webhookSecret,
      ALLOWED_ORIGINS: WEB,
      ...env,
    },
  });
  const { database } = world.nodes[0]!.stores;
  const rows = <T extends object>(sql: string, values: unknown[] = []) =>
    database.query<T>(sql, values);
  const wish = (change: object = {}) => ({
    package: "CREDITS_20",
    returnUrl: `${WEB}/paid`,
    cancelUrl: "facet://wallet",
    idempotencyKey: randomUUID(),
    ...change,
  });
  const deliver = (message: DodoMessage, node = 0, secret = STUB_DODO.webhookSecret) =>
    fetch(`${world.nodes[node]!.url}/webhooks/dodo`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...standardWebhookHeaders(message.id, message.body, standardWebhookKey(secret), new Date()),
      },
      body: new Uint8Array(message.body),
    });
  const eventOf = async ({ id }: DodoMessage) =>
    (
      await rows<EventRow>(
        "select id, status, attempts, last_error from webhook_events where event_id = $1",
        [id],
      )
    )[0]!;
  const settled = (message: DodoMessage) =>
    until(
      () => eventOf(message),
      (row) => row !== undefined && (row.status !== "RECEIVED" || row.last_error !== null),
    );
  return {
    world,
    stubs,
    wish,
    deliver,
    settled,
    applied: (message) =>
      until(
        () => eventOf(message),
        ({ status }) => status === "APPLIED",
      ),
    rows,
    checkout: async (person, packageName = "CREDITS_20") => {
      const input = wish({ package: packageName });
      const { startCreditsCheckout } = await person.must(START_CREDITS_CHECKOUT, { input });
      const [row] = await rows<{ reference: string; sessionId: string }>(
        `select id as reference, store_checkout_id as "sessionId" from credit_checkouts
         where url = $1`,
        [startCreditsCheckout.url],
      );
      return { ...row!, userId: person.userId };
    },
    apply: async (message) => {
      const { status } = await deliver(message);
      if (status !== 200) throw new Error(`The webhook was refused: ${status}`);
      return settled(message);
    },
    credits: async (userId) =>
      (
        await rows<{ balance: number }>(
          "select balance from wallets where user_id = $1 and currency = 'CREDITS'",
          [userId],
        )
      )[0]?.balance ?? 0,
    findings: async () => {
      const found = await Promise.all(
        world.nodes[0]!.parts.modules.flatMap(({ reconcile }) => (reconcile ? [reconcile()] : [])),
      );
      return found.flat().map(({ check, subject }) => `${check} ${subject}`);
    },
    close: async () => {
      await world.stop();
      await stubs.close();
    },
  };
}

/** A message of Dodo. @param atSeconds when it happened, in the life of what it is about */
export const message = (type: string, data: object, atSeconds = 0): DodoMessage => ({
  id: `msg_${randomUUID()}`,
  body: Buffer.from(
    JSON.stringify({
      business_id: "bus_1",
      type,
      timestamp: new Date(Date.UTC(2026, 10, 21, 2) + atSeconds * 1_000).toISOString(),
      data,
    }),
  ),
});

/** The messages of one payment for a page. */
export function lifeOf(page: OpenPage, total = 2_000, productId = "pdt_credits_20") {
  const paymentId = `pay_${randomUUID()}`;
  const metadata = { user_id: page.userId, reference: page.reference };
  const about = { payment_id: paymentId, business_id: "bus_1", customer: { customer_id: "cus_1" } };
  return {
    paymentId,
    payment: (status: string, atSeconds = 0) =>
      message(
        `payment.${status}`,
        dodoPayment({ paymentId, status, total, productId, metadata }),
        atSeconds,
      ),
    refund: (amount: number | null, atSeconds = 0) =>
      message(
        "refund.succeeded",
        {
          ...about,
          payload_type: "Refund",
          refund_id: `ref_${randomUUID()}`,
          status: "succeeded",
          amount,
          currency: "USD",
          is_partial: amount !== null,
        },
        atSeconds,
      ),
    dispute: (state: "opened" | "lost", atSeconds = 0) =>
      message(
        `dispute.${state}`,
        { ...about, dispute_id: `dis_${paymentId}`, dispute_status: `dispute_${state}` },
        atSeconds,
      ),
  };
}
