import type { AnalysesModule } from "../domains/analyses/index.ts";
import type { QuotaService } from "../domains/billing/index.ts";
import { createChatModule, type ChatModule } from "../domains/chat/index.ts";
import type { GoalsModule } from "../domains/goals/index.ts";
import type { ComposeOptions, Platform } from "./compose.ts";

/** Chat, with everybody whom one can talk to, and what they are told. */
export const composeChat = (
  { config, stores, providers, log }: ComposeOptions,
  platform: Platform,
  quotas: QuotaService,
  { recent }: AnalysesModule,
  { goals }: GoalsModule,
): ChatModule =>
  createChatModule({
    ...platform,
    ...stores,
    quotas,
    assistants: {
      GENERAL: { assistant: providers.assistant, limit: "CHAT_MESSAGES" },
      PAL: { assistant: providers.pal, limit: "PAL_QUESTIONS" },
    },
    analyses: recent,
    goals,
    hashUser: providers.hashUser,
    contextTokens: config.CHAT_CONTEXT_TOKENS,
    messageLimit: {
      name: "chat-messages",
      points: config.CHAT_MESSAGES_PER_MINUTE,
      windowSeconds: 60,
    },
    deadlineMs: config.JOB_DEADLINE_SECONDS * 1000,
    log,
  });
