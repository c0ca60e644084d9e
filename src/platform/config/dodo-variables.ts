import { z } from "zod";

const optionalText = () =>
  z
    .string()
    .trim()
    .transform((value) => (value === "" ? undefined : value))
    .optional();

/** The environment variables of the store of credits. */
export const dodoVariables = {
  DODO_MODE: z
    .enum(["live", "local", "off"])
    .optional()
    .describe(
      "sale of credits: live by Dodo Payments, local for the built-in store (not in production), or off; empty is live once a key is set",
    ),
  DODO_API_KEY: optionalText().describe("API key of Dodo Payments"),
  DODO_BASE_URL: z
    .url()
    .default("https://live.dodopayments.com")
    .describe("base URL of Dodo Payments; one with the host name test.… sells for no real money"),
  DODO_WEBHOOK_SECRETS: z
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
    .describe("comma-separated secrets that sign Dodo's webhooks; two while they are rotated"),
};

interface Variables {
  readonly NODE_ENV: string;
  readonly DODO_MODE?: "live" | "local" | "off" | undefined;
  readonly DODO_API_KEY?: string | undefined;
  readonly DODO_WEBHOOK_SECRETS: readonly string[];
}

/** The mode that is asked for, or that follows from the rest: never a stand-in in production. */
export function dodoMode(environment: Variables): "live" | "local" | "off" {
  if (environment.DODO_MODE !== undefined) return environment.DODO_MODE;
  if (environment.DODO_API_KEY !== undefined) return "live";
  return environment.NODE_ENV === "production" ? "off" : "local";
}

/** What is wrong with the variables, each with its name. */
export function dodoProblems(environment: Variables): string[] {
  const mode = dodoMode(environment);
  if (mode === "local" && environment.NODE_ENV === "production") {
    return ["DODO_MODE: must be live or off in production"];
  }
  const problems: string[] = [];
  if (mode === "live" && environment.DODO_API_KEY === undefined) {
    problems.push("DODO_API_KEY: needed by the mode that is switched on");
  }
  if (mode === "live" && environment.DODO_WEBHOOK_SECRETS.length === 0) {
    problems.push("DODO_WEBHOOK_SECRETS: needed by the mode that is switched on");
  }
  return problems;
}
