import type { CreditStore, StoreWebhooks } from "../domains/billing/index.ts";
import { DodoCreditStore } from "../integrations/dodo/dodo-credit-store.ts";
import { DodoWebhooks } from "../integrations/dodo/dodo-webhooks.ts";
import { dodoMode } from "../platform/config/dodo-variables.ts";
import type { Config } from "../platform/config/env.ts";
import type { ProviderGuard } from "../platform/resilience/guard.ts";
import { webhookSecret } from "./webhook-secrets.ts";

const TIMEOUT_MS = 15_000;
const CONCURRENCY = 16;

/** The store of credits as the configuration chooses it. */
export function openCreditStore(
  config: Config,
  guardOf: (provider: string, timeoutMs: number, concurrency: number) => ProviderGuard,
): { readonly creditStore: CreditStore | null; readonly storeWebhooks: readonly StoreWebhooks[] } {
  const mode = dodoMode(config);
  if (mode === "off") return { creditStore: null, storeWebhooks: [] };
  if (mode === "local") {
    const secrets = [webhookSecret(config, "dodo")];
    return { creditStore: null, storeWebhooks: [new DodoWebhooks({ secrets, sandbox: true })] };
  }
  const baseUrl = config.DODO_BASE_URL;
  const sandbox = new URL(baseUrl).hostname.startsWith("test.");
  return {
    creditStore: new DodoCreditStore({
      baseUrl,
      apiKey: config.DODO_API_KEY ?? "",
      timeoutMs: TIMEOUT_MS,
      sandbox,
      guard: guardOf("dodo", TIMEOUT_MS, CONCURRENCY),
    }),
    storeWebhooks: [new DodoWebhooks({ secrets: config.DODO_WEBHOOK_SECRETS, sandbox })],
  };
}
