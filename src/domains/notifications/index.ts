export { createNotificationsModule } from "./notifications.module.ts";
export type { NotificationsModule } from "./notifications.module.ts";
export type { PushMessage, PushPlatform, PushSender } from "./notifications.ports.ts";
