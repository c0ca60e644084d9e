import type { AppStore, StoreWebhooks } from "../domains/billing/index.ts";
import { RevenueCatAppStore } from "../integrations/revenuecat/revenuecat-app-store.ts";
import { RevenueCatWebhooks } from "../integrations/revenuecat/revenuecat-webhooks.ts";
import type { Config } from "../platform/config/env.ts";
import { revenueCatMode } from "../platform/config/revenuecat-variables.ts";
import { derivedKey } from "../platform/crypto/derived-key.ts";
import type { ProviderGuard } from "../platform/resilience/guard.ts";

const TIMEOUT_MS = 10_000;
const CONCURRENCY = 16;

/** The stores of phones as the configuration chooses them. */
export function openAppStore(
  config: Config,
  guardOf: (provider: string, timeoutMs: number, concurrency: number) => ProviderGuard,
): { readonly appStore: AppStore | null; readonly storeWebhooks: readonly StoreWebhooks[] } {
  const mode = revenueCatMode(config);
  if (mode === "off") return { appStore: null, storeWebhooks: [] };
  if (mode === "local") {
    const authorization = localAppStoreAuthorization(config);
    return { appStore: null, storeWebhooks: [new RevenueCatWebhooks({ authorization })] };
  }
  const { REVENUECAT_API_KEY: apiKey, REVENUECAT_WEBHOOK_AUTHORIZATION: authorization } = config;
  return {
    appStore:
      apiKey === undefined
        ? null
        : new RevenueCatAppStore({
            baseUrl: config.REVENUECAT_BASE_URL,
            apiKey,
            timeoutMs: TIMEOUT_MS,
            guard: guardOf("revenuecat", TIMEOUT_MS, CONCURRENCY),
          }),
    storeWebhooks: [
      new RevenueCatWebhooks({
        ...(authorization !== undefined && { authorization }),
        signingSecrets: config.REVENUECAT_WEBHOOK_SECRETS,
      }),
    ],
  };
}

/** The `Authorization` header by which development sends itself webhooks of RevenueCat. */
export const localAppStoreAuthorization = ({ SECRET_KEY }: Pick<Config, "SECRET_KEY">): string =>
  `Bearer ${Buffer.from(derivedKey(SECRET_KEY, "webhooks of revenuecat")).toString("base64url")}`;
