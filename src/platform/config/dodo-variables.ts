import { z } from "zod";
import {
  missing,
  optionalText,
  standInProblems,
  type StoreMode,
  storeMode,
  storeModeOf,
  webhookSecrets,
} from "./variable-forms.ts";

/** The environment variables of the store of credits. */
export const dodoVariables = {
  DODO_MODE: storeMode().describe(
    "sale of credits: live by Dodo Payments, local for the built-in store (not in production), or off; empty is live once a key is set",
  ),
  DODO_API_KEY: optionalText().describe("API key of Dodo Payments"),
  DODO_BASE_URL: z
    .url()
    .default("https://live.dodopayments.com")
    .describe("base URL of Dodo Payments; one with the host name test.… sells for no real money"),
  DODO_WEBHOOK_SECRETS: webhookSecrets().describe(
    "comma-separated secrets that sign Dodo's webhooks; two while they are rotated",
  ),
};

interface Variables {
  readonly NODE_ENV: string;
  readonly DODO_MODE?: StoreMode | undefined;
  readonly DODO_API_KEY?: string | undefined;
  readonly DODO_WEBHOOK_SECRETS: readonly string[];
}

/** The mode that is asked for, or that follows from the rest: never a stand-in in production. */
export const dodoMode = (environment: Variables): StoreMode =>
  storeModeOf(environment.DODO_MODE, {
    nodeEnv: environment.NODE_ENV,
    isConfigured: environment.DODO_API_KEY !== undefined,
  });

/** What is wrong with the variables, each with its name. */
export function dodoProblems(environment: Variables): string[] {
  const chosen = dodoMode(environment);
  const { DODO_API_KEY, DODO_WEBHOOK_SECRETS } = environment;
  return [
    ...standInProblems("DODO_MODE", chosen, environment.NODE_ENV),
    ...(chosen === "live" ? missing({ DODO_API_KEY, DODO_WEBHOOK_SECRETS }) : []),
  ];
}
