import { z } from "zod";

/** The environment variables of the chat's assistant. */
export const geminiVariables = {
  GEMINI_MODE: z
    .enum(["local", "live"])
    .default("local")
    .describe("chat: an assistant of fixed rules, or Gemini"),
  GEMINI_BASE_URL: z
    .url()
    .default("https://generativelanguage.googleapis.com")
    .describe("base URL of Gemini, without the version"),
  GEMINI_API_KEY: z
    .string()
    .trim()
    .transform((value) => (value === "" ? undefined : value))
    .optional()
    .describe("API key of Gemini"),
  GEMINI_MODEL: z.string().default("gemini-3.8-flash").describe("model for chat"),
};
