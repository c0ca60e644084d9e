import type { HairStylist, StylistWebhooks } from "../domains/tryon/index.ts";
import { LocalStylist } from "../integrations/replicate/local/local-stylist.ts";
import { ReplicateStylist } from "../integrations/replicate/replicate-stylist.ts";
import { ReplicateWebhooks } from "../integrations/replicate/replicate-webhooks.ts";
import type { Config } from "../platform/config/env.ts";
import type { FaceDetector } from "../platform/faces/face-detector.ts";
import type { ProviderGuard } from "../platform/resilience/guard.ts";

const TIMEOUT_MS = 15_000;
const CONCURRENCY = 16;

/** What shows people with another hairstyle, and what it reports. */
export function openHairStylist(
  config: Config,
  faces: FaceDetector,
  guardOf: (provider: string, timeoutMs: number, concurrency: number) => ProviderGuard,
): { readonly stylist: HairStylist; readonly stylistWebhooks: StylistWebhooks | null } {
  if (config.REPLICATE_MODE === "local") {
    return { stylist: new LocalStylist(faces), stylistWebhooks: null };
  }
  const stylist = new ReplicateStylist({
    baseUrl: config.REPLICATE_BASE_URL,
    token: config.REPLICATE_API_TOKEN ?? "",
    model: config.REPLICATE_MODEL,
    timeoutMs: TIMEOUT_MS,
    pollMs: config.REPLICATE_POLL_MS,
    webhookUrl: () => `${config.publicUrl}/webhooks/replicate`,
    guard: guardOf("replicate", TIMEOUT_MS, CONCURRENCY),
    allowInsecureUrls: !config.production,
  });
  return { stylist, stylistWebhooks: new ReplicateWebhooks(config.REPLICATE_WEBHOOK_SECRETS) };
}
