import { z } from "zod";

/** The environment variables of the hair stylist. */
export const replicateVariables = {
  REPLICATE_MODE: z
    .enum(["local", "live"])
    .default("local")
    .describe("hair try-on: a preview drawn here, or Replicate; the latter must reach PUBLIC_URL"),
  REPLICATE_API_TOKEN: z
    .string()
    .trim()
    .transform((value) => (value === "" ? undefined : value))
    .optional()
    .describe("API token of Replicate"),
  REPLICATE_BASE_URL: z
    .url()
    .default("https://api.replicate.com/v1")
    .describe("base URL of Replicate"),
  REPLICATE_WEBHOOK_SECRETS: z
    .string()
    .default("")
    .transform((value) =>
      value
        .split(",")
        .map((part) => part.trim())
        .filter((part) => part !== ""),
    )
    .refine((secrets) => secrets.every((one) => /^(whsec_)?[A-Za-z0-9+/]+={0,2}$/.test(one)), {
      error: "secrets such as whsec_ and base64",
    })
    .describe("comma-separated secrets that sign Replicate's webhooks; two while they are rotated"),
  REPLICATE_MODEL: z
    .string()
    .regex(/^[\w.-]+\/[\w.-]+$/, "an owner and a name, such as bytedance/seedream-4")
    .default("bytedance/seedream-4")
    .describe("image model on Replicate"),
  REPLICATE_POLL_MS: z.coerce
    .number()
    .int()
    .min(10)
    .max(60_000)
    .default(10_000)
    .describe("how often to ask for a picture whose webhook does not come"),
};

interface Variables {
  readonly REPLICATE_MODE: "local" | "live";
  readonly REPLICATE_API_TOKEN?: string | undefined;
  readonly REPLICATE_WEBHOOK_SECRETS: readonly string[];
}

/** What is wrong with the variables, each with its name. */
export function replicateProblems(environment: Variables): string[] {
  if (environment.REPLICATE_MODE !== "live") return [];
  const problems: string[] = [];
  if (environment.REPLICATE_API_TOKEN === undefined) {
    problems.push("REPLICATE_API_TOKEN: needed by the mode that is switched on");
  }
  if (environment.REPLICATE_WEBHOOK_SECRETS.length === 0) {
    problems.push("REPLICATE_WEBHOOK_SECRETS: needed by the mode that is switched on");
  }
  return problems;
}
