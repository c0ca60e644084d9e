import type { WebhookSource } from "../../../platform/webhooks/webhook-source.ts";
import type { StoreWebhooks } from "../billing.ports.ts";
import type { BillingReports } from "./billing-reports.ts";

/** Makes a store's webhooks a source of the inbox: each event's reports are applied together, or it is tried again. */
export function storeWebhookSource(
  webhooks: StoreWebhooks,
  reports: Pick<BillingReports, "apply">,
): WebhookSource {
  return {
    provider: webhooks.provider,
    verify: (rawBody, headers, now) => webhooks.verify(rawBody, headers, now),
    describe: (payload, headers) => webhooks.describe(payload, headers),
    apply: async (tx, event) => {
      let applied = false;
      for (const report of webhooks.read(event.payload)) {
        applied = (await reports.apply(tx, report)) || applied;
      }
      return applied ? "APPLIED" : "IGNORED";
    },
  };
}
