import type { StoreWebhooks, SubscriptionStore } from "../domains/billing/index.ts";
import { StripeSubscriptionStore } from "../integrations/stripe/stripe-subscription-store.ts";
import { StripeWebhooks } from "../integrations/stripe/stripe-webhooks.ts";
import type { Config } from "../platform/config/env.ts";
import { stripeMode } from "../platform/config/stripe-variables.ts";
import type { ProviderGuard } from "../platform/resilience/guard.ts";
import { webhookSecret } from "./webhook-secrets.ts";

const TIMEOUT_MS = 20_000;
const CONCURRENCY = 16;

/** The store of subscriptions on the web as the configuration chooses it. */
export function openSubscriptionStore(
  config: Config,
  guardOf: (provider: string, timeoutMs: number, concurrency: number) => ProviderGuard,
): {
  readonly subscriptionStore: SubscriptionStore | null;
  readonly storeWebhooks: readonly StoreWebhooks[];
} {
  const mode = stripeMode(config);
  if (mode === "off") return { subscriptionStore: null, storeWebhooks: [] };
  const given = config.STRIPE_WEBHOOK_SECRETS;
  if (mode === "local") {
    const secrets = [webhookSecret(config, "stripe"), ...given];
    return { subscriptionStore: null, storeWebhooks: [new StripeWebhooks(secrets)] };
  }
  return {
    subscriptionStore: new StripeSubscriptionStore({
      baseUrl: config.STRIPE_BASE_URL,
      secretKey: config.STRIPE_SECRET_KEY ?? "",
      timeoutMs: TIMEOUT_MS,
      guard: guardOf("stripe", TIMEOUT_MS, CONCURRENCY),
    }),
    storeWebhooks: [new StripeWebhooks(given)],
  };
}
