import { z } from "zod";

const optionalText = () =>
  z
    .string()
    .trim()
    .transform((value) => (value === "" ? undefined : value))
    .optional();

/** The environment variables of the stores of phones. */
export const revenueCatVariables = {
  REVENUECAT_MODE: z
    .enum(["live", "local", "off"])
    .optional()
    .describe(
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
  REVENUECAT_WEBHOOK_SECRETS: z
    .string()
    .default("")
    .transform((value) =>
      value
        .split(",")
        .map((part) => part.trim())
        .filter((part) => part !== ""),
    )
    .describe(
      "comma-separated secrets that sign RevenueCat's webhooks; two while they are rotated",
    ),
};

interface Variables {
  readonly NODE_ENV: string;
  readonly REVENUECAT_MODE?: "live" | "local" | "off" | undefined;
  readonly REVENUECAT_API_KEY?: string | undefined;
  readonly REVENUECAT_WEBHOOK_AUTHORIZATION?: string | undefined;
  readonly REVENUECAT_WEBHOOK_SECRETS: readonly string[];
}

/** The mode that is asked for, or that follows from the rest: never a stand-in in production. */
export function revenueCatMode(environment: Variables): "live" | "local" | "off" {
  if (environment.REVENUECAT_MODE !== undefined) return environment.REVENUECAT_MODE;
  if (environment.REVENUECAT_API_KEY !== undefined || hasWebhookSecret(environment)) return "live";
  return environment.NODE_ENV === "production" ? "off" : "local";
}

/** What is wrong with the variables, each with its name. */
export function revenueCatProblems(environment: Variables): string[] {
  const mode = revenueCatMode(environment);
  if (mode === "local" && environment.NODE_ENV === "production") {
    return ["REVENUECAT_MODE: must be live or off in production"];
  }
  if (mode === "live" && !hasWebhookSecret(environment)) {
    return [
      "REVENUECAT_WEBHOOK_AUTHORIZATION: this or REVENUECAT_WEBHOOK_SECRETS is needed by the mode that is switched on",
    ];
  }
  return [];
}

const hasWebhookSecret = (environment: Variables): boolean =>
  environment.REVENUECAT_WEBHOOK_AUTHORIZATION !== undefined ||
  environment.REVENUECAT_WEBHOOK_SECRETS.length > 0;
