import { z } from "zod";

const DEFAULT_GRACE_DAYS = 7;

/** The environment variables of the store on the web. */
export const stripeVariables = {
  STRIPE_MODE: z
    .enum(["live", "local", "off"])
    .optional()
    .describe(
      "subscriptions on the web: live by Stripe, local for a stand-in (not in production), or off; empty is live once a key is set",
    ),
  STRIPE_SECRET_KEY: z
    .string()
    .trim()
    .transform((value) => (value === "" ? undefined : value))
    .optional()
    .describe("secret key of Stripe"),
  STRIPE_WEBHOOK_SECRETS: z
    .string()
    .default("")
    .transform((value) =>
      value
        .split(",")
        .map((part) => part.trim())
        .filter((part) => part !== ""),
    )
    .describe(
      "comma-separated secrets, whsec_…, that sign Stripe's webhooks; two while they are rotated",
    ),
  STRIPE_BASE_URL: z.url().default("https://api.stripe.com").describe("base URL of Stripe"),
  SUBSCRIPTION_GRACE_DAYS: z.coerce
    .number()
    .int()
    .min(0)
    .max(60)
    .default(DEFAULT_GRACE_DAYS)
    .describe("days that a plan stays after a failed payment, when its store does not say"),
};

interface Variables {
  readonly NODE_ENV: string;
  readonly STRIPE_MODE?: "live" | "local" | "off" | undefined;
  readonly STRIPE_SECRET_KEY?: string | undefined;
  readonly STRIPE_WEBHOOK_SECRETS: readonly string[];
}

/** The mode that is asked for, or that follows from the rest: never a stand-in in production. */
export function stripeMode(environment: Variables): "live" | "local" | "off" {
  if (environment.STRIPE_MODE !== undefined) return environment.STRIPE_MODE;
  if (environment.STRIPE_SECRET_KEY !== undefined) return "live";
  return environment.NODE_ENV === "production" ? "off" : "local";
}

/** What is wrong with the variables, each with its name. */
export function stripeProblems(environment: Variables): string[] {
  const mode = stripeMode(environment);
  if (mode === "local" && environment.NODE_ENV === "production") {
    return ["STRIPE_MODE: must be live or off in production"];
  }
  if (mode !== "live") return [];
  const problems: string[] = [];
  if (environment.STRIPE_SECRET_KEY === undefined) {
    problems.push("STRIPE_SECRET_KEY: needed by the mode that is switched on");
  }
  if (environment.STRIPE_WEBHOOK_SECRETS.length === 0) {
    problems.push("STRIPE_WEBHOOK_SECRETS: needed by the mode that is switched on");
  }
  return problems;
}
