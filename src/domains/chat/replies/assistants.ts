import type { QuotaUse } from "../../billing/index.ts";
import type { Assistant } from "../chat.ports.ts";
import type { ChatAssistant } from "../chat.vocabulary.ts";

/** Everybody whom a chatroom can be with, and what counts the messages to them. */
export type Assistants = Readonly<
  Record<ChatAssistant, { readonly assistant: Assistant; readonly limit: QuotaUse["limit"] }>
>;
