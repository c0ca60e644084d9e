import { z } from "zod";
import {
  list,
  optionalText,
  standInProblems,
  type StoreMode,
  storeMode,
  storeModeOf,
} from "./variable-forms.ts";

/** The environment variables of the stores of phones. */
export const revenueCatVariables = {
  REVENUECAT_MODE: storeMode().describe(
    "purchases in the stores of phones: live by RevenueCat, local for webhooks that development sends to itself (not in production), or off; empty is live once a key or a secret is set",
  ),
  REVENUECAT_BASE_URL: z
    .url()
    .default("https://api.revenuecat.com")
    .describe("base URL of RevenueCat"),
  REVENUECAT_API_KEY: optionalText().describe(
    "API key of RevenueCat; without it purchases are known by webhooks alone",
  ),
  REVENUECAT_WEBHOOK_AUTHORIZATION: optionalText().describe(
    "the whole Authorization header of RevenueCat's webhooks",
  ),
  REVENUECAT_WEBHOOK_SECRETS: list().describe(
    "comma-separated secrets that sign RevenueCat's webhooks; two while they are rotated",
  ),
};

interface Variables {
  readonly NODE_ENV: string;
  readonly REVENUECAT_MODE?: StoreMode | undefined;
  readonly REVENUECAT_API_KEY?: string | undefined;
  readonly REVENUECAT_WEBHOOK_AUTHORIZATION?: string | undefined;
  readonly REVENUECAT_WEBHOOK_SECRETS: readonly string[];
}

/** The mode that is asked for, or that follows from the rest: never a stand-in in production. */
export const revenueCatMode = (environment: Variables): StoreMode =>
  storeModeOf(environment.REVENUECAT_MODE, {
    nodeEnv: environment.NODE_ENV,
    isConfigured: environment.REVENUECAT_API_KEY !== undefined || hasWebhookSecret(environment),
  });

/** What is wrong with the variables, each with its name. */
export function revenueCatProblems(environment: Variables): string[] {
  const chosen = revenueCatMode(environment);
  if (chosen === "live" && !hasWebhookSecret(environment)) {
    return [
      "REVENUECAT_WEBHOOK_AUTHORIZATION: this or REVENUECAT_WEBHOOK_SECRETS is needed by the mode that is switched on",
    ];
  }
  return standInProblems("REVENUECAT_MODE", chosen, environment.NODE_ENV);
}

const hasWebhookSecret = (environment: Variables): boolean =>
  environment.REVENUECAT_WEBHOOK_AUTHORIZATION !== undefined ||
  environment.REVENUECAT_WEBHOOK_SECRETS.length > 0;
