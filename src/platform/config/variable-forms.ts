import { z } from "zod";

/** A whole number with its bounds. */
export const integer = (fallback: number, min: number, max: number) =>
  z.coerce.number().int().min(min).max(max).default(fallback);

/** A text; an empty one is none. */
export const optionalText = () =>
  z
    .string()
    .trim()
    .transform((value) => (value === "" ? undefined : value))
    .optional();

/** A URL of some protocols, or none. */
export const optionalUrl = (protocols: RegExp, expectation: string) =>
  optionalText().refine((value) => value === undefined || protocols.test(value), {
    error: expectation,
  });

/** Texts between commas. */
export const list = (fallback = "") =>
  z
    .string()
    .default(fallback)
    .transform((value) =>
      value
        .split(",")
        .map((part) => part.trim())
        .filter((part) => part !== ""),
    );

/** Secrets of Standard Webhooks between commas. */
export const webhookSecrets = () =>
  list().refine((secrets) => secrets.every((one) => /^(whsec_)?[A-Za-z0-9+/]+={0,2}$/.test(one)), {
    error: "secrets such as whsec_ and base64",
  });

/** A provider that has a stand-in. */
export const mode = () => z.enum(["local", "live"]).default("local");

/** How something is sold: by its store, by the built-in one, or not at all. */
export type StoreMode = "live" | "local" | "off";

/** A store; empty is chosen by `storeModeOf`. */
export const storeMode = () => z.enum(["live", "local", "off"]).optional();

/** The mode that is asked for, or that follows from the rest: never a stand-in in production. */
export function storeModeOf(
  asked: StoreMode | undefined,
  { nodeEnv, isConfigured }: { readonly nodeEnv: string; readonly isConfigured: boolean },
): StoreMode {
  if (asked !== undefined) return asked;
  if (isConfigured) return "live";
  return nodeEnv === "production" ? "off" : "local";
}

/** A mode that production refuses, told with the variable's name. */
export const standInProblems = (name: string, chosen: StoreMode, nodeEnv: string): string[] =>
  chosen === "local" && nodeEnv === "production"
    ? [`${name}: must be live or off in production`]
    : [];

/** Which of these variables are empty, each with its name. */
export const missing = (
  needed: Readonly<Record<string, string | readonly string[] | undefined>>,
): string[] =>
  Object.entries(needed)
    .filter(([, value]) => value === undefined || value.length === 0)
    .map(([name]) => `${name}: needed by the mode that is switched on`);
