export { createChatModule, type ChatModule } from "./chat.module.ts";
export type { Assistant } from "./chat.ports.ts";
