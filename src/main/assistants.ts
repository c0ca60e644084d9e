import type { Assistant } from "../domains/chat/index.ts";
import { GeminiAssistant } from "../integrations/gemini/gemini-assistant.ts";
import { RuleBasedAssistant } from "../integrations/gemini/local/rule-based-assistant.ts";
import { RuleBasedPal } from "../integrations/openai/local/pal/rule-based-pal.ts";
import { OpenAiPal } from "../integrations/openai/pal/openai-pal.ts";
import type { Config } from "../platform/config/env.ts";
import type { ProviderGuard } from "../platform/resilience/guard.ts";

const TIMEOUT_MS = 60_000;
/** Counts only those whose first word is awaited. */
const CHATS_AT_ONCE = 256;

type GuardOf = (provider: string, timeoutMs: number, concurrency: number) => ProviderGuard;

/** Whom people can talk to. */
export const openAssistants = (
  config: Config,
  guardOf: GuardOf,
): { readonly assistant: Assistant; readonly pal: Assistant } => ({
  assistant: openAssistant(config, guardOf),
  pal: openPal(config, guardOf),
});

function openAssistant(config: Config, guardOf: GuardOf): Assistant {
  if (config.GEMINI_MODE === "local") return new RuleBasedAssistant();
  return new GeminiAssistant({
    baseUrl: config.GEMINI_BASE_URL,
    apiKey: config.GEMINI_API_KEY ?? "",
    model: config.GEMINI_MODEL,
    guard: guardOf("gemini", TIMEOUT_MS, CHATS_AT_ONCE),
  });
}

function openPal(config: Config, guardOf: GuardOf): Assistant {
  if (config.OPENAI_MODE === "local") return new RuleBasedPal();
  return new OpenAiPal({
    baseUrl: config.OPENAI_BASE_URL,
    apiKey: config.OPENAI_API_KEY ?? "",
    model: config.OPENAI_MODEL,
    timeoutMs: config.OPENAI_TIMEOUT_MS,
    // A guard of its own: talks must not wait for long texts, nor these for talks.
    guard: guardOf("openai-pal", config.OPENAI_TIMEOUT_MS, CHATS_AT_ONCE),
  });
}
