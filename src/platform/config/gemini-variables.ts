import { z } from "zod";
import { mode, optionalText } from "./variable-forms.ts";

/** The environment variables of the chat's assistant. */
export const geminiVariables = {
  GEMINI_MODE: mode().describe("chat: an assistant of fixed rules, or Gemini"),
  GEMINI_BASE_URL: z
    .url()
    .default("https://generativelanguage.googleapis.com")
    .describe("base URL of Gemini, without the version"),
  GEMINI_API_KEY: optionalText().describe("API key of Gemini"),
  GEMINI_MODEL: z.string().default("gemini-3.8-flash").describe("model for chat"),
};
