import { z } from "zod";
import {
  integer,
  list,
  missing,
  optionalText,
  standInProblems,
  type StoreMode,
  storeMode,
  storeModeOf,
} from "./variable-forms.ts";

const DEFAULT_GRACE_DAYS = 7;

/** The environment variables of the store on the web. */
export const stripeVariables = {
  STRIPE_MODE: storeMode().describe(
    "subscriptions on the web: live by Stripe, local for a stand-in (not in production), or off; empty is live once a key is set",
  ),
  STRIPE_SECRET_KEY: optionalText().describe("secret key of Stripe"),
  STRIPE_WEBHOOK_SECRETS: list().describe(
    "comma-separated secrets, whsec_…, that sign Stripe's webhooks; two while they are rotated",
  ),
  STRIPE_BASE_URL: z.url().default("https://api.stripe.com").describe("base URL of Stripe"),
  SUBSCRIPTION_GRACE_DAYS: integer(DEFAULT_GRACE_DAYS, 0, 60).describe(
    "days that a plan stays after a failed payment, when its store does not say",
  ),
};

interface Variables {
  readonly NODE_ENV: string;
  readonly STRIPE_MODE?: StoreMode | undefined;
  readonly STRIPE_SECRET_KEY?: string | undefined;
  readonly STRIPE_WEBHOOK_SECRETS: readonly string[];
}

/** The mode that is asked for, or that follows from the rest: never a stand-in in production. */
export const stripeMode = (environment: Variables): StoreMode =>
  storeModeOf(environment.STRIPE_MODE, {
    nodeEnv: environment.NODE_ENV,
    isConfigured: environment.STRIPE_SECRET_KEY !== undefined,
  });

/** What is wrong with the variables, each with its name. */
export function stripeProblems(environment: Variables): string[] {
  const chosen = stripeMode(environment);
  const { STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRETS } = environment;
  return [
    ...standInProblems("STRIPE_MODE", chosen, environment.NODE_ENV),
    ...(chosen === "live" ? missing({ STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRETS }) : []),
  ];
}
