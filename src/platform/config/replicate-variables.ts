import { z } from "zod";
import { integer, missing, mode, optionalText, webhookSecrets } from "./variable-forms.ts";

/** The environment variables of the hair stylist. */
export const replicateVariables = {
  REPLICATE_MODE: mode().describe(
    "hair try-on: a preview drawn here, or Replicate; the latter must reach PUBLIC_URL",
  ),
  REPLICATE_API_TOKEN: optionalText().describe("API token of Replicate"),
  REPLICATE_BASE_URL: z
    .url()
    .default("https://api.replicate.com/v1")
    .describe("base URL of Replicate"),
  REPLICATE_WEBHOOK_SECRETS: webhookSecrets().describe(
    "comma-separated secrets that sign Replicate's webhooks; two while they are rotated",
  ),
  REPLICATE_MODEL: z
    .string()
    .regex(/^[\w.-]+\/[\w.-]+$/, "an owner and a name, such as bytedance/seedream-4")
    .default("bytedance/seedream-4")
    .describe("image model on Replicate"),
  REPLICATE_POLL_MS: integer(10_000, 10, 60_000).describe(
    "how often to ask for a picture whose webhook does not come",
  ),
};

interface Variables {
  readonly REPLICATE_MODE: "local" | "live";
  readonly REPLICATE_API_TOKEN?: string | undefined;
  readonly REPLICATE_WEBHOOK_SECRETS: readonly string[];
}

/** What is wrong with the variables, each with its name. */
export function replicateProblems(environment: Variables): string[] {
  if (environment.REPLICATE_MODE !== "live") return [];
  const { REPLICATE_API_TOKEN, REPLICATE_WEBHOOK_SECRETS } = environment;
  return missing({ REPLICATE_API_TOKEN, REPLICATE_WEBHOOK_SECRETS });
}
