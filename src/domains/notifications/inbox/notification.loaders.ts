import type DataLoader from "dataloader";
import { oneByKey, type Loaders } from "../../../platform/graphql/loaders.ts";
import type { NotificationRepository, NotificationRow } from "./notification.repository.ts";

declare module "../../../platform/graphql/loaders.ts" {
  interface Loaders {
    /** A notification by id. */
    notification: DataLoader<string, NotificationRow | null>;
    /** How many notifications a user has not read; null for none. */
    unreadNotifications: DataLoader<string, { userId: string; count: number } | null>;
  }
}

/** The loaders of one operation. They do not judge ownership. */
export const createNotificationLoaders = (
  notifications: NotificationRepository,
): Pick<Loaders, "notification" | "unreadNotifications"> => ({
  notification: oneByKey(
    (ids) => notifications.byIds(ids),
    (row) => row.id,
  ),
  unreadNotifications: oneByKey(
    (userIds) => notifications.unreadOf(userIds),
    ({ userId }) => userId,
  ),
});
