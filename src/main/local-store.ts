import type { PlanDocument, StoreWebhooks } from "../domains/billing/index.ts";
import { decimalsOf, type Goods } from "../integrations/local-store/goods.ts";
import { LocalStore, localStoreDir } from "../integrations/local-store/local-store.ts";
import { systemClock } from "../platform/clock/clock.ts";
import { dodoMode } from "../platform/config/dodo-variables.ts";
import type { Config } from "../platform/config/env.ts";
import { revenueCatMode } from "../platform/config/revenuecat-variables.ts";
import { stripeMode } from "../platform/config/stripe-variables.ts";
import type { Logger } from "../platform/observe/logger.ts";
import { localAppStoreAuthorization } from "./app-store.ts";
import { webhookSecret } from "./webhook-secrets.ts";

type BillingReport = ReturnType<StoreWebhooks["read"]>[number];

/** Where development buys when a store is not a real one. */
export type BillingLocalStore = LocalStore<BillingReport>;

/**
 * Opens the local store for those stores whose mode is local; null when none is.
 * @param webhooks of all stores: they read what the local one sends
 */
export function openLocalStore(
  config: Config,
  log: Logger,
  webhooks: readonly StoreWebhooks[],
): BillingLocalStore | null {
  if (config.production) return null;
  const played = (provider: string, mode: string, secret: string) => {
    const reader = webhooks.find((each) => each.provider === provider);
    return mode === "local" && reader ? { secret, reader } : null;
  };
  const stores = {
    stripe: played("stripe", stripeMode(config), webhookSecret(config, "stripe")),
    dodo: played("dodo", dodoMode(config), webhookSecret(config, "dodo")),
    revenueCat: played("revenuecat", revenueCatMode(config), localAppStoreAuthorization(config)),
  };
  if (Object.values(stores).every((store) => store === null)) return null;
  return new LocalStore({
    dir: localStoreDir(config.DATA_DIR),
    publicUrl: config.publicUrl,
    secretKey: config.SECRET_KEY,
    clock: systemClock,
    log: log.child({ part: "local-store" }),
    ...stores,
  });
}

/** Where the pages of the local store are; null when every store is a real one, or none. */
export function localStoreUrl(config: Config): string | null {
  const modes = [stripeMode(config), dodoMode(config), revenueCatMode(config)];
  return modes.includes("local") ? `${config.publicUrl}/local-store` : null;
}

const PRICES = { WEEK: 299, MONTH: 999, YEAR: 7_999, FOREVER: 14_999 } as const;
const NAMES = { WEEK: "weekly", MONTH: "monthly", YEAR: "yearly", FOREVER: "for ever" } as const;

/** All that the plan document sells. Where it does not name a price, a likely one is made up. */
export function goodsOf({ plans, pointPackages, creditPackages }: PlanDocument): Goods[] {
  const currency = "USD";
  const plansOf = (store: "stripe" | "revenuecat"): Goods[] =>
    Object.entries(plans).flatMap(([plan, { products }]) =>
      products[store === "stripe" ? "stripe" : "revenueCat"].map((productId) => {
        const lasts = termOf(productId);
        const title = `${capitalised(plan)}, ${NAMES[lasts]}`;
        return { store, productId, title, price: PRICES[lasts], currency, lasts };
      }),
    );
  const points = pointPackages.flatMap(({ points: amount, products }) =>
    products.revenueCat.map((productId) => ({
      store: "revenuecat" as const,
      productId,
      title: `${amount} points`,
      price: Math.max(99, Math.round(amount * 0.99)),
      currency,
      lasts: null,
    })),
  );
  const credits = creditPackages.flatMap(({ credits: amount, price, products }) =>
    products.dodo.map((productId) => ({
      store: "dodo" as const,
      productId,
      title: `${amount} credits`,
      price: Math.round(Number(price.amount) * 10 ** decimalsOf(price.currency)),
      currency: price.currency,
      lasts: null,
    })),
  );
  return [...plansOf("stripe"), ...credits, ...plansOf("revenuecat"), ...points];
}

function termOf(productId: string): keyof typeof PRICES {
  if (/life|forever/i.test(productId)) return "FOREVER";
  if (/year|annual/i.test(productId)) return "YEAR";
  return /week/i.test(productId) ? "WEEK" : "MONTH";
}

const capitalised = (plan: string): string =>
  plan === "VIP" ? plan : plan.charAt(0) + plan.slice(1).toLowerCase();
